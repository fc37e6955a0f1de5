"""The table: its definition, pages of queries, and transactions with their cancellation reasons."""

import base64
import json
import random
import time
from dataclasses import dataclass

from botocore.exceptions import ClientError

NAME = "SocialMediaApp"
CONFLICT_ATTEMPTS = 20

DEFINITION = {
    "KeySchema": [
        {"AttributeName": "PK", "KeyType": "HASH"},
        {"AttributeName": "SK", "KeyType": "RANGE"},
    ],
    "AttributeDefinitions": [
        {"AttributeName": "PK", "AttributeType": "S"},
        {"AttributeName": "SK", "AttributeType": "S"},
        {"AttributeName": "GSI1PK", "AttributeType": "S"},
        {"AttributeName": "GSI1SK", "AttributeType": "S"},
    ],
    "GlobalSecondaryIndexes": [
        {
            "IndexName": "GSI1",
            "KeySchema": [
                {"AttributeName": "GSI1PK", "KeyType": "HASH"},
                {"AttributeName": "GSI1SK", "KeyType": "RANGE"},
            ],
            "Projection": {"ProjectionType": "ALL"},
            "ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5},
        }
    ],
    "ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5},
}


@dataclass(frozen=True)
class Page:
    """Some items and, unless this is the last page, an opaque cursor for the next one."""

    items: list
    cursor: str | None


class Cancelled(Exception):
    """A transaction that was refused: one code per action ("None" for those that would have passed)."""

    def __init__(self, codes):
        super().__init__(codes)
        self.codes = codes

    def failed(self, action):
        return self.codes[action] == "ConditionalCheckFailed"


class Table:
    """The single table of the application."""

    def __init__(self, dynamodb, name=NAME):
        self.table = dynamodb.Table(name)
        self.client = dynamodb.meta.client
        self.dynamodb = dynamodb
        self.name = name

    def create(self):
        self.table = self.dynamodb.create_table(TableName=self.name, **DEFINITION)
        self.table.wait_until_exists()

    def item(self, key):
        return self.table.get_item(Key=key, ConsistentRead=True).get("Item")

    def page(self, condition, limit, cursor=None, **options):
        """One page of at most `limit` items, from where `cursor` (of an earlier page) left off."""
        if cursor:
            options["ExclusiveStartKey"] = json.loads(base64.urlsafe_b64decode(cursor))
        answer = self.table.query(KeyConditionExpression=condition, Limit=limit, **options)
        last = answer.get("LastEvaluatedKey")
        return Page(answer["Items"], base64.urlsafe_b64encode(json.dumps(last).encode()).decode() if last else None)

    def all(self, condition, **options):
        """Every item of a query, page by page."""
        while True:
            answer = self.table.query(KeyConditionExpression=condition, **options)
            yield from answer["Items"]
            if not (last := answer.get("LastEvaluatedKey")):
                return
            options["ExclusiveStartKey"] = last

    def put(self, item, condition=None):
        return self._action("Put", {"Item": item}, condition, {})

    def delete(self, key, condition=None):
        return self._action("Delete", {"Key": key}, condition, {})

    def add(self, key, attribute, amount):
        """Counts up or down, only on an item that exists: a counter must not create its owner."""
        body = {"Key": key, "UpdateExpression": "ADD #counter :amount"}
        names = {"ExpressionAttributeNames": {"#counter": attribute}}
        return self._action("Update", body, "attribute_exists(PK)", names, {":amount": amount})

    def _action(self, kind, body, condition, names, values=None):
        # Plain Python values: the client of a *resource* translates them itself. Handing it {"S": "..."}
        # would store a map with one entry named S.
        action = {"TableName": self.name, **body, **names}
        if condition:
            action["ConditionExpression"] = condition
        if values:
            action["ExpressionAttributeValues"] = values
        return {kind: action}

    def transact(self, *actions):
        """All actions or none. Tries again while another transaction holds one of the items."""
        for attempt in range(CONFLICT_ATTEMPTS):
            try:
                return self.client.transact_write_items(TransactItems=list(actions))
            except ClientError as error:
                if error.response["Error"]["Code"] != "TransactionCanceledException":
                    raise
                codes = [reason["Code"] for reason in error.response["CancellationReasons"]]
                if "TransactionConflict" not in codes or attempt + 1 == CONFLICT_ATTEMPTS:
                    raise Cancelled(codes) from error
                time.sleep(random.uniform(0, 0.002 * 2 ** min(attempt, 6)))

    def delete_all(self, items):
        with self.table.batch_writer() as batch:
            for item in items:
                batch.delete_item(Key={"PK": item["PK"], "SK": item["SK"]})
