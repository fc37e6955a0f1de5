"""Transactions: all or nothing, reasons in order, idempotency, conflicts."""

from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest


def key(sk):
    return {"pk": {"S": "t"}, "sk": {"N": str(sk)}}


def put(table, sk, value=1, **options):
    return {"Put": {"TableName": table.name, "Item": {**key(sk), "value": {"N": str(value)}}, **options}}


def add(table, sk, amount=1, **options):
    values = {":v": {"N": str(amount)}}
    update = {"UpdateExpression": "ADD #v :v", "ExpressionAttributeNames": {"#v": "value"}}
    return {"Update": {"TableName": table.name, "Key": key(sk), "ExpressionAttributeValues": values, **update, **options}}


def delete(table, sk, **options):
    return {"Delete": {"TableName": table.name, "Key": key(sk), **options}}


def check(table, sk, condition):
    return {"ConditionCheck": {"TableName": table.name, "Key": key(sk), "ConditionExpression": condition}}


def values(table):
    return {int(item["sk"]): int(item["value"]) for item in table.scan(ConsistentRead=True)["Items"]}


@pytest.fixture
def cancelled(client):
    """Runs a transaction that must be cancelled; gives the error response."""

    def run(operation, actions):
        with pytest.raises(client.exceptions.TransactionCanceledException) as caught:
            getattr(client, operation)(TransactItems=actions)
        return caught.value.response

    return run


def test_all_four_actions_happen_together(client, table):
    table.put_item(Item={"pk": "t", "sk": 2, "value": 5})
    table.put_item(Item={"pk": "t", "sk": 3, "value": 5})
    table.put_item(Item={"pk": "t", "sk": 4, "value": 5})
    client.transact_write_items(
        TransactItems=[put(table, 1), add(table, 2), delete(table, 3), check(table, 4, "attribute_exists(pk)")]
    )
    assert values(table) == {1: 1, 2: 6, 4: 5}


def test_one_failed_condition_cancels_all(table, cancelled):
    table.put_item(Item={"pk": "t", "sk": 2, "value": 5})
    once = {"ConditionExpression": "attribute_not_exists(pk)", "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
    response = cancelled("transact_write_items", [put(table, 1), put(table, 2, **once), add(table, 3)])
    assert response["Error"]["Message"] == (
        "Transaction cancelled, please refer cancellation reasons for specific reasons "
        "[None, ConditionalCheckFailed, None]"
    )
    first, second, third = response["CancellationReasons"]
    assert first["Code"] == third["Code"] == "None"
    assert second["Code"] == "ConditionalCheckFailed"
    assert second["Message"] == "The conditional request failed"
    assert second["Item"]["value"] == {"N": "5"}
    assert values(table) == {2: 5}


def test_every_reason_is_given(table, cancelled):
    table.put_item(Item={"pk": "t", "sk": 1, "value": 5, "text": "x"})
    bad = {"UpdateExpression": "ADD #v :v", "ExpressionAttributeNames": {"#v": "text"}}
    response = cancelled(
        "transact_write_items",
        [add(table, 1, **bad), check(table, 2, "attribute_exists(pk)"), put(table, 3)],
    )
    assert [reason["Code"] for reason in response["CancellationReasons"]] == [
        "ValidationError",
        "ConditionalCheckFailed",
        "None",
    ]
    assert response["CancellationReasons"][0]["Message"] == (
        "An operand in the update expression has an incorrect data type"
    )


def test_items_are_read_together(client, table):
    client.transact_write_items(TransactItems=[put(table, 1), put(table, 2)])
    gets = [{"Get": {"TableName": table.name, "Key": key(sk)}} for sk in (2, 9, 1)]
    responses = client.transact_get_items(TransactItems=gets)["Responses"]
    assert [response.get("Item", {}).get("sk", {}).get("N") for response in responses] == ["2", None, "1"]


def test_a_token_makes_a_transaction_happen_once(client, table, refused):
    token = uuid4().hex
    for _ in range(3):
        client.transact_write_items(TransactItems=[add(table, 1)], ClientRequestToken=token)
    assert values(table) == {1: 1}
    code, _ = refused("transact_write_items", TransactItems=[add(table, 1, 2)], ClientRequestToken=token)
    assert code == "IdempotentParameterMismatchException"
    assert values(table) == {1: 1}


def test_a_hundred_actions_are_a_transaction(client, table, refused):
    client.transact_write_items(TransactItems=[put(table, sk) for sk in range(100)])
    assert len(values(table)) == 100
    code, message = refused("transact_write_items", TransactItems=[put(table, sk) for sk in range(101)])
    assert code == "ValidationException"
    assert "Member must have length less than or equal to 100" in message


def test_what_a_transaction_may_not_hold(table, refused):
    twice = "Transaction request cannot include multiple operations on one item"
    assert refused("transact_write_items", TransactItems=[put(table, 1), delete(table, 1)]) == (
        "ValidationException",
        twice,
    )
    unknown = {"Put": {"TableName": "no-such-table", "Item": key(1)}}
    assert refused("transact_write_items", TransactItems=[unknown])[0] == "ResourceNotFoundException"
    both = {**put(table, 1), **delete(table, 2)}
    assert refused("transact_write_items", TransactItems=[both]) == (
        "ValidationException",
        "TransactItems can only contain one of Check, Put, Update or Delete",
    )


def test_transfers_keep_the_sum(client, table):
    """Many transfers at once between few accounts: some are cancelled as conflicts, none tears."""
    accounts, threads, transfers = 4, 6, 25
    client.transact_write_items(TransactItems=[put(table, sk, 1000) for sk in range(accounts)])

    def transfer(thread):
        done = conflicts = 0
        for step in range(transfers):
            source = (thread + step) % accounts
            target = (source + 1 + step % (accounts - 1)) % accounts
            try:
                client.transact_write_items(TransactItems=[add(table, source, -1), add(table, target, 1)])
                done += 1
            except client.exceptions.TransactionCanceledException as error:
                codes = {reason["Code"] for reason in error.response["CancellationReasons"]}
                assert codes <= {"None", "TransactionConflict"}, codes
                conflicts += 1
            gets = [{"Get": {"TableName": table.name, "Key": key(sk)}} for sk in range(accounts)]
            try:
                read = client.transact_get_items(TransactItems=gets)["Responses"]
                assert sum(int(response["Item"]["value"]["N"]) for response in read) == 1000 * accounts
            except client.exceptions.TransactionCanceledException:
                pass
        return done, conflicts

    with ThreadPoolExecutor(threads) as pool:
        results = list(pool.map(transfer, range(threads)))
    assert sum(values(table).values()) == 1000 * accounts
    assert sum(done for done, _ in results) > 0
