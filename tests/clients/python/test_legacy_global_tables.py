"""Global tables of version 2017.11.29, as programs and tutorials of their time make them."""

import json
import os
import subprocess
import time
from contextlib import contextmanager

import boto3
import pytest
from botocore.exceptions import ClientError

BINARY = os.environ.get("STATOR_BIN")
KEYS = {"aws_access_key_id": "local", "aws_secret_access_key": "local"}
REGIONS = ["us-east-1", "eu-west-1", "ap-northeast-1"]
DEFINITION = {
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}
STREAM = {"StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}}

pytestmark = pytest.mark.skipif(not BINARY, reason="STATOR_BIN names no binary")


@contextmanager
def server(folder, legacy):
    """A server that treats these tables so, and where it is."""
    ready = folder / f"ready-{legacy}"
    command = [BINARY, "--port", "0", "--memory", "--legacy-global-tables", legacy, "--ready-file", ready]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        while not ready.exists():
            assert process.poll() is None
            time.sleep(0.02)
        yield json.loads(ready.read_text())["url"]
        process.terminate()


def client_of(endpoint, region):
    return boto3.client("dynamodb", endpoint_url=endpoint, region_name=region, **KEYS)


def eventually(look, seconds=60):
    end = time.monotonic() + seconds
    while not look():
        assert time.monotonic() < end
        time.sleep(0.02)


def read(client, table, pk):
    return client.get_item(TableName=table, Key={"pk": {"S": pk}}, ConsistentRead=True).get("Item")


def enable_global_tables(table_name, regions):
    client = boto3.client('dynamodb')

    for region in regions:
        client.create_global_table(
            GlobalTableName=table_name,
            ReplicationGroup=[
                {'RegionName': region}
                for region in regions
            ]
        )


def of_environment(monkeypatch, endpoint):
    """What a program without arguments finds."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGIONS[0])
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "local")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "local")


def test_the_loop_of_a_tutorial_runs_as_it_stands(tmp_path, monkeypatch):
    with server(tmp_path, "tutorial") as endpoint:
        of_environment(monkeypatch, endpoint)
        clients = [client_of(endpoint, region) for region in REGIONS]
        clients[0].create_table(TableName="social", **DEFINITION)
        enable_global_tables("social", REGIONS)
        group = clients[1].describe_global_table(GlobalTableName="social")["GlobalTableDescription"]
        assert sorted(replica["RegionName"] for replica in group["ReplicationGroup"]) == sorted(REGIONS)
        for at, client in enumerate(clients):
            client.put_item(TableName="social", Item={"pk": {"S": str(at)}})
        for client in clients:
            eventually(lambda: all(read(client, "social", str(at)) for at in range(3)))
        with pytest.raises(ClientError, match="GlobalTableAlreadyExistsException"):
            enable_global_tables("social", REGIONS[:2])
        with pytest.raises(ClientError, match="TableNotFoundException"):
            enable_global_tables("nothing", REGIONS)
        clients[0].create_table(TableName="full", **DEFINITION)
        clients[0].put_item(TableName="full", Item={"pk": {"S": "a"}})
        with pytest.raises(ClientError, match="must be empty"):
            enable_global_tables("full", REGIONS)
        with pytest.raises(ClientError, match="ResourceNotFoundException"):
            clients[1].describe_table(TableName="full")


def test_they_are_faithful_otherwise(tmp_path, monkeypatch):
    with server(tmp_path, "offer") as endpoint:
        of_environment(monkeypatch, endpoint)
        clients = [client_of(endpoint, region) for region in REGIONS[:2]]
        clients[0].create_table(TableName="social", **DEFINITION, **STREAM)
        with pytest.raises(ClientError, match="TableNotFoundException"):
            enable_global_tables("social", REGIONS[:2])
        clients[1].create_table(TableName="social", **DEFINITION, **STREAM)
        with pytest.raises(ClientError, match="GlobalTableAlreadyExistsException"):
            enable_global_tables("social", REGIONS[:2])
        clients[1].put_item(TableName="social", Item={"pk": {"S": "a"}})
        eventually(lambda: read(clients[0], "social", "a"))
        tell_when_and_where(clients)


def tell_when_and_where(clients):
    """Items have the attributes by which programs of their time tell writes of their region from replicated ones."""
    first = read(clients[0], "social", "a")
    assert first == read(clients[1], "social", "a")
    assert first["aws:rep:updateregion"] == {"S": REGIONS[1]} and first["aws:rep:deleting"] == {"BOOL": False}
    assert abs(float(first["aws:rep:updatetime"]["N"]) - time.time()) < 600
    streams = [boto3.client("dynamodbstreams", region_name=region) for region in REGIONS[:2]]
    arns = [client.describe_table(TableName="social")["Table"]["LatestStreamArn"] for client in clients]
    seen = [records(stream, arn) for stream, arn in zip(streams, arns)]
    assert [[record["eventName"] for record in side] for side in seen] == [["INSERT"], ["INSERT", "MODIFY"]]
    assert seen[0][0]["dynamodb"]["NewImage"] == seen[1][1]["dynamodb"]["NewImage"] == first
    assert seen[1][0]["dynamodb"]["NewImage"] == seen[1][1]["dynamodb"]["OldImage"] == {"pk": {"S": "a"}}
    for _ in range(3):  # a program that writes what it has read does not confuse them
        clients[0].put_item(TableName="social", Item=read(clients[0], "social", "a") | {"n": {"N": "1"}})
    eventually(lambda: read(clients[1], "social", "a").get("n") == {"N": "1"})
    eventually(lambda: read(clients[1], "social", "a") == read(clients[0], "social", "a"))
    assert read(clients[1], "social", "a")["aws:rep:updateregion"] == {"S": REGIONS[0]}


def records(stream, arn):
    shards = stream.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
    found = []
    for shard in shards:
        place = {"StreamArn": arn, "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
        iterator = stream.get_shard_iterator(**place)["ShardIterator"]
        found += stream.get_records(ShardIterator=iterator)["Records"]
    return found


def test_they_are_refused_where_that_is_asked_for(tmp_path):
    with server(tmp_path, "refuse") as endpoint:
        client = client_of(endpoint, REGIONS[0])
        client.create_table(TableName="social", **DEFINITION, **STREAM)
        group = [{"RegionName": REGIONS[0]}]
        with pytest.raises(ClientError, match="version 2017.11.29 is not supported"):
            client.create_global_table(GlobalTableName="social", ReplicationGroup=group)
        with pytest.raises(ClientError, match="version 2017.11.29 is not supported"):
            updates = [{"Create": {"RegionName": REGIONS[1]}}]
            client.update_global_table(GlobalTableName="social", ReplicaUpdates=updates)
        assert client.list_global_tables()["GlobalTables"] == []
