"""Money that moves between accounts in transactions: none is made and none is lost, whoever looks and whatever breaks.

A transfer takes from one account, gives to another and enters itself in a ledger. It is repeated by its token until it
is acknowledged or refused, so its outcome is always known in the end.
"""

import itertools
import random

from botocore.exceptions import BotoCoreError, ClientError
from clients import Worker, may_pass, reasons

TABLE = "Bank"
ACCOUNTS = [f"account{number}" for number in range(8)]
BALANCE = 100


def create_table(dynamodb):
    dynamodb.create_table(
        TableName=TABLE,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )
    for account in ACCOUNTS:
        dynamodb.put_item(TableName=TABLE, Item={**key(account), "balance": number(BALANCE)})


class Teller(Worker):
    def __init__(self, name, clients):
        super().__init__(name, clients)
        self.done, self.refused = [], []
        self.numbers = itertools.count(1)

    def step(self):
        transfer = {
            "id": f"{self.name}.{next(self.numbers)}",
            "accounts": random.sample(ACCOUNTS, 2),
            "amount": random.randint(1, BALANCE),
        }
        # One that is under way goes on to its end, whatever else.
        (self.done if self.is_done(transfer) else self.refused).append(transfer["id"])
        self.acknowledged += 1

    def is_done(self, transfer):
        while True:
            try:
                next(self.turns).transact_write_items(**transaction(**transfer))
                return True
            except (BotoCoreError, ClientError) as error:
                if isinstance(error, ClientError) and reasons(error) == ["ConditionalCheckFailed", "None", "None"]:
                    return False
                if not may_pass(error):
                    raise


class Auditor(Worker):
    """Reads all accounts at once."""

    def step(self):
        gets = [{"Get": {"TableName": TABLE, "Key": key(account)}} for account in ACCOUNTS]
        try:
            answers = next(self.turns).transact_get_items(TransactItems=gets)["Responses"]
        except (BotoCoreError, ClientError) as error:
            if not may_pass(error):
                raise
            return
        balances = [int(answer["Item"]["balance"]["N"]) for answer in answers]
        assert sum(balances) == BALANCE * len(ACCOUNTS), f"the accounts had {sum(balances)}: {balances}"
        self.acknowledged += 1


def transaction(id, accounts, amount):
    source, target = accounts
    entry = {**key(id), "from": {"S": source}, "to": {"S": target}, "amount": number(amount)}
    return {
        "ClientRequestToken": id,
        "TransactItems": [
            change(source, "SET balance = balance - :amount", amount, ConditionExpression="balance >= :amount"),
            change(target, "SET balance = balance + :amount", amount),
            {"Put": {"TableName": TABLE, "Item": entry, "ConditionExpression": "attribute_not_exists(id)"}},
        ],
    }


def change(account, expression, amount, **more):
    values = {":amount": number(amount)}
    update = {"Key": key(account), "UpdateExpression": expression, "ExpressionAttributeValues": values}
    return {"Update": {"TableName": TABLE, **update, **more}}


def key(id):
    return {"id": {"S": id}}


def number(value):
    return {"N": str(value)}


def check(tellers, items):
    """Raises where the items of the table are not what the transfers have made of it."""
    items = {item["id"]["S"]: item for item in items}
    balances = {account: int(items.pop(account)["balance"]["N"]) for account in ACCOUNTS}
    done = {id for teller in tellers for id in teller.done}
    assert not (lost := done - items.keys()), f"acknowledged and not in the ledger: {sorted(lost)}"
    assert not (more := items.keys() - done), f"in the ledger and not acknowledged: {sorted(more)}"
    expected = dict.fromkeys(ACCOUNTS, BALANCE)
    for entry in items.values():
        expected[entry["from"]["S"]] -= int(entry["amount"]["N"])
        expected[entry["to"]["S"]] += int(entry["amount"]["N"])
    assert balances == expected, f"the accounts have {balances}, by the ledger {expected}"
