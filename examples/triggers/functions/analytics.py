"""The analytics counter: how many users and posts there are, by day, in a table of its own.

A record may come twice, so each is counted in a transaction with its eventID: the second time the condition fails.
"""

import os

import boto3

TABLE = os.environ["COUNTS_TABLE"]
dynamodb = boto3.client("dynamodb")


def lambda_handler(event, context):
    for record in event["Records"]:
        if record["eventName"] == "INSERT":
            count(record["eventID"], record["dynamodb"]["NewImage"])


def count(event_id, item):
    kind, day = item["entity_type"]["S"], item["created_at"]["S"][:10]
    seen = {"TableName": TABLE, "Item": {"pk": {"S": f"EVENT#{event_id}"}}}
    counter = {
        "TableName": TABLE,
        "Key": {"pk": {"S": f"{kind}#{day}"}},
        "UpdateExpression": "ADD events :one",
        "ExpressionAttributeValues": {":one": {"N": "1"}},
    }
    try:
        dynamodb.transact_write_items(
            TransactItems=[
                {"Put": {**seen, "ConditionExpression": "attribute_not_exists(pk)"}},
                {"Update": counter},
            ]
        )
    except dynamodb.exceptions.TransactionCanceledException as error:
        if error.response["CancellationReasons"][0]["Code"] != "ConditionalCheckFailed":
            raise
