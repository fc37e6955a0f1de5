"""The same random requests over HTTP and by DAX, on two tables: equal answers, equal errors, equal items in the end."""

import os
import random
from decimal import Decimal
from uuid import uuid4

import boto3
import pytest
from amazondax import AmazonDaxClient
from botocore.config import Config
from botocore.exceptions import ClientError
from test_dax import BINARY, CREDENTIALS, create, serving

pytestmark = pytest.mark.skipif(not BINARY, reason="STATOR_BIN names no binary")

STEPS = 400
INDEX = {"IndexName": "by-kind"}
# What a request costs is not told of answers from a cache.
COSTS = {"ConsumedCapacity", "ItemCollectionMetrics", "ResponseMetadata"}


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """Each client, and the name of its table."""
    with serving(tmp_path_factory.mktemp("dax-alike"), "--memory") as server:
        http = boto3.client("dynamodb", endpoint_url=server["url"], **CREDENTIALS)
        once = Config(retries={"max_attempts": 0})
        with AmazonDaxClient(boto3.session.Session(**CREDENTIALS), endpoint_url=server["dax"], config=once) as dax:
            yield (http, create(http)), (dax, create(http))


class Dice(random.Random):
    """Requests as functions of the table's name, most of which can be served."""

    def some(self, *choices):
        return self.choice(choices)

    def key(self):
        # A sort key is of one partition: in the index nothing is beside it, where the order is the table's own.
        pk, sk = self.some(("a", "0"), ("a", "1"), ("a", "-2.5"), ("b", "7"), ("b", "0.001"), ("b", "1000"))
        return {"pk": {"S": pk}, "sk": {"N": sk}}

    def value(self, depth=2):
        plain = [
            lambda: {"S": self.some("", "x", "é🚀", "long" * 50)},
            lambda: {"N": self.some("0", "1", "-7", "12345678901234567890.5", "1E-130", "9.99E+125")},
            lambda: {"B": self.randbytes(3)},
            lambda: {"BOOL": self.some(True, False)},
            lambda: {"NULL": True},
            lambda: {"SS": self.some(["a"], ["a", "b"])},
            lambda: {"NS": self.some(["1"], ["1", "2.5"])},
            lambda: {"BS": [b"\x00", b"\x01"]},
        ]
        nested = [
            lambda: {"L": [self.value(depth - 1) for _ in range(self.randrange(3))]},
            lambda: {"M": {name: self.value(depth - 1) for name in self.sample("rst", self.randrange(3))}},
        ]
        return self.choice(plain + nested if depth else plain)()

    def item(self):
        kind = self.some({}, {"kind": {"S": self.some("k", "l")}})
        counter = self.some({}, {"n": {"N": str(self.randrange(5))}})
        return {**self.key(), **kind, **counter, **{name: self.value() for name in self.sample("vwxyz", self.randrange(4))}}

    def condition(self, member="ConditionExpression"):
        text, names, values = self.some(
            ("attribute_exists(pk)", {}, {}),
            ("attribute_not_exists(pk)", {}, {}),
            ("#n > :n AND NOT (attribute_exists(v) OR #n = :m)", {"#n": "n"}, {":n": {"N": "1"}, ":m": {"N": "3"}}),
            ("n BETWEEN :n AND :m", {}, {":n": {"N": "0"}, ":m": {"N": "2"}}),
            ("begins_with(kind, :k)", {}, {":k": {"S": "k"}}),
            ("contains(v, :k) OR size(v) IN (:n, :m)", {}, {":k": {"S": "x"}, ":n": {"N": "0"}, ":m": {"N": "1"}}),
            ("attribute_type(v, :t)", {}, {":t": {"S": "L"}}),
            ("attribute_type(v, :t)", {}, {":t": {"S": "wrong"}}),
            ("w.r = :v AND x[0] <> :v", {}, {":v": {"S": "x"}}),
            ("begins_with(kind, :k)", {}, {":k": {"N": "1"}}),
        )
        return {
            member: text,
            **({"ExpressionAttributeNames": names} if names else {}),
            **({"ExpressionAttributeValues": values} if values else {}),
        }

    def update(self):
        text, values = self.some(
            ("SET v = :v", {":v": self.value()}),
            ("SET n = if_not_exists(n, :z) + :o", {":z": {"N": "0"}, ":o": {"N": "1"}}),
            ("SET y = list_append(if_not_exists(y, :e), :l)", {":e": {"L": []}, ":l": {"L": [self.value()]}}),
            ("SET w.r = :v REMOVE x[0], z", {":v": self.value()}),
            ("SET kind = :k REMOVE v", {":k": {"S": self.some("k", "l")}}),
            ("ADD n :o, tags :s", {":o": {"N": "2"}, ":s": {"SS": ["t", "u"]}}),
            ("DELETE tags :s", {":s": {"SS": ["t"]}}),
            ("ADD v :o", {":o": {"N": "1"}}),
            ("SET pk = :v", {":v": {"S": "c"}}),
            ("SET kind = :v", {":v": {"N": "1"}}),
            ("SET v = v + :v", {":v": {"S": "x"}}),
            ("SET a.b.c = :v", {":v": {"S": "x"}}),
        )
        returned = self.some("NONE", "ALL_OLD", "ALL_NEW", "UPDATED_OLD", "UPDATED_NEW")
        return {"UpdateExpression": text, "ExpressionAttributeValues": values, "ReturnValues": returned}

    def projection(self):
        return self.some({}, {}, {"ProjectionExpression": "pk, v, w.r"}, {"ProjectionExpression": "y[0], y[2], x, n"}, {"ProjectionExpression": "y[0], y"})

    def put_item(self, table):
        returned = {"ReturnValues": self.some("NONE", "ALL_OLD")}
        return {"TableName": table, "Item": self.item(), **returned, **self.some({}, self.condition())}

    def update_item(self, table):
        return {"TableName": table, "Key": self.key(), **self.update()}

    def delete_item(self, table):
        return {"TableName": table, "Key": self.key(), "ReturnValues": "ALL_OLD", **self.some({}, self.condition())}

    def get_item(self, table):
        consistent = self.some({}, {}, {"ConsistentRead": True})
        wrong = self.random() < 0.05
        key = {"pk": {"S": ""}, "sk": {"N": "1"}} if wrong else self.key()
        return {"TableName": table, "Key": key, **consistent, **self.projection()}

    def query(self, table):
        text, values, options = self.some(
            ("pk = :p", {":p": {"S": "a"}}, {}),
            ("pk = :p AND sk BETWEEN :f AND :t", {":p": {"S": "b"}, ":f": {"N": "-3"}, ":t": {"N": "1"}}, {}),
            ("pk = :p AND sk > :f", {":p": {"S": "a"}, ":f": {"N": "0"}}, {"ScanIndexForward": False}),
            ("kind = :p", {":p": {"S": "k"}}, INDEX),
            ("kind = :p AND sk <= :t", {":p": {"S": "k"}, ":t": {"N": "1"}}, {**INDEX, "Select": "COUNT"}),
            ("sk = :p", {":p": {"N": "1"}}, {}),
            ("pk = :p", {":p": {"N": "1"}}, {}),
        )
        filtered = self.some({}, {"FilterExpression": "attribute_exists(n)"}, {"FilterExpression": "n <> :n"})
        if ":n" in filtered.get("FilterExpression", ""):
            values = {**values, ":n": {"N": "1"}}
        limit = self.some({}, {"Limit": 1}, {"Limit": 2})
        request = {"TableName": table, "KeyConditionExpression": text, "ExpressionAttributeValues": values}
        projection = {} if "Select" in options else self.projection()
        return {**request, **options, **filtered, **limit, **projection}

    def scan(self, table):
        # In which order, and so on which page and segment, the items of a table come is the table's own.
        segment = self.some({}, {"Segment": 0, "TotalSegments": 1}, {"Segment": 2, "TotalSegments": 1})
        filtered = self.some({}, self.condition("FilterExpression"))
        return {"TableName": table, **segment, **filtered, **self.some({}, INDEX, {"Limit": 100}), **self.projection()}

    def batch_get_item(self, table):
        keys = [self.key() for _ in range(self.randrange(1, 4))]
        return {"RequestItems": {table: {"Keys": keys, **self.projection()}}}

    def batch_write_item(self, table):
        # Of a batch with a key twice, DAX's client for Python cannot tell what is wrong where there are bytes in it.
        texts = [{**self.key(), "v": {"S": str(self.random())}} for _ in range(2)]
        puts = [{"PutRequest": {"Item": item}} for item in texts]
        return {"RequestItems": {table: [*puts, {"DeleteRequest": {"Key": self.key()}}]}}

    def transact_get_items(self, table):
        gets = [{"Get": {"TableName": table, "Key": self.key(), **self.projection()}} for _ in range(2)]
        return {"TransactItems": gets}

    def transact_write_items(self, table):
        checked = {"ReturnValuesOnConditionCheckFailure": self.some("NONE", "ALL_OLD")}
        update = {name: value for name, value in self.update().items() if name != "ReturnValues"}
        actions = [
            {"Put": {"TableName": table, "Item": self.item(), **self.condition(), **checked}},
            {"Update": {"TableName": table, "Key": self.key(), **update, **checked}},
            {"Delete": {"TableName": table, "Key": self.key(), **checked}},
            {"ConditionCheck": {"TableName": table, "Key": self.key(), **self.condition(), **checked}},
        ]
        return {"TransactItems": self.sample(actions, self.randrange(1, 4))}


OPERATIONS = (
    ["put_item", "update_item", "get_item", "query"] * 3
    + ["delete_item", "scan", "batch_get_item", "batch_write_item", "transact_get_items", "transact_write_items"]
)


def sorted_item(item):
    return sorted((name, repr(plain(value))) for name, value in item.items())


def plain(answer, table=""):
    """An answer in one form: numbers and sets by their values, no costs, no name of the table, nothing that is empty."""
    if isinstance(answer, dict):
        members = {}
        for name, value in answer.items():
            if name == "N":
                members[name] = Decimal(value)
            elif name == "NS":
                members[name] = sorted(map(Decimal, value))
            elif name in ("SS", "BS"):
                members[name] = sorted(value)
            elif name not in COSTS and (value := plain(value, table)) not in (None, {}, []):
                members["table" if name == table else name] = value
            elif name in ("L", "M"):
                members[name] = value
        return members
    if isinstance(answer, list):
        return [plain(value, table) for value in answer]
    return bytes(answer) if isinstance(answer, (bytearray, memoryview)) else answer


def outcome(client, operation, request, table):
    try:
        answer = plain(getattr(client, operation)(**request), table)
    except ClientError as error:
        return error.response["Error"]["Code"]
    if operation == "batch_get_item":
        answer.get("Responses", {}).get("table", []).sort(key=sorted_item)
    if operation == "scan":
        answer.get("Items", []).sort(key=sorted_item)
    return answer


def test_random_requests_are_answered_alike(both):
    seed = int(os.environ.get("STATOR_SEED", 11))
    refused = 0
    for step in range(STEPS):
        dice = Dice(f"{seed}/{step}")
        operation = dice.choice(OPERATIONS)
        state = dice.getstate()
        outcomes = []
        for client, table in both:
            dice.setstate(state)
            outcomes.append(outcome(client, operation, getattr(dice, operation)(table), table))
        over_http, by_dax = outcomes
        dice.setstate(state)
        request = getattr(dice, operation)("table")
        assert by_dax == over_http, f"step {step} of seed {seed}: {operation} {request}"
        refused += isinstance(over_http, str)
    assert STEPS // 20 < refused < STEPS // 2
    everything = [outcome(client, "scan", {"TableName": table, "ConsistentRead": True}, table) for client, table in both]
    assert everything[0] == everything[1]
