"""boto3 against the server named by STATOR_ENDPOINT. Every test that needs a table gets one of its own."""

import os
import time
from uuid import uuid4

import boto3
import pytest
from botocore.config import Config

CREDENTIALS = {"region_name": "eu-west-1", "aws_access_key_id": "local", "aws_secret_access_key": "local"}

DEFINITION = {
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
    "AttributeDefinitions": [
        {"AttributeName": "pk", "AttributeType": "S"},
        {"AttributeName": "sk", "AttributeType": "N"},
        {"AttributeName": "kind", "AttributeType": "S"},
        {"AttributeName": "weight", "AttributeType": "N"},
    ],
    "GlobalSecondaryIndexes": [
        {
            "IndexName": "by-kind",
            "KeySchema": [
                {"AttributeName": "kind", "KeyType": "HASH"},
                {"AttributeName": "weight", "KeyType": "RANGE"},
            ],
            "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["title"]},
        }
    ],
    "LocalSecondaryIndexes": [
        {
            "IndexName": "by-weight",
            "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "weight", "KeyType": "RANGE"}],
            "Projection": {"ProjectionType": "KEYS_ONLY"},
        }
    ],
    "BillingMode": "PAY_PER_REQUEST",
}


@pytest.fixture(scope="session")
def endpoint():
    return os.environ.get("STATOR_ENDPOINT") or "http://127.0.0.1:8000"


@pytest.fixture(scope="session")
def client(endpoint):
    return boto3.client(
        "dynamodb", endpoint_url=endpoint, config=Config(max_pool_connections=32, parameter_validation=False), **CREDENTIALS
    )


@pytest.fixture(scope="session")
def resource(endpoint):
    return boto3.resource("dynamodb", endpoint_url=endpoint, config=Config(max_pool_connections=32), **CREDENTIALS)


@pytest.fixture(scope="session")
def s3(endpoint):
    return boto3.client("s3", endpoint_url=endpoint, config=Config(s3={"addressing_style": "path"}), **CREDENTIALS)


@pytest.fixture
def bucket(s3):
    """A bucket that is emptied and deleted afterwards."""
    name = f"b-{uuid4().hex}"
    s3.create_bucket(Bucket=name)
    yield name
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=name):
        for found in page.get("Contents", []):
            s3.delete_object(Bucket=name, Key=found["Key"])
    s3.delete_bucket(Bucket=name)


@pytest.fixture
def name(client):
    """A table name nobody else uses; whatever is created under it is deleted afterwards."""
    name = f"t-{uuid4().hex}"
    yield name
    for _ in range(500):
        try:
            client.delete_table(TableName=name)
        except client.exceptions.ResourceNotFoundException:
            break
        except client.exceptions.ResourceInUseException:
            time.sleep(0.02)  # an index is being built or removed


@pytest.fixture
def table(resource, name):
    """pk (S), sk (N), a global index by kind and weight, a local one by weight."""
    table = resource.create_table(TableName=name, **DEFINITION)
    table.wait_until_exists()
    return table


@pytest.fixture
def refused(client):
    """Calls an operation that must fail; gives the error's code and message."""

    def call(operation, **parameters):
        with pytest.raises(client.exceptions.ClientError) as caught:
            getattr(client, operation)(**parameters)
        error = caught.value.response["Error"]
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
        return error["Code"], error["Message"]

    return call
