"""What surrounds every answer: checksum, request id, content type, retries."""

import zlib

import boto3
import pytest
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from conftest import CREDENTIALS


@pytest.fixture
def fresh(endpoint):
    """A client of its own, whose events a test may watch. botocore's legacy retries check every CRC."""
    return boto3.client("dynamodb", endpoint_url=endpoint, config=Config(retries={"mode": "legacy"}), **CREDENTIALS)


def test_every_answer_carries_its_checksum(fresh, table):
    seen = []

    def compare(response_dict, **_):
        seen.append(response_dict["status_code"])
        assert int(response_dict["headers"]["x-amz-crc32"]) == zlib.crc32(response_dict["body"])

    fresh.meta.events.register("before-parse.dynamodb", compare)
    fresh.put_item(TableName=table.name, Item={"pk": {"S": "é"}, "sk": {"N": "1"}, "body": {"S": "🚀" * 5000}})
    fresh.get_item(TableName=table.name, Key={"pk": {"S": "é"}, "sk": {"N": "1"}})
    fresh.list_tables()
    with pytest.raises(fresh.exceptions.ResourceNotFoundException):
        fresh.describe_table(TableName="no-such-table")
    assert seen == [200, 200, 200, 400]


def test_a_damaged_answer_is_asked_for_again(fresh):
    """The client checks the checksum for real: one wrong answer slipped in makes it repeat the request."""
    sent = []

    def damage_first(request, **_):
        sent.append(request)
        if len(sent) > 1:
            return None
        answer = AWSResponse(request.url, 200, {"x-amz-crc32": "1"}, None)
        answer._content = b'{"TableNames":[]}'
        return answer

    fresh.meta.events.register("before-send.dynamodb", damage_first)
    assert fresh.list_tables()["ResponseMetadata"]["RetryAttempts"] == 1
    assert len(sent) == 2


def test_headers_are_those_of_the_service(client):
    metadata = client.list_tables()["ResponseMetadata"]
    assert metadata["HTTPStatusCode"] == 200
    assert metadata["HTTPHeaders"]["content-type"] == "application/x-amz-json-1.0"
    request_id = metadata["RequestId"]
    assert len(request_id) == 52
    assert request_id.isalnum() and request_id.upper() == request_id
    assert client.list_tables()["ResponseMetadata"]["RequestId"] != request_id


def test_refusals_are_not_tried_again(client, table):
    with pytest.raises(client.exceptions.ConditionalCheckFailedException) as caught:
        client.delete_item(
            TableName=table.name, Key={"pk": {"S": "a"}, "sk": {"N": "1"}}, ConditionExpression="attribute_exists(pk)"
        )
    assert caught.value.response["ResponseMetadata"]["RetryAttempts"] == 0


@pytest.mark.parametrize("mode", ["legacy", "standard", "adaptive"])
def test_every_retry_mode_gets_its_answer_at_once(endpoint, mode):
    client = boto3.client("dynamodb", endpoint_url=endpoint, config=Config(retries={"mode": mode}), **CREDENTIALS)
    assert client.list_tables()["ResponseMetadata"]["RetryAttempts"] == 0
