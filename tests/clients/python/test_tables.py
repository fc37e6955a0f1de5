"""Tables: creating, describing, listing, deleting, and the waiters in between."""

from uuid import uuid4

import boto3
from conftest import CREDENTIALS, DEFINITION


def test_a_table_is_created_described_and_deleted(client, name):
    created = client.create_table(TableName=name, **DEFINITION)["TableDescription"]
    assert created["TableStatus"] in ("CREATING", "ACTIVE")
    client.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1})
    described = client.describe_table(TableName=name)["Table"]
    assert described["TableStatus"] == "ACTIVE"
    assert described["TableId"] == created["TableId"]
    assert described["TableArn"].startswith("arn:aws:dynamodb:eu-west-1:")
    assert described["TableArn"].endswith(f":table/{name}")
    assert described["KeySchema"] == DEFINITION["KeySchema"]
    assert described["ItemCount"] == 0
    assert described["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    (index,) = described["GlobalSecondaryIndexes"]
    assert (index["IndexName"], index["IndexStatus"]) == ("by-kind", "ACTIVE")
    assert index["Projection"] == {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["title"]}
    assert described["LocalSecondaryIndexes"][0]["IndexName"] == "by-weight"
    client.delete_table(TableName=name)
    client.get_waiter("table_not_exists").wait(TableName=name, WaiterConfig={"Delay": 1})


def test_provisioned_throughput_is_reported(client, name):
    client.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        ProvisionedThroughput={"ReadCapacityUnits": 5, "WriteCapacityUnits": 7},
    )
    throughput = client.describe_table(TableName=name)["Table"]["ProvisionedThroughput"]
    assert (throughput["ReadCapacityUnits"], throughput["WriteCapacityUnits"]) == (5, 7)


def test_the_resource_waits_and_loads(table, name):
    table.reload()
    assert table.table_status == "ACTIVE"
    table.delete()
    table.wait_until_not_exists()


def test_tables_are_listed_in_pages(client):
    names = sorted(f"list-{uuid4().hex}" for _ in range(5))
    for name in names:
        client.create_table(
            TableName=name,
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
    pages = list(client.get_paginator("list_tables").paginate(PaginationConfig={"PageSize": 2}))
    listed = [name for page in pages for name in page["TableNames"]]
    assert [name for name in listed if name in names] == names
    assert all(len(page["TableNames"]) <= 2 for page in pages)
    for name in names:
        client.delete_table(TableName=name)


def test_regions_are_separate(client, name, endpoint):
    client.create_table(TableName=name, **DEFINITION)
    elsewhere = boto3.client("dynamodb", endpoint_url=endpoint, **{**CREDENTIALS, "region_name": "us-west-2"})
    assert name in client.list_tables()["TableNames"]
    assert name not in elsewhere.list_tables()["TableNames"]


def test_limits_and_endpoints_are_described(client):
    limits = client.describe_limits()
    assert limits["TableMaxReadCapacityUnits"] == 40_000
    assert limits["AccountMaxWriteCapacityUnits"] == 80_000
    (found,) = client.describe_endpoints()["Endpoints"]
    assert found["Address"]
    assert found["CachePeriodInMinutes"] == 1440


def test_what_a_table_may_not_be(client, refused, name):
    client.create_table(TableName=name, **DEFINITION)
    assert refused("create_table", TableName=name, **DEFINITION) == (
        "ResourceInUseException",
        f"Table already exists: {name}",
    )
    missing = f"no-{name}"
    for operation in ("describe_table", "delete_table"):
        assert refused(operation, TableName=missing) == (
            "ResourceNotFoundException",
            f"Requested resource not found: Table: {missing} not found",
        )
    code, message = refused(
        "create_table",
        TableName=missing,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "other", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    assert code == "ValidationException"
    assert "Some index key attribute" in message
