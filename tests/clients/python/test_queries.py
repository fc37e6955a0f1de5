"""Query and Scan: order, ranges, indexes, pages, paginators, segments."""

import pytest
from boto3.dynamodb.conditions import Attr, Key


@pytest.fixture
def filled(table):
    """Two partitions of forty items; every fourth has a kind, all weights run against sk."""
    with table.batch_writer() as batch:
        for pk in ("a", "b"):
            for sk in range(40):
                item = {"pk": pk, "sk": sk - 20, "weight": 40 - sk, "title": f"{pk}{sk}", "body": "x"}
                batch.put_item(Item={**item, "kind": "rare"} if sk % 4 == 0 else item)
    return table


def sort_keys(answer):
    return [int(item["sk"]) for item in answer["Items"]]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (Key("sk").eq(3), [3]),
        (Key("sk").lt(-17), [-20, -19, -18]),
        (Key("sk").lte(-18), [-20, -19, -18]),
        (Key("sk").gt(16), [17, 18, 19]),
        (Key("sk").gte(17), [17, 18, 19]),
        (Key("sk").between(-2, 2), [-2, -1, 0, 1, 2]),
        (Key("sk").eq(99), []),
    ],
)
def test_sort_key_conditions(filled, condition, expected):
    forward = filled.query(KeyConditionExpression=Key("pk").eq("a") & condition)
    assert sort_keys(forward) == expected
    backward = filled.query(KeyConditionExpression=Key("pk").eq("a") & condition, ScanIndexForward=False)
    assert sort_keys(backward) == expected[::-1]


def test_string_keys_begin_with_a_prefix(client, resource, name):
    client.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in ("pk", "sk")],
        BillingMode="PAY_PER_REQUEST",
    )
    client.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1})
    table = resource.Table(name)
    for sk in ("a", "a#1", "a#2", "a\uffff", "aé", "b", "a🚀"):
        table.put_item(Item={"pk": "p", "sk": sk})
    found = table.query(KeyConditionExpression=Key("pk").eq("p") & Key("sk").begins_with("a#"))
    assert [item["sk"] for item in found["Items"]] == ["a#1", "a#2"]
    everything = [item["sk"] for item in table.query(KeyConditionExpression=Key("pk").eq("p"))["Items"]]
    assert everything == sorted(everything, key=str.encode)


def test_a_global_index_holds_what_has_its_keys(filled):
    found = filled.query(IndexName="by-kind", KeyConditionExpression=Key("kind").eq("rare") & Key("weight").gt(30))
    assert [int(item["weight"]) for item in found["Items"]] == [32, 32, 36, 36, 40, 40]
    assert found["Items"][0].keys() == {"pk", "sk", "kind", "weight", "title"}
    filled.update_item(Key={"pk": "a", "sk": -20}, UpdateExpression="REMOVE kind")
    assert filled.query(IndexName="by-kind", KeyConditionExpression=Key("kind").eq("rare"))["Count"] == 19
    filled.delete_item(Key={"pk": "b", "sk": -20})
    assert filled.scan(IndexName="by-kind")["Count"] == 18


def test_a_local_index_sorts_a_partition_another_way(filled):
    condition = Key("pk").eq("a") & Key("weight").lte(3)
    found = filled.query(IndexName="by-weight", KeyConditionExpression=condition, ConsistentRead=True)
    assert sort_keys(found) == [19, 18, 17]
    assert found["Items"][0].keys() == {"pk", "sk", "weight"}
    whole = filled.query(IndexName="by-weight", KeyConditionExpression=condition, Select="ALL_ATTRIBUTES")
    assert whole["Items"][0]["title"] == "a39"


def test_filters_count_what_was_read(filled):
    answer = filled.query(KeyConditionExpression=Key("pk").eq("a"), FilterExpression=Attr("kind").eq("rare"))
    assert (answer["Count"], answer["ScannedCount"]) == (10, 40)
    counted = filled.query(KeyConditionExpression=Key("pk").eq("a"), Select="COUNT")
    assert counted["Count"] == 40
    assert "Items" not in counted


def test_limit_and_start_key_walk_a_partition(filled):
    seen, options = [], {}
    while True:
        answer = filled.query(KeyConditionExpression=Key("pk").eq("a"), Limit=7, **options)
        assert answer["Count"] <= 7
        seen += sort_keys(answer)
        if "LastEvaluatedKey" not in answer:
            break
        options["ExclusiveStartKey"] = answer["LastEvaluatedKey"]
    assert seen == list(range(-20, 20))


@pytest.mark.parametrize("forward", [True, False])
@pytest.mark.parametrize(
    ("index", "condition", "count"),
    [(None, "pk = :v", 40), ("by-weight", "pk = :v", 40), ("by-kind", "kind = :v", 20)],
)
def test_paginators_see_every_item_once(client, filled, index, condition, count, forward):
    options = {"IndexName": index} if index else {}
    value = {"S": "rare" if index == "by-kind" else "a"}
    pages = client.get_paginator("query").paginate(
        TableName=filled.name,
        KeyConditionExpression=condition,
        ExpressionAttributeValues={":v": value},
        ScanIndexForward=forward,
        PaginationConfig={"PageSize": 3},
        **options,
    )
    keys = [(item["pk"]["S"], item["sk"]["N"]) for page in pages for item in page["Items"]]
    assert len(keys) == len(set(keys)) == count


def test_pages_end_at_a_megabyte(client, table):
    with table.batch_writer() as batch:
        for sk in range(30):
            batch.put_item(Item={"pk": "big", "sk": sk, "body": "x" * 100_000})
    pages = list(
        client.get_paginator("query").paginate(
            TableName=table.name, KeyConditionExpression="pk = :p", ExpressionAttributeValues={":p": {"S": "big"}}
        )
    )
    assert [page["Count"] for page in pages] in ([10, 10, 10], [11, 11, 8], [10, 10, 10, 0])
    assert [int(item["sk"]["N"]) for page in pages for item in page["Items"]] == list(range(30))


def test_scan_segments_share_the_table(filled):
    shares = []
    for segment in range(4):
        answer = filled.scan(Segment=segment, TotalSegments=4)
        shares += [(item["pk"], item["sk"]) for item in answer["Items"]]
    assert len(shares) == len(set(shares)) == 80


def test_a_scan_in_pages_sees_every_item_once(client, filled):
    pages = client.get_paginator("scan").paginate(TableName=filled.name, PaginationConfig={"PageSize": 9})
    keys = [(item["pk"]["S"], item["sk"]["N"]) for page in pages for item in page["Items"]]
    assert len(keys) == len(set(keys)) == 80


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request."),
        ({"KeyConditionExpression": "sk = :v"}, "Query condition missed key schema element: pk"),
        ({"KeyConditionExpression": "pk > :s"}, "Query key condition not supported"),
        ({"KeyConditionExpression": "pk = :s OR sk = :v"}, "Invalid operator used in KeyConditionExpression: OR"),
        ({"KeyConditionExpression": "pk = :s", "IndexName": "none"}, "The table does not have the specified index: none"),
        (
            {"KeyConditionExpression": "kind = :s", "IndexName": "by-kind", "ConsistentRead": True},
            "Consistent reads are not supported on global secondary indexes",
        ),
        (
            {"KeyConditionExpression": "pk = :s", "FilterExpression": "sk = :v"},
            "Filter Expression can only contain non-primary key attributes: Primary key attribute: sk",
        ),
    ],
)
def test_what_a_query_may_not_ask(table, refused, options, message):
    text = str(options)
    values = {name: value for name, value in {":s": {"S": "a"}, ":v": {"N": "1"}}.items() if name in text}
    if values:
        options = {**options, "ExpressionAttributeValues": values}
    code, text = refused("query", TableName=table.name, **options)
    assert code == "ValidationException"
    assert message in text
