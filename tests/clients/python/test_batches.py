"""Batches: the batch writer, batch reads, and what a batch refuses."""


def test_the_batch_writer_writes_and_deletes(table):
    with table.batch_writer() as batch:
        for sk in range(60):
            batch.put_item(Item={"pk": "a", "sk": sk})
    assert table.scan()["Count"] == 60
    with table.batch_writer() as batch:
        for sk in range(0, 60, 2):
            batch.delete_item(Key={"pk": "a", "sk": sk})
    assert [int(item["sk"]) for item in table.scan()["Items"]] == list(range(1, 60, 2))


def test_the_batch_writer_keeps_the_last_of_equal_keys(table):
    with table.batch_writer(overwrite_by_pkeys=["pk", "sk"]) as batch:
        for value in range(30):
            batch.put_item(Item={"pk": "a", "sk": 1, "value": value})
    assert table.get_item(Key={"pk": "a", "sk": 1})["Item"]["value"] == 29


def test_a_batch_reads_from_several_tables(resource, client, table, name):
    other = resource.create_table(
        TableName=f"{name}-2",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    other.wait_until_exists()
    try:
        other.put_item(Item={"id": "x", "value": 1})
        for sk in range(5):
            table.put_item(Item={"pk": "a", "sk": sk, "value": sk})
        answer = resource.batch_get_item(
            RequestItems={
                table.name: {
                    "Keys": [{"pk": "a", "sk": sk} for sk in range(8)],
                    "ProjectionExpression": "sk",
                    "ConsistentRead": True,
                },
                other.name: {"Keys": [{"id": "x"}, {"id": "y"}]},
            }
        )
        assert sorted(item["sk"] for item in answer["Responses"][table.name]) == list(range(5))
        assert answer["Responses"][other.name] == [{"id": "x", "value": 1}]
        assert answer["UnprocessedKeys"] == {}
    finally:
        other.delete()


def test_a_hundred_keys_are_a_batch(table):
    with table.batch_writer() as batch:
        for sk in range(100):
            batch.put_item(Item={"pk": "a", "sk": sk})
    keys = [{"pk": "a", "sk": sk} for sk in range(100)]
    answer = table.meta.client.batch_get_item(RequestItems={table.name: {"Keys": keys}})
    assert len(answer["Responses"][table.name]) == 100


def test_a_batch_reports_its_capacity_by_table(client, table):
    puts = [{"PutRequest": {"Item": {"pk": {"S": "a"}, "sk": {"N": str(sk)}}}} for sk in range(3)]
    answer = client.batch_write_item(RequestItems={table.name: puts}, ReturnConsumedCapacity="TOTAL")
    assert answer["ConsumedCapacity"] == [{"TableName": table.name, "CapacityUnits": 3.0}]
    assert answer["UnprocessedItems"] == {}


def test_what_a_batch_may_not_hold(table, refused):
    key = {"pk": {"S": "a"}, "sk": {"N": "1"}}
    put = {"PutRequest": {"Item": key}}
    duplicates = "Provided list of item keys contains duplicates"
    assert refused("batch_write_item", RequestItems={table.name: [put, put]}) == ("ValidationException", duplicates)
    assert refused("batch_write_item", RequestItems={table.name: [put, {"DeleteRequest": {"Key": key}}]})[1] == duplicates
    assert refused("batch_get_item", RequestItems={table.name: {"Keys": [key, key]}})[1] == duplicates
    many = [{"PutRequest": {"Item": {**key, "sk": {"N": str(sk)}}}} for sk in range(26)]
    code, message = refused("batch_write_item", RequestItems={table.name: many})
    assert code == "ValidationException"
    assert "Member must have length less than or equal to 25" in message
    keys = [{**key, "sk": {"N": str(sk)}} for sk in range(101)]
    code, message = refused("batch_get_item", RequestItems={table.name: {"Keys": keys}})
    assert code == "ValidationException"
    assert "Member must have length less than or equal to 100" in message
    assert refused("batch_write_item", RequestItems={"no-such-table": [put]}) == (
        "ResourceNotFoundException",
        "Requested resource not found",
    )
    wrong = {"PutRequest": {"Item": {"pk": {"N": "1"}, "sk": {"N": "1"}}}}
    assert refused("batch_write_item", RequestItems={table.name: [wrong]}) == (
        "ValidationException",
        "The provided key element does not match the schema",
    )
    assert table.scan()["Count"] == 0
