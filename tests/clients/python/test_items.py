"""Single items: every type both ways, projections, return values, capacity."""

from decimal import Decimal

import pytest
from boto3.dynamodb.types import Binary

EVERY_TYPE = {
    "text": "Ünïcode ✨🚀 \"quoted\" \\ \n\t\u0001",
    "empty": "",
    "integer": Decimal("42"),
    "fraction": Decimal("-3.14159"),
    "digits": Decimal("12345678901234567890123456789012345678"),
    "small": Decimal("1E-130"),
    "bytes": Binary(bytes(range(256))),
    "yes": True,
    "no": False,
    "nothing": None,
    "texts": {"a", "b", ""},
    "numbers": {Decimal(1), Decimal("2.5"), Decimal(-3)},
    "blobs": {Binary(b"\x00"), Binary(b"\xff\xfe")},
    "list": ["a", Decimal(1), [True, None], {"deep": [Decimal(0)]}],
    "map": {"a": {"b": {"c": "d"}}, "empty list": [], "empty map": {}},
}


def test_every_type_comes_back_as_it_went_in(table):
    item = {"pk": "types", "sk": 1, **EVERY_TYPE}
    table.put_item(Item=item)
    assert table.get_item(Key={"pk": "types", "sk": 1})["Item"] == item
    assert table.query(KeyConditionExpression="pk = :p", ExpressionAttributeValues={":p": "types"})["Items"] == [item]
    assert table.scan()["Items"] == [item]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("1.500", "1.5"),
        ("1E3", "1000"),
        ("+5", "5"),
        ("-0", "0"),
        ("0.00010", "0.0001"),
        ("007", "7"),
        ("-9.99E+125", "-999" + "0" * 123),
        ("1E-130", "0." + "0" * 129 + "1"),
    ],
)
def test_numbers_come_back_in_one_form(client, table, written, read):
    key = {"pk": {"S": "number"}, "sk": {"N": "1"}}
    client.put_item(TableName=table.name, Item={**key, "value": {"N": written}})
    assert client.get_item(TableName=table.name, Key=key)["Item"]["value"] == {"N": read}


def test_keys_are_equal_by_value(client, table):
    client.put_item(TableName=table.name, Item={"pk": {"S": "a"}, "sk": {"N": "10"}, "value": {"S": "x"}})
    found = client.get_item(TableName=table.name, Key={"pk": {"S": "a"}, "sk": {"N": "1.0e1"}})
    assert found["Item"]["value"] == {"S": "x"}


def test_a_missing_item_is_an_empty_answer(table):
    assert "Item" not in table.get_item(Key={"pk": "nobody", "sk": 0})
    assert "Attributes" not in table.delete_item(Key={"pk": "nobody", "sk": 0}, ReturnValues="ALL_OLD")


def test_put_replaces_the_whole_item(table):
    table.put_item(Item={"pk": "a", "sk": 1, "old": "x"})
    before = table.put_item(Item={"pk": "a", "sk": 1, "new": "y"}, ReturnValues="ALL_OLD")
    assert before["Attributes"] == {"pk": "a", "sk": 1, "old": "x"}
    assert table.get_item(Key={"pk": "a", "sk": 1})["Item"] == {"pk": "a", "sk": 1, "new": "y"}


def test_delete_gives_the_old_item(table):
    item = {"pk": "a", "sk": 1, "list": [1, 2]}
    table.put_item(Item=item)
    assert table.delete_item(Key={"pk": "a", "sk": 1}, ReturnValues="ALL_OLD")["Attributes"] == item
    assert "Item" not in table.get_item(Key={"pk": "a", "sk": 1}, ConsistentRead=True)


@pytest.mark.parametrize(
    ("projection", "names", "expected"),
    [
        ("a", {}, {"a": {"b": [10, 20, 30]}}),
        ("a.b[1]", {}, {"a": {"b": [20]}}),
        ("a.b[2], a.b[0]", {}, {"a": {"b": [10, 30]}}),
        ("#s, pk", {"#s": "status"}, {"status": "ok", "pk": "p"}),
        ("absent", {}, {}),
    ],
)
def test_projections_give_what_they_name(table, projection, names, expected):
    table.put_item(Item={"pk": "p", "sk": 1, "a": {"b": [10, 20, 30]}, "status": "ok"})
    options = {"ExpressionAttributeNames": names} if names else {}
    found = table.get_item(Key={"pk": "p", "sk": 1}, ProjectionExpression=projection, **options)
    assert found["Item"] == expected


def test_capacity_is_counted(table):
    written = table.put_item(Item={"pk": "c", "sk": 1, "body": "x" * 3000}, ReturnConsumedCapacity="TOTAL")
    assert written["ConsumedCapacity"] == {"TableName": table.name, "CapacityUnits": 3.0}
    key = {"pk": "c", "sk": 1}
    eventual = table.get_item(Key=key, ReturnConsumedCapacity="TOTAL")
    consistent = table.get_item(Key=key, ReturnConsumedCapacity="TOTAL", ConsistentRead=True)
    assert eventual["ConsumedCapacity"]["CapacityUnits"] == 0.5
    assert consistent["ConsumedCapacity"]["CapacityUnits"] == 1.0


def test_an_item_may_have_400_kb_and_no_more(table):
    room = 409_600 - len("pk") - len("a") - len("sk") - 2 - len("body")
    table.put_item(Item={"pk": "a", "sk": 1, "body": "x" * room})
    with pytest.raises(table.meta.client.exceptions.ClientError, match="Item size has exceeded the maximum allowed size"):
        table.put_item(Item={"pk": "a", "sk": 1, "body": "x" * (room + 1)})
