"""Update expressions through the resource."""

from decimal import Decimal

import pytest
from boto3.dynamodb.types import TypeSerializer

KEY = {"pk": "u", "sk": 1}
START = {**KEY, "count": 5, "tags": {"a", "b"}, "list": [1, 2, 3], "map": {"x": 1}, "name": "ada"}

UPDATES = [
    ("SET #n = :v", {":v": "grace"}, {"name": "grace"}),
    ("SET #c = #c + :v", {":v": 2}, {"count": 7}),
    ("SET #c = #c - :v", {":v": Decimal("0.5")}, {"count": Decimal("4.5")}),
    ("SET fresh = if_not_exists(fresh, :v)", {":v": 1}, {"fresh": 1}),
    ("SET #c = if_not_exists(#c, :v)", {":v": 1}, {"count": 5}),
    ("SET #l = list_append(#l, :v)", {":v": [4]}, {"list": [1, 2, 3, 4]}),
    ("SET #l = list_append(:v, #l)", {":v": [0]}, {"list": [0, 1, 2, 3]}),
    ("SET #l[1] = :v", {":v": "two"}, {"list": [1, "two", 3]}),
    ("SET #l[9] = :v", {":v": 4}, {"list": [1, 2, 3, 4]}),
    ("SET #m.y = :v", {":v": 2}, {"map": {"x": 1, "y": 2}}),
    ("SET a = #n, #n = :v", {":v": "b"}, {"a": "ada", "name": "b"}),
    ("REMOVE #n", {}, {"name": None}),
    ("REMOVE #l[0], #l[2]", {}, {"list": [2]}),
    ("REMOVE #m.x", {}, {"map": {}}),
    ("REMOVE absent", {}, {}),
    ("ADD #c :v", {":v": 10}, {"count": 15}),
    ("ADD fresh :v", {":v": 1}, {"fresh": 1}),
    ("ADD tags :v", {":v": {"b", "c"}}, {"tags": {"a", "b", "c"}}),
    ("DELETE tags :v", {":v": {"a"}}, {"tags": {"b"}}),
    ("DELETE tags :v", {":v": {"a", "b"}}, {"tags": None}),
    ("SET a = :v REMOVE #n ADD #c :v", {":v": 1}, {"a": 1, "name": None, "count": 6}),
]

NAMES = {"#n": "name", "#c": "count", "#l": "list", "#m": "map"}


def expression(text, values):
    options = {"UpdateExpression": text}
    if names := {alias: name for alias, name in NAMES.items() if alias in text}:
        options["ExpressionAttributeNames"] = names
    if values:
        options["ExpressionAttributeValues"] = values
    return options


@pytest.mark.parametrize(("text", "values", "changes"), UPDATES, ids=[text for text, _, _ in UPDATES])
def test_an_update_changes_what_it_names(table, text, values, changes):
    table.put_item(Item=START)
    answer = table.update_item(Key=KEY, ReturnValues="ALL_NEW", **expression(text, values))
    expected = {name: value for name, value in {**START, **changes}.items() if value is not None}
    assert answer["Attributes"] == expected
    assert table.get_item(Key=KEY)["Item"] == expected


def test_an_update_of_a_missing_item_makes_it(table):
    answer = table.update_item(Key=KEY, ReturnValues="ALL_NEW", **expression("SET a = :v", {":v": 1}))
    assert answer["Attributes"] == {**KEY, "a": 1}
    table.update_item(Key={"pk": "bare", "sk": 1})
    assert table.get_item(Key={"pk": "bare", "sk": 1})["Item"] == {"pk": "bare", "sk": 1}


@pytest.mark.parametrize(
    ("returned", "attributes"),
    [
        ("UPDATED_NEW", {"name": "grace", "map": {"x": 2}}),
        ("UPDATED_OLD", {"name": "ada", "map": {"x": 1}}),
        ("ALL_OLD", START),
    ],
)
def test_return_values(table, returned, attributes):
    table.put_item(Item=START)
    update = expression("SET #n = :n, #m.x = :x", {":n": "grace", ":x": 2})
    assert table.update_item(Key=KEY, ReturnValues=returned, **update)["Attributes"] == attributes


@pytest.mark.parametrize(
    ("text", "values", "message"),
    [
        ("SET a = absent", {}, "The provided expression refers to an attribute that does not exist in the item"),
        ("SET absent.a = :v", {":v": 1}, "The document path provided in the update expression is invalid for update"),
        ("SET #n = #n + :v", {":v": 1}, "An operand in the update expression has an incorrect data type"),
        ("SET pk = :v", {":v": "x"}, "Cannot update attribute pk. This attribute is part of the key"),
        ("SET a = :v, a = :v", {":v": 1}, "Two document paths overlap with each other"),
        ("SET name = :v", {":v": 1}, "Attribute name is a reserved keyword; reserved keyword: name"),
        ("SET a = :w", {":v": 1}, "An expression attribute value used in expression is not defined; attribute value: :w"),
        ("SET a = 1", {}, "Syntax error; token: \"1\", near: \"= 1\""),
    ],
)
def test_what_an_update_may_not_do(table, refused, text, values, message):
    table.put_item(Item=START)
    options = expression(text, {name: TypeSerializer().serialize(value) for name, value in values.items()})
    key = {"pk": {"S": "u"}, "sk": {"N": "1"}}
    code, text = refused("update_item", TableName=table.name, Key=key, **options)
    assert code == "ValidationException"
    assert message in text
    assert table.get_item(Key=KEY)["Item"] == START
