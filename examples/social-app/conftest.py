"""The server the tests talk to: $STATOR_ENDPOINT, or one started here from an empty folder."""

import os
from uuid import uuid4

import boto3
import pytest
from botocore.config import Config
from social import SocialApp
from stator_process import StatorProcess


@pytest.fixture(scope="session")
def endpoint(tmp_path_factory):
    if url := os.environ.get("STATOR_ENDPOINT"):
        yield url
        return
    with StatorProcess(tmp_path_factory.mktemp("stator-data")) as server:
        yield server.url


@pytest.fixture(scope="session")
def dynamodb(endpoint):
    return boto3.resource(
        "dynamodb",
        endpoint_url=endpoint,
        region_name="eu-west-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",
        config=Config(max_pool_connections=32),
    )


@pytest.fixture
def app(dynamodb):
    app = SocialApp(dynamodb, f"social-{uuid4().hex}").create_table()
    yield app
    app.table.table.delete()
