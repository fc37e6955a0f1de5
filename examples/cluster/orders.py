"""Customers who order without pause through whichever server answers, and what must be true of their orders."""

import threading
import time

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

TABLE = "Orders"
TOTAL = 0  # the number under which a customer's count of orders stands


def client(url):
    """SDKs repeat what is answered with 5xx; here for as long as a database takes to find a new primary."""
    retries = Config(retries={"mode": "standard", "max_attempts": 4}, connect_timeout=2, read_timeout=30)
    return boto3.client("dynamodb", endpoint_url=url, region_name="eu-west-1", aws_access_key_id="local",
                        aws_secret_access_key="local", config=retries)  # fmt: skip


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
        ],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    )


class Customer(threading.Thread):
    """Orders 1, 2, 3, …, each in a transaction with the count, and goes on to the next once one is acknowledged."""

    def __init__(self, name, clients):
        super().__init__(name=name, daemon=True)
        self.clients, self.has_enough = clients, threading.Event()
        self.acknowledged = 0
        self.longest_wait = 0.0
        self.failure = None

    def run(self):
        try:
            while not self.has_enough.is_set():
                began = time.monotonic()
                self.order(self.acknowledged + 1)
                self.acknowledged += 1
                self.longest_wait = max(self.longest_wait, time.monotonic() - began)
        except Exception as failure:
            self.failure = failure

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
                if error.response["ResponseMetadata"]["HTTPStatusCode"] < 500 and not is_conflict(error):
                    raise
            turn += 1

    def place(self, dynamodb, number):
        key = {"customer": {"S": self.name}}
        order = {**key, "number": {"N": str(number)}, "what": {"S": "coffee"}}
        dynamodb.transact_write_items(
            TransactItems=[
                {"Put": {"TableName": TABLE, "Item": order, "ConditionExpression": "attribute_not_exists(customer)"}},
                {
                    "Update": {
                        "TableName": TABLE,
                        "Key": {**key, "number": {"N": str(TOTAL)}},
                        "UpdateExpression": "ADD orders :one",
                        "ExpressionAttributeValues": {":one": {"N": "1"}},
                    }
                },
            ]
        )


def reasons(error):
    return [reason["Code"] for reason in error.response.get("CancellationReasons", [])]


def was_there(error):
    return "ConditionalCheckFailed" in reasons(error)


def is_conflict(error):
    """With an attempt of one's own that another server has not given up yet."""
    return "TransactionConflict" in reasons(error)


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


def stream_has(dynamodb):
    """The numbers of the orders of each customer, in the order of the stream."""
    streams = boto3.client("dynamodbstreams", endpoint_url=dynamodb.meta.endpoint_url, region_name="eu-west-1",
                           aws_access_key_id="local", aws_secret_access_key="local")  # fmt: skip
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
