"""Errors as a program sees them: the exception, its code, its message."""

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config

KEY = {"pk": {"S": "a"}, "sk": {"N": "1"}}

PUTS = [
    ({"pk": {"S": "a"}}, "One or more parameter values were invalid: Missing the key sk in the item"),
    (
        {"pk": {"N": "1"}, "sk": {"N": "1"}},
        "One or more parameter values were invalid: Type mismatch for key pk expected: S actual: N",
    ),
    (
        {"pk": {"S": ""}, "sk": {"N": "1"}},
        "The AttributeValue for a key attribute cannot contain an empty string value. Key: pk",
    ),
    ({**KEY, "n": {"N": "abc"}}, "The parameter cannot be converted to a numeric value: abc"),
    ({**KEY, "n": {"N": "1" * 39}}, "Attempting to store more than 38 significant digits in a Number"),
    ({**KEY, "n": {"N": "1e126"}}, "Number overflow. Attempting to store a number with magnitude larger"),
    ({**KEY, "n": {"N": "1e-131"}}, "Number underflow. Attempting to store a number with magnitude smaller"),
    ({**KEY, "s": {"SS": []}}, "An string set  may not be empty"),
    ({**KEY, "s": {"SS": ["a", "b", "a"]}}, "contains duplicates."),
    ({**KEY, "v": {}}, "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"),
    (
        {**KEY, "v": {"S": "a", "N": "1"}},
        "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes",
    ),
    ({**KEY, "v": {"NULL": False}}, "Null attribute value types must have the value of true"),
    ({**KEY, "kind": {"N": "1"}}, "Type mismatch for Index Key kind Expected: S Actual: N IndexName: by-kind"),
]


@pytest.mark.parametrize(("item", "expected"), PUTS, ids=[message[-40:] for _, message in PUTS])
def test_items_that_cannot_be_put(table, refused, item, expected):
    code, message = refused("put_item", TableName=table.name, Item=item)
    assert code == "ValidationException"
    assert expected in message
    assert table.scan()["Count"] == 0


@pytest.mark.parametrize("operation", ["get_item", "delete_item", "update_item"])
@pytest.mark.parametrize("key", [{"pk": {"S": "a"}}, {**KEY, "more": {"S": "x"}}, {**KEY, "sk": {"S": "1"}}])
def test_keys_must_match_the_schema(table, refused, operation, key):
    assert refused(operation, TableName=table.name, Key=key) == (
        "ValidationException",
        "The provided key element does not match the schema",
    )


@pytest.mark.parametrize(
    ("operation", "parameters"),
    [
        ("get_item", {"Key": KEY}),
        ("put_item", {"Item": KEY}),
        ("update_item", {"Key": KEY}),
        ("delete_item", {"Key": KEY}),
        ("scan", {}),
        ("query", {"KeyConditionExpression": "a = :a", "ExpressionAttributeValues": {":a": {"S": "x"}}}),
    ],
)
def test_an_unknown_table_is_not_found(refused, operation, parameters):
    assert refused(operation, TableName="no-such-table", **parameters) == (
        "ResourceNotFoundException",
        "Requested resource not found",
    )


def test_exceptions_have_their_class(client, table):
    with pytest.raises(client.exceptions.ConditionalCheckFailedException):
        client.put_item(TableName=table.name, Item=KEY, ConditionExpression="attribute_exists(pk)")
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.describe_table(TableName="no-such-table")
    with pytest.raises(client.exceptions.ResourceInUseException):
        client.create_table(
            TableName=table.name,
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )


def test_request_without_signature_is_refused(endpoint):
    anonymous = boto3.client(
        "dynamodb", endpoint_url=endpoint, region_name="eu-west-1", config=Config(signature_version=UNSIGNED)
    )
    with pytest.raises(anonymous.exceptions.ClientError) as caught:
        anonymous.list_tables()
    assert caught.value.response["Error"]["Code"] == "MissingAuthenticationTokenException"
    assert caught.value.response["Error"]["Message"] == "Request is missing Authentication Token"


def test_names_and_values_must_be_used(table, refused):
    code, message = refused(
        "put_item",
        TableName=table.name,
        Item=KEY,
        ConditionExpression="attribute_not_exists(pk)",
        ExpressionAttributeNames={"#a": "a"},
    )
    assert code == "ValidationException"
    assert "Value provided in ExpressionAttributeNames unused in expressions: keys: {#a}" in message
