"""Customers who order without pause through whichever server answers, and what must be true of their orders."""

import time

from botocore.exceptions import BotoCoreError, ClientError
from clients import Worker, client, is_conflict, reasons, status

TABLE = "Orders"
TOTAL = 0  # the number under which a customer's count of orders stands
INDEX = "ByCourier"
COURIERS = 5


def create_table(dynamodb):
    dynamodb.create_table(
        TableName=TABLE,
        KeySchema=[
            {"AttributeName": "customer", "KeyType": "HASH"},
            {"AttributeName": "number", "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[
            {"AttributeName": "customer", "AttributeType": "S"},
            {"AttributeName": "number", "AttributeType": "N"},
            {"AttributeName": "courier", "AttributeType": "S"},
        ],
        GlobalSecondaryIndexes=[
            {
                "IndexName": INDEX,
                "KeySchema": [
                    {"AttributeName": "courier", "KeyType": "HASH"},
                    {"AttributeName": "number", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )


class Customer(Worker):
    """Orders 1, 2, 3, …, each in a transaction with the count, and goes on to the next once one is acknowledged."""

    longest_wait = 0.0

    def step(self):
        began = time.monotonic()
        self.order(self.acknowledged + 1)
        self.acknowledged += 1
        self.longest_wait = max(self.longest_wait, time.monotonic() - began)

    def order(self, number):
        """Until it is acknowledged: by the next server where one does not answer, or says that it cannot."""
        turn = number
        while True:
            try:
                return self.place(self.clients[turn % len(self.clients)], number)
            except BotoCoreError:
                pass  # a server that is gone
            except ClientError as error:
                if was_there(error):
                    return  # an attempt before this one was answered with an error, and had happened
                if status(error) < 500 and not is_conflict(error):
                    raise
            turn += 1

    def place(self, dynamodb, number):
        key = {"customer": {"S": self.name}}
        courier = {"S": f"courier{number % COURIERS}"}
        order = {**key, "number": {"N": str(number)}, "what": {"S": "coffee"}, "courier": courier}
        dynamodb.transact_write_items(
            TransactItems=[
                {"Put": {"TableName": TABLE, "Item": order, "ConditionExpression": "attribute_not_exists(customer)"}},
                {
                    "Update": {
                        "TableName": TABLE,
                        "Key": {**key, "number": {"N": str(TOTAL)}},
                        "UpdateExpression": "SET courier = :courier ADD orders :one",
                        "ExpressionAttributeValues": {":one": {"N": "1"}, ":courier": courier},
                    }
                },
            ]
        )


def was_there(error):
    return "ConditionalCheckFailed" in reasons(error)


def total(customers):
    return sum(customer.acknowledged for customer in customers)


def check(customers, clients):
    """Raises where an acknowledged order is missing, or half there, or the stream is wrong, on any server."""
    for dynamodb in clients:
        for customer in customers:
            numbers, count = table_has(dynamodb, customer.name)
            expected = list(range(1, customer.acknowledged + 1))
            assert numbers == expected, f"{customer.name}: {len(expected)} acknowledged, {len(numbers)} there"
            assert count == len(expected), f"{customer.name}: {len(expected)} orders, {count} counted"
        table, index = (sorted(items(dynamodb, TABLE, **which), key=str) for which in ({}, {"IndexName": INDEX}))
        assert table == index, f"the table has {len(table)} items, its index {len(index)}, or others"
    seen = stream_has(clients[0])
    for customer in customers:
        assert seen.get(customer.name) == list(range(1, customer.acknowledged + 1)), f"{customer.name}: the stream"


def table_has(dynamodb, customer):
    pages = dynamodb.get_paginator("query").paginate(
        TableName=TABLE,
        KeyConditionExpression="customer = :customer",
        ExpressionAttributeValues={":customer": {"S": customer}},
        ConsistentRead=True,
    )
    items = [item for page in pages for item in page["Items"]]
    numbers = [int(item["number"]["N"]) for item in items]
    counts = [int(item["orders"]["N"]) for item in items if int(item["number"]["N"]) == TOTAL]
    return [number for number in numbers if number != TOTAL], sum(counts)


def items(dynamodb, table, **which):
    """All items of a table, or of its index. Only a table can be read with strong consistency."""
    pages = dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=not which, **which)
    return [item for page in pages for item in page["Items"]]


def stream_has(dynamodb):
    """The numbers of the orders of each customer, in the order of the stream."""
    streams = client(dynamodb.meta.endpoint_url, "dynamodbstreams")
    arn = dynamodb.describe_table(TableName=TABLE)["Table"]["LatestStreamArn"]
    seen = {}
    for shard in streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]:
        asked = {"StreamArn": arn, "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
        iterator = streams.get_shard_iterator(**asked)["ShardIterator"]
        while iterator:
            page = streams.get_records(ShardIterator=iterator)
            for record in page["Records"]:
                key = record["dynamodb"]["Keys"]
                if int(key["number"]["N"]) != TOTAL:
                    seen.setdefault(key["customer"]["S"], []).append(int(key["number"]["N"]))
            iterator = page.get("NextShardIterator") if page["Records"] else None
    return seen
