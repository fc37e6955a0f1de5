"""Conditions and filters, written with boto3's condition builder."""

import pytest
from boto3.dynamodb.conditions import Attr
from botocore.exceptions import ClientError

ITEM = {
    "pk": "c", "sk": 1, "n": 5, "s": "hello", "flag": True, "nothing": None,
    "tags": {"a", "b"}, "list": ["x", 1], "map": {"deep": {"value": 7}},
}  # fmt: skip

TRUE = [
    Attr("n").eq(5),
    Attr("n").ne(6),
    Attr("missing").ne(6),
    Attr("n").lt(6) & Attr("n").lte(5) & Attr("n").gt(4) & Attr("n").gte(5),
    Attr("n").between(5, 9),
    Attr("n").is_in([1, 5]),
    Attr("s").begins_with("he"),
    Attr("s").contains("ell"),
    Attr("tags").contains("a"),
    Attr("list").contains(1),
    Attr("s").exists() & Attr("missing").not_exists(),
    Attr("nothing").exists(),
    Attr("s").size().eq(5),
    Attr("list").size().gt(1),
    Attr("flag").attribute_type("BOOL"),
    Attr("map.deep.value").eq(7),
    Attr("list[0]").eq("x"),
    ~Attr("n").eq(6),
    Attr("n").eq(6) | Attr("s").eq("hello"),
]

FALSE = [
    Attr("n").eq("5"),
    Attr("n").gt("a"),
    Attr("missing").eq(1),
    Attr("missing").lt(1),
    Attr("s").begins_with("He"),
    Attr("tags").contains("c"),
    Attr("n").size().gt(0),
    Attr("flag").attribute_type("S"),
    Attr("map.deep.other").exists(),
    Attr("list[2]").exists(),
    ~Attr("n").eq(5),
    Attr("n").eq(5) & Attr("s").eq("bye"),
]


def text(condition):
    return str(condition.get_expression()["format"]) + repr(condition.get_expression()["values"][1:])


@pytest.fixture
def filled(table):
    table.put_item(Item=ITEM)
    return table


def test_conditions_that_hold(filled):
    for condition in TRUE:
        filled.put_item(Item=ITEM, ConditionExpression=condition)
        assert filled.scan(FilterExpression=condition)["Items"] == [ITEM], text(condition)


def test_conditions_that_do_not_hold(filled):
    for condition in FALSE:
        with pytest.raises(ClientError, match="The conditional request failed"):
            filled.put_item(Item={"pk": "c", "sk": 1}, ConditionExpression=condition)
        answer = filled.scan(FilterExpression=condition)
        assert (answer["Count"], answer["ScannedCount"]) == (0, 1), text(condition)
    assert filled.get_item(Key={"pk": "c", "sk": 1})["Item"] == ITEM


def test_a_failed_condition_gives_the_item_when_asked(filled):
    with pytest.raises(filled.meta.client.exceptions.ConditionalCheckFailedException) as caught:
        filled.update_item(
            Key={"pk": "c", "sk": 1},
            UpdateExpression="SET n = :n",
            ConditionExpression="n = :m",
            ExpressionAttributeValues={":n": 1, ":m": 2},
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
    assert caught.value.response["Error"]["Message"] == "The conditional request failed"
    assert caught.value.response["Item"]["n"] == {"N": "5"}


def test_create_only_once(table):
    table.put_item(Item={"pk": "once", "sk": 1}, ConditionExpression=Attr("pk").not_exists())
    with pytest.raises(table.meta.client.exceptions.ConditionalCheckFailedException):
        table.put_item(Item={"pk": "once", "sk": 1}, ConditionExpression=Attr("pk").not_exists())
    table.put_item(Item={"pk": "once", "sk": 2}, ConditionExpression=Attr("pk").not_exists())


def test_a_delete_on_condition(filled):
    key = {"pk": "c", "sk": 1}
    with pytest.raises(filled.meta.client.exceptions.ConditionalCheckFailedException):
        filled.delete_item(Key=key, ConditionExpression=Attr("n").eq(6))
    filled.delete_item(Key=key, ConditionExpression=Attr("n").eq(5))
    with pytest.raises(filled.meta.client.exceptions.ConditionalCheckFailedException):
        filled.delete_item(Key=key, ConditionExpression=Attr("n").exists())
