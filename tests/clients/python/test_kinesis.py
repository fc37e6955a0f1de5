"""Kinesis streams through boto3: shards, records, iterators, and the changes of a table that go to one."""

import json
import time
from uuid import uuid4

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, EventStreamError

from conftest import CREDENTIALS


@pytest.fixture(scope="session")
def kinesis(endpoint):
    return boto3.client("kinesis", endpoint_url=endpoint, config=Config(max_pool_connections=32), **CREDENTIALS)


@pytest.fixture
def stream(kinesis):
    name = f"s-{uuid4().hex}"
    kinesis.create_stream(StreamName=name, ShardCount=2)
    kinesis.get_waiter("stream_exists").wait(StreamName=name)
    yield name
    kinesis.delete_stream(StreamName=name, EnforceConsumerDeletion=True)
    kinesis.get_waiter("stream_not_exists").wait(StreamName=name)


def shards_of(kinesis, stream):
    pages = kinesis.get_paginator("list_shards").paginate(StreamName=stream)
    return [shard for page in pages for shard in page["Shards"]]


def read(kinesis, stream, shard_id, kind="TRIM_HORIZON", **start):
    """All records of a shard that are there, and what the last page said."""
    where = {"StreamName": stream, "ShardId": shard_id, "ShardIteratorType": kind, **start}
    iterator, records = kinesis.get_shard_iterator(**where)["ShardIterator"], []
    while True:
        page = kinesis.get_records(ShardIterator=iterator, Limit=100)
        records += page["Records"]
        iterator = page.get("NextShardIterator")
        if iterator is None or not page["Records"]:
            return records, page


def test_records_come_back_by_shard_in_order(kinesis, stream):
    put = {}
    for batch in range(5):
        entries = [{"PartitionKey": f"k{i}", "Data": f"{batch}-{i}".encode()} for i in range(100)]
        answer = kinesis.put_records(StreamName=stream, Records=entries)
        assert answer["FailedRecordCount"] == 0
        for entry, result in zip(entries, answer["Records"]):
            put.setdefault(result["ShardId"], []).append((result["SequenceNumber"], entry["Data"]))
    for shard in shards_of(kinesis, stream):
        records, last = read(kinesis, stream, shard["ShardId"])
        assert [(record["SequenceNumber"], record["Data"]) for record in records] == put[shard["ShardId"]]
        numbers = [int(record["SequenceNumber"]) for record in records]
        assert numbers == sorted(set(numbers)) and numbers[0] > int(shard["SequenceNumberRange"]["StartingSequenceNumber"])
        assert last["MillisBehindLatest"] == 0


def test_iterators_of_every_type(kinesis, stream):
    put = [kinesis.put_record(StreamName=stream, PartitionKey="a", Data=str(i).encode()) for i in range(3)]
    shard, number = put[0]["ShardId"], put[1]["SequenceNumber"]
    data = lambda kind, **start: [record["Data"] for record in read(kinesis, stream, shard, kind, **start)[0]]
    assert data("TRIM_HORIZON") == [b"0", b"1", b"2"]
    assert data("AT_SEQUENCE_NUMBER", StartingSequenceNumber=number) == [b"1", b"2"]
    assert data("AFTER_SEQUENCE_NUMBER", StartingSequenceNumber=number) == [b"2"]
    assert data("LATEST") == []
    arrived = read(kinesis, stream, shard)[0][0]["ApproximateArrivalTimestamp"]
    assert data("AT_TIMESTAMP", Timestamp=arrived) == [b"0", b"1", b"2"]


def test_large_records(kinesis, stream):
    data = bytes(range(256)) * 4096
    answer = kinesis.put_record(StreamName=stream, PartitionKey="a", Data=data)
    records, _ = read(kinesis, stream, answer["ShardId"])
    assert records[0]["Data"] == data
    with pytest.raises(ClientError) as refused:
        kinesis.put_record(StreamName=stream, PartitionKey="a", Data=data + b"x")
    assert refused.value.response["Error"]["Code"] == "ValidationException"
    with pytest.raises(kinesis.exceptions.InvalidArgumentException, match="Records size exceeds 5 MB limit"):
        kinesis.put_records(StreamName=stream, Records=[{"PartitionKey": "a", "Data": data}] * 5)


def test_what_is_not_there(kinesis, stream):
    with pytest.raises(kinesis.exceptions.ResourceNotFoundException, match="Stream none under account 000000000000 not found."):
        kinesis.describe_stream(StreamName="none")
    with pytest.raises(kinesis.exceptions.ResourceInUseException):
        kinesis.create_stream(StreamName=stream, ShardCount=1)
    assert stream in [name for page in kinesis.get_paginator("list_streams").paginate() for name in page["StreamNames"]]


def test_readers_follow_splits_and_merges(kinesis, stream):
    before = kinesis.put_records(StreamName=stream, Records=[{"PartitionKey": f"k{i}", "Data": b"before"} for i in range(50)])
    kinesis.update_shard_count(StreamName=stream, TargetShardCount=3, ScalingType="UNIFORM_SCALING")
    kinesis.get_waiter("stream_exists").wait(StreamName=stream)
    after = kinesis.put_records(StreamName=stream, Records=[{"PartitionKey": f"k{i}", "Data": b"after"} for i in range(50)])
    assert before["FailedRecordCount"] == after["FailedRecordCount"] == 0
    shards, seen = shards_of(kinesis, stream), []
    for shard in shards:
        records, last = read(kinesis, stream, shard["ShardId"])
        seen += [(record["PartitionKey"], record["Data"]) for record in records]
        children = {child["ShardId"] for child in last.get("ChildShards", [])}
        parents = lambda one: {one.get("ParentShardId"), one.get("AdjacentParentShardId")}
        assert children == {one["ShardId"] for one in shards if shard["ShardId"] in parents(one)}
        assert bool(children) == ("EndingSequenceNumber" in shard["SequenceNumberRange"])
    for key in {f"k{i}" for i in range(50)}:
        assert [data for seen_key, data in seen if seen_key == key] == [b"before", b"after"]
    assert kinesis.describe_stream_summary(StreamName=stream)["StreamDescriptionSummary"]["OpenShardCount"] == 3


def test_settings_tags_and_consumers(kinesis, stream):
    arn = kinesis.describe_stream_summary(StreamName=stream)["StreamDescriptionSummary"]["StreamARN"]
    kinesis.increase_stream_retention_period(StreamName=stream, RetentionPeriodHours=72)
    kinesis.add_tags_to_stream(StreamName=stream, Tags={"a": "1"})
    kinesis.update_stream_mode(StreamARN=arn, StreamModeDetails={"StreamMode": "ON_DEMAND"})
    described = kinesis.describe_stream(StreamName=stream)["StreamDescription"]
    assert (described["RetentionPeriodHours"], described["StreamModeDetails"]["StreamMode"]) == (72, "ON_DEMAND")
    assert kinesis.list_tags_for_stream(StreamName=stream)["Tags"] == [{"Key": "a", "Value": "1"}]
    consumer = kinesis.register_stream_consumer(StreamARN=arn, ConsumerName="c")["Consumer"]
    assert consumer["ConsumerARN"].startswith(f"{arn}/consumer/c:") and consumer["ConsumerStatus"] == "ACTIVE"
    listed = [one for page in kinesis.get_paginator("list_stream_consumers").paginate(StreamARN=arn) for one in page["Consumers"]]
    assert listed == [consumer]
    kinesis.deregister_stream_consumer(ConsumerARN=consumer["ConsumerARN"])
    assert kinesis.list_stream_consumers(StreamARN=arn)["Consumers"] == []


def test_changes_of_a_table_go_to_a_stream(client, kinesis, stream, table):
    arn = kinesis.describe_stream_summary(StreamName=stream)["StreamDescriptionSummary"]["StreamARN"]
    destination = {"TableName": table.name, "StreamArn": arn}
    precise = {"ApproximateCreationDateTimePrecision": "MICROSECOND"}
    enabled = client.enable_kinesis_streaming_destination(EnableKinesisStreamingConfiguration=precise, **destination)
    assert enabled["DestinationStatus"] == "ENABLING"
    client.get_waiter("kinesis_streaming_destination_active").wait(TableName=table.name)
    since = time.time()
    table.put_item(Item={"pk": "a", "sk": 1, "title": "one"})
    table.put_item(Item={"pk": "a", "sk": 1, "title": "two"})
    table.delete_item(Key={"pk": "a", "sk": 1})
    for _ in range(500):
        records = [record for shard in shards_of(kinesis, stream) for record in read(kinesis, stream, shard["ShardId"])[0]]
        if len(records) == 3:
            break
        time.sleep(0.01)
    assert len({record["PartitionKey"] for record in records}) == 1
    insert, modify, remove = (json.loads(record["Data"]) for record in records)
    key, item = {"pk": {"S": "a"}, "sk": {"N": "1"}}, lambda title: {"pk": {"S": "a"}, "sk": {"N": "1"}, "title": {"S": title}}
    assert abs(insert["dynamodb"].pop("ApproximateCreationDateTime") / 1e6 - since) < 60
    assert len(insert.pop("eventID")) == 36
    assert insert == {
        "awsRegion": "eu-west-1",
        "eventName": "INSERT",
        "userIdentity": None,
        "recordFormat": "application/json",
        "tableName": table.name,
        "dynamodb": {"Keys": key, "NewImage": item("one"), "SizeBytes": 22, **precise},
        "eventSource": "aws:dynamodb",
    }
    assert (modify["eventName"], modify["dynamodb"]["OldImage"], modify["dynamodb"]["NewImage"]) == ("MODIFY", item("one"), item("two"))
    assert (remove["eventName"], remove["dynamodb"]["OldImage"], "NewImage" in remove["dynamodb"]) == ("REMOVE", item("two"), False)
    assert client.disable_kinesis_streaming_destination(**destination)["DestinationStatus"] == "DISABLING"


def test_a_registered_consumer_is_handed_records_as_they_come(kinesis, stream):
    arn = kinesis.describe_stream_summary(StreamName=stream)["StreamDescriptionSummary"]["StreamARN"]
    consumer = kinesis.register_stream_consumer(StreamARN=arn, ConsumerName="fan-out")["Consumer"]["ConsumerARN"]
    shard = kinesis.put_record(StreamName=stream, PartitionKey="a", Data=b"0")["ShardId"]
    position = {"Type": "TRIM_HORIZON"}
    where = {"ConsumerARN": consumer, "ShardId": shard}
    events = iter(kinesis.subscribe_to_shard(**where, StartingPosition=position)["EventStream"])
    data, children, number = [], None, None
    while children is None:
        event = next(events)["SubscribeToShardEvent"]
        assert event["MillisBehindLatest"] >= 0
        data += [record["Data"] for record in event["Records"]]
        number = event.get("ContinuationSequenceNumber", number)
        children = event.get("ChildShards")
        if event["Records"] and len(data) < 4:
            kinesis.put_record(StreamName=stream, PartitionKey="a", Data=str(len(data)).encode())
        elif event["Records"]:
            # The shard is closed: the subscription ends with those that go on.
            known = next(one for one in shards_of(kinesis, stream) if one["ShardId"] == shard)["HashKeyRange"]
            middle = (int(known["StartingHashKey"]) + int(known["EndingHashKey"])) // 2
            kinesis.split_shard(StreamName=stream, ShardToSplit=shard, NewStartingHashKey=str(middle))
    assert data == [b"0", b"1", b"2", b"3"] and list(events) == []
    assert [child["ParentShards"] for child in children] == [[shard], [shard]]

    # Where one has ended, another goes on; one whose consumer goes ends with it.
    child = {"ConsumerARN": consumer, "ShardId": children[0]["ShardId"], "StartingPosition": position}
    events = iter(kinesis.subscribe_to_shard(**child)["EventStream"])
    assert next(events)["SubscribeToShardEvent"]["Records"] == []
    kinesis.deregister_stream_consumer(ConsumerARN=consumer)
    with pytest.raises(EventStreamError) as ended:
        list(events)
    assert ended.value.response["Error"]["Code"] == "ResourceNotFoundException"
