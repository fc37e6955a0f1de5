"""The same promises with DAX's client in place of boto3's: the application's code does not change."""

from uuid import uuid4

import boto3
import pytest
from amazondax import AmazonDaxClient
from amazondax.DaxError import DaxServiceError
from social import SocialApp
from stator_process import StatorProcess
from test_social_app import *  # noqa: F403

CREDENTIALS = {"region_name": "eu-west-1", "aws_access_key_id": "local", "aws_secret_access_key": "local"}


class DaxTransactions:
    """Gives a cancelled transaction its reasons as boto3 has them: DAX's client leaves them as they came."""

    def __init__(self, client):
        self._client = client

    def __getattr__(self, name):
        return getattr(self._client, name)

    def transact_write_items(self, **request):
        try:
            return self._client.transact_write_items(**request)
        except DaxServiceError as error:
            if reasons := error.cancellation_reasons:
                codes = reasons[::3]  # code, message and item in turns
                error.response["CancellationReasons"] = [{"Code": code} for code in codes]
            raise


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    arguments = ["--dax", "--dax-port", "0"]
    with StatorProcess(tmp_path_factory.mktemp("stator-dax"), arguments=arguments) as server:
        yield server


@pytest.fixture(scope="session")
def dax(server):
    with AmazonDaxClient.resource(endpoint_url=server.dax_url, **CREDENTIALS) as dax:
        yield dax


@pytest.fixture
def app(server, dax):
    name = f"social-{uuid4().hex}"
    tables = boto3.resource("dynamodb", endpoint_url=server.url, **CREDENTIALS)
    made = SocialApp(tables, name).create_table()
    app = SocialApp(dax, name)
    app.table.client = DaxTransactions(app.table.client)
    yield app
    made.table.table.delete()
