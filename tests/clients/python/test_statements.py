"""PartiQL by boto3: statements with parameters, pages, batches, transactions."""

import pytest
from botocore.exceptions import ClientError


@pytest.fixture
def filled(table):
    with table.batch_writer() as batch:
        for number in range(25):
            batch.put_item({"pk": f"p{number % 2}", "sk": number, "kind": "k", "weight": number, "title": f"t{number}"})
    return table


def numbers(items):
    return [int(item["sk"]["N"]) for item in items]


def test_pages_are_followed_by_a_paginator_of_ones_own(client, filled):
    found, token = [], {}
    while True:
        page = client.execute_statement(
            Statement=f'SELECT sk FROM "{filled.name}" WHERE pk IN [?, ?] AND weight > 3 ORDER BY pk DESC, sk DESC',
            Parameters=[{"S": "p0"}, {"S": "p1"}],
            Limit=4,
            **token,
        )
        found += numbers(page["Items"])
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    assert found == [*range(23, 4, -2), *range(24, 3, -2)]


def test_a_scan_goes_through_everything_in_pages(client, filled):
    found, token = [], {}
    while True:
        page = client.execute_statement(Statement=f'SELECT * FROM "{filled.name}"', Limit=7, **token)
        found += numbers(page["Items"])
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    assert sorted(found) == list(range(25))


def test_a_global_index_by_its_name(client, filled):
    page = client.execute_statement(
        Statement=f'SELECT title FROM "{filled.name}"."by-kind" WHERE kind = ? AND weight BETWEEN ? AND ?',
        Parameters=[{"S": "k"}, {"N": "3"}, {"N": "5"}],
    )
    assert page["Items"] == [{"title": {"S": f"t{number}"}} for number in (3, 4, 5)]


def test_an_item_lives(client, table):
    run = client.execute_statement
    name = f'"{table.name}"'
    run(Statement=f"INSERT INTO {name} VALUE {{'pk': ?, 'sk': 1, 'tags': <<'a'>>}}", Parameters=[{"S": "x"}])
    with pytest.raises(client.exceptions.DuplicateItemException):
        run(Statement=f"INSERT INTO {name} VALUE {{'pk': 'x', 'sk': 1}}")
    changed = run(Statement=f"UPDATE {name} SET tags = set_add(tags, <<'b'>>) WHERE pk = 'x' AND sk = 1 RETURNING ALL NEW *")
    assert changed["Items"] == [{"pk": {"S": "x"}, "sk": {"N": "1"}, "tags": {"SS": ["a", "b"]}}]
    with pytest.raises(client.exceptions.ConditionalCheckFailedException) as failed:
        run(
            Statement=f"DELETE FROM {name} WHERE pk = 'x' AND sk = 1 AND contains(tags, 'c')",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
    assert failed.value.response["Item"]["pk"] == {"S": "x"}
    assert run(Statement=f"DELETE FROM {name} WHERE pk = 'x' AND sk = 1 RETURNING ALL OLD *")["Items"] == changed["Items"]
    assert run(Statement=f"SELECT * FROM {name}")["Items"] == []


def test_a_batch_and_a_transaction(client, table):
    insert = f"INSERT INTO \"{table.name}\" VALUE {{'pk': ?, 'sk': ?}}"
    rows = [[{"S": "b"}, {"N": str(number)}] for number in range(25)]
    answer = client.batch_execute_statement(Statements=[{"Statement": insert, "Parameters": row} for row in rows])
    assert all("Error" not in one for one in answer["Responses"])
    read = f'SELECT sk FROM "{table.name}" WHERE pk = ? AND sk = ?'
    answer = client.execute_transaction(TransactStatements=[{"Statement": read, "Parameters": row} for row in rows])
    assert [int(one["Item"]["sk"]["N"]) for one in answer["Responses"]] == list(range(25))
    with pytest.raises(client.exceptions.TransactionCanceledException) as cancelled:
        client.execute_transaction(
            TransactStatements=[
                {"Statement": insert, "Parameters": [{"S": "b"}, {"N": "99"}]},
                {"Statement": insert, "Parameters": rows[0]},
            ]
        )
    assert [reason["Code"] for reason in cancelled.value.response["CancellationReasons"]] == ["None", "DuplicateItem"]
    assert client.execute_statement(Statement=read, Parameters=[{"S": "b"}, {"N": "99"}])["Items"] == []


def test_what_is_no_statement_is_refused(client):
    with pytest.raises(ClientError) as refused:
        client.execute_statement(Statement="SHOW TABLES")
    assert refused.value.response["Error"]["Code"] == "ValidationException"
