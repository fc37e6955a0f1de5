"""Global tables as infrastructure tools make them: a table, replicas one by one, waiters; then clients of each region."""

import time
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import boto3
import pytest
from conftest import CREDENTIALS, DEFINITION

REGIONS = ["eu-west-1", "us-east-1", "ap-south-1"]


def eventually(look, seconds=60):
    """Looks until it sees something."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        seen = look()
        if seen:
            return seen
        time.sleep(0.02)
    raise AssertionError(f"not within {seconds} s: {look()}")


@pytest.fixture(scope="module")
def clients(endpoint):
    others = {"aws_access_key_id": CREDENTIALS["aws_access_key_id"], "aws_secret_access_key": "local"}
    return {region: boto3.client("dynamodb", endpoint_url=endpoint, region_name=region, **others) for region in REGIONS}


def replicas(client, name):
    table = client.describe_table(TableName=name)["Table"]
    return {replica["RegionName"]: replica["ReplicaStatus"] for replica in table.get("Replicas", [])}, table["TableStatus"]


def add(clients, name, region):
    home = clients[REGIONS[0]]
    home.update_table(TableName=name, ReplicaUpdates=[{"Create": {"RegionName": region}}])
    eventually(lambda: replicas(home, name)[0].get(region) == "ACTIVE" and replicas(home, name)[1] == "ACTIVE")
    clients[region].get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1})


@pytest.fixture
def world(clients, name):
    home = clients[REGIONS[0]]
    home.create_table(TableName=name, **DEFINITION)
    home.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1})
    for number in range(100):
        home.put_item(TableName=name, Item=item(number, "before"))
    for region in REGIONS[1:]:
        add(clients, name, region)
    yield name
    for region in REGIONS[1:]:
        if region in replicas(home, name)[0]:
            home.update_table(TableName=name, ReplicaUpdates=[{"Delete": {"RegionName": region}}])
            eventually(lambda: region not in replicas(home, name)[0])


def item(number, kind):
    return {"pk": {"S": "a"}, "sk": {"N": str(number)}, "kind": {"S": kind}, "weight": {"N": str(number)}}


def items(client, name):
    pages = client.get_paginator("scan").paginate(TableName=name, ConsistentRead=True)
    return sorted((item for page in pages for item in page["Items"]), key=lambda item: int(item["sk"]["N"]))


def test_replicas_begin_with_what_is_there_and_come_to_the_same(clients, world):
    expected = [item(number, "before") for number in range(100)]
    for client in clients.values():
        assert items(client, world) == expected
    for number in range(100):
        region = REGIONS[number % 3]
        if number % 4:
            clients[region].put_item(TableName=world, Item=item(number, region))
        else:
            clients[region].delete_item(TableName=world, Key={"pk": {"S": "a"}, "sk": {"N": str(number)}})
    expected = [item(number, REGIONS[number % 3]) for number in range(100) if number % 4]
    for client in clients.values():
        eventually(lambda: items(client, world) == expected)
        query = {"IndexName": "by-kind", "KeyConditionExpression": "kind = :k", "Select": "COUNT"}
        count = client.query(TableName=world, ExpressionAttributeValues={":k": {"S": "us-east-1"}}, **query)["Count"]
        assert count == sum(entry["kind"]["S"] == "us-east-1" for entry in expected)


def test_each_region_has_a_stream_of_all_changes(endpoint, clients, world):
    clients["us-east-1"].put_item(TableName=world, Item=item(1_000, "streamed"))
    keys = {"aws_access_key_id": "local", "aws_secret_access_key": "local"}
    for region, client in clients.items():
        streams = boto3.client("dynamodbstreams", endpoint_url=endpoint, region_name=region, **keys)
        arn = client.describe_table(TableName=world)["Table"]["LatestStreamArn"]
        assert f":{region}:" in arn

        def new_images():
            found = []
            for shard in streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]:
                begin = {"StreamArn": arn, "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
                records = streams.get_records(ShardIterator=streams.get_shard_iterator(**begin)["ShardIterator"])
                found += [record for record in records["Records"] if record["awsRegion"] == region]
            return [record["dynamodb"].get("NewImage") for record in found]

        eventually(lambda: item(1_000, "streamed") in new_images())


def test_a_region_leaves_with_nothing_lost(clients, world):
    home, leaving = clients[REGIONS[0]], clients["us-east-1"]
    for number in range(200, 300):
        leaving.put_item(TableName=world, Item=item(number, "last words"))
    leaving.delete_table(TableName=world)
    leaving.get_waiter("table_not_exists").wait(TableName=world, WaiterConfig={"Delay": 1})
    eventually(lambda: set(replicas(home, world)[0]) == {"ap-south-1"})
    for region in ["eu-west-1", "ap-south-1"]:
        assert len(items(clients[region], world)) == 200
    with pytest.raises(leaving.exceptions.ResourceNotFoundException):
        leaving.get_item(TableName=world, Key={"pk": {"S": "a"}, "sk": {"N": "1"}})


@pytest.fixture
def fault(endpoint):
    """Puts a rule of faults into force; all go afterwards."""
    address = f"{endpoint}/_aws/dynamodb/faults"
    yield lambda **rule: urlopen(Request(f"{address}?{urlencode(rule)}", method="PUT")).close()
    urlopen(Request(address, method="DELETE")).close()


def test_two_regions_that_are_cut_off_from_each_other_come_to_the_same_afterwards(endpoint, clients, world, fault):
    here, there, third = (clients[region] for region in REGIONS)
    for pair in [REGIONS[:2], REGIONS[1::-1]]:
        fault(fault="error", operation="Replication", table=world, key=">".join(pair))
    here.put_item(TableName=world, Item=item(1, "here"))
    there.put_item(TableName=world, Item=item(1, "there"))
    there.delete_item(TableName=world, Key={"pk": {"S": "a"}, "sk": {"N": "2"}})
    eventually(lambda: item(1, "there") in items(third, world) and item(2, "before") not in items(third, world))
    assert item(1, "here") in items(here, world) and item(2, "before") in items(here, world)
    urlopen(Request(f"{endpoint}/_aws/dynamodb/faults", method="DELETE")).close()
    expected = [item(0, "before"), item(1, "there")] + [item(number, "before") for number in range(3, 100)]
    for client in clients.values():
        eventually(lambda: items(client, world) == expected)
