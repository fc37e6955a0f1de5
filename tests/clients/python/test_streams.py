"""Streams, read by hand as tutorials do it: describe, an iterator for each shard, records page by page."""

import boto3
import pytest
from conftest import CREDENTIALS

KEY = {"KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}], "BillingMode": "PAY_PER_REQUEST"}
KEY["AttributeDefinitions"] = [{"AttributeName": "id", "AttributeType": "S"}]


@pytest.fixture(scope="module")
def streams(endpoint):
    return boto3.client("dynamodbstreams", endpoint_url=endpoint, **CREDENTIALS)


@pytest.fixture
def streamed(client, name):
    view = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
    made = client.create_table(TableName=name, StreamSpecification=view, **KEY)
    yield name, made["TableDescription"]["LatestStreamArn"]
    client.delete_table(TableName=name)


def read(streams, arn):
    """All records of all shards, parents before their children."""
    records = []
    description = streams.describe_stream(StreamArn=arn)["StreamDescription"]
    for shard in description["Shards"]:
        begin = {"StreamArn": arn, "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
        iterator = streams.get_shard_iterator(**begin)["ShardIterator"]
        while iterator:
            page = streams.get_records(ShardIterator=iterator, Limit=10)
            records += page["Records"]
            iterator = page.get("NextShardIterator") if page["Records"] else None
    return records


def test_changes_are_read_back(client, streams, streamed):
    name, arn = streamed
    for number in range(25):
        client.put_item(TableName=name, Item={"id": {"S": "a"}, "n": {"N": str(number)}})
    client.delete_item(TableName=name, Key={"id": {"S": "a"}})
    records = read(streams, arn)
    assert [record["eventName"] for record in records] == ["INSERT"] + ["MODIFY"] * 24 + ["REMOVE"]
    numbers = [record["dynamodb"].get("NewImage", {}).get("n", {}).get("N") for record in records]
    assert numbers == [str(number) for number in range(25)] + [None]
    sequence = [int(record["dynamodb"]["SequenceNumber"]) for record in records]
    assert sequence == sorted(set(sequence))
    assert len({record["eventID"] for record in records}) == len(records)
    created = records[0]["dynamodb"]["ApproximateCreationDateTime"]
    assert created.microsecond == 0
    assert records == read(streams, arn)


def test_streams_are_listed_and_described(client, streams, streamed):
    name, arn = streamed
    listed = streams.list_streams(TableName=name)["Streams"]
    assert [stream["StreamArn"] for stream in listed] == [arn]
    description = streams.describe_stream(StreamArn=arn)["StreamDescription"]
    assert description["StreamStatus"] == "ENABLED"
    assert description["KeySchema"] == KEY["KeySchema"]
    assert description["CreationRequestDateTime"].year >= 2024
    assert "EndingSequenceNumber" not in description["Shards"][0]["SequenceNumberRange"]


def test_a_stream_outlives_its_table(client, streams, name):
    view = {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"}
    arn = client.create_table(TableName=name, StreamSpecification=view, **KEY)["TableDescription"]["LatestStreamArn"]
    client.put_item(TableName=name, Item={"id": {"S": "a"}})
    client.delete_table(TableName=name)
    assert streams.describe_stream(StreamArn=arn)["StreamDescription"]["StreamStatus"] == "DISABLED"
    assert [record["dynamodb"]["Keys"] for record in read(streams, arn)] == [{"id": {"S": "a"}}]


def test_refusals_are_exceptions(streams, streamed):
    _, arn = streamed
    with pytest.raises(streams.exceptions.ResourceNotFoundException):
        streams.describe_stream(StreamArn=arn[:-3] + "999")
    begin = {"StreamArn": arn, "ShardId": "shardId-00000000000000000000-00000000", "ShardIteratorType": "LATEST"}
    with pytest.raises(streams.exceptions.ResourceNotFoundException):
        streams.get_shard_iterator(**begin)
