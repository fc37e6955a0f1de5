"""Kinesis streams through boto3: shards, records, iterators."""

from uuid import uuid4

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

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
