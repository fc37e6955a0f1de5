"""Imports with boto3: CSV, JSON and Ion, packed or not, errors in the log, and an export imported again."""

import gzip
import json
from decimal import Decimal
from uuid import uuid4

import boto3
import pytest
from conftest import CREDENTIALS
from transfers import ended, scan

# A frame of Zstandard with one block that is not compressed: its header says forty bytes.
ZSTD = bytes.fromhex("28b52ffd2028410100") + b'{"Item":{"pk":{"S":"x"},"n":{"N":"1"}}}\n'


def order(client, name, bucket, form, **options):
    """Orders an import into a table of partition key pk and an index by n, and waits for its end."""
    parameters = {
        "TableName": name,
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        "AttributeDefinitions": [
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "n", "AttributeType": "N"},
        ],
        "BillingMode": "PAY_PER_REQUEST",
        "GlobalSecondaryIndexes": [
            {
                "IndexName": "by-n",
                "KeySchema": [{"AttributeName": "n", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    }
    prefix = options.pop("prefix", "")
    described = client.import_table(
        ClientToken=uuid4().hex,
        S3BucketSource={"S3Bucket": bucket, "S3KeyPrefix": prefix},
        InputFormat=form,
        TableCreationParameters=parameters,
        **options,
    )["ImportTableDescription"]
    assert described["ImportStatus"] == "IN_PROGRESS"
    return ended(client.describe_import, ImportArn=described["ImportArn"])


def counts(described):
    names = ("ImportStatus", "ProcessedItemCount", "ImportedItemCount", "ErrorCount")
    return tuple(described[name] for name in names)


def items_of(client, name):
    return {item["pk"]["S"]: item for item in scan(client, name)}


def test_json_lines_in_gzip_of_several_members(client, s3, name, bucket):
    def packed(numbers):
        lines = [json.dumps({"Item": {"pk": {"S": str(n)}, "n": {"N": str(n)}}}) for n in numbers]
        return gzip.compress(("\n".join(lines) + "\n\n").encode())

    s3.put_object(Bucket=bucket, Key="a/1.gz", Body=packed(range(3000)) + packed(range(3000, 4000)))
    s3.put_object(Bucket=bucket, Key="a/2.gz", Body=packed(range(3500, 5000)))
    described = order(client, name, bucket, "DYNAMODB_JSON", InputCompressionType="GZIP", prefix="a/")
    assert counts(described) == ("COMPLETED", 5500, 5500, 0)
    items = items_of(client, name)
    assert len(items) == 5000
    assert all(item["n"]["N"] == key for key, item in items.items())
    found = client.query(
        TableName=name,
        IndexName="by-n",
        KeyConditionExpression="n = :n",
        ExpressionAttributeValues={":n": {"N": "4321"}},
    )
    assert found["Count"] == 1


def test_zstandard(client, s3, name, bucket):
    s3.put_object(Bucket=bucket, Key="x.zst", Body=ZSTD)
    described = order(client, name, bucket, "DYNAMODB_JSON", InputCompressionType="ZSTD")
    assert counts(described) == ("COMPLETED", 1, 1, 0)
    assert items_of(client, name) == {"x": {"pk": {"S": "x"}, "n": {"N": "1"}}}


def test_csv_with_a_header(client, s3, name, bucket):
    text = 'pk,n,text\r\na,1,"with, comma and ""quotes""\nand lines"\r\n\r\nb,2.5,\r\n'
    s3.put_object(Bucket=bucket, Key="x.csv", Body=text.encode())
    described = order(client, name, bucket, "CSV")
    assert counts(described) == ("COMPLETED", 2, 2, 0)
    assert described["ProcessedSizeBytes"] == len(text)
    assert items_of(client, name) == {
        "a": {"pk": {"S": "a"}, "n": {"N": "1"}, "text": {"S": 'with, comma and "quotes"\nand lines'}},
        "b": {"pk": {"S": "b"}, "n": {"N": "2.5"}, "text": {"S": ""}},
    }


def test_errors_are_counted_and_logged(client, s3, endpoint, name, bucket):
    lines = [
        {"Item": {"pk": {"S": "good"}}},
        {"Item": {"n": {"N": "1"}}},
        {"Item": {"pk": {"S": "index"}, "n": {"S": "no number"}}},
        {"Item": {"pk": {"S": "also good"}}},
    ]
    text = "\n".join(map(json.dumps, lines)) + "\nno JSON\n" + json.dumps({"Item": {"pk": {"S": "not read"}}})
    s3.put_object(Bucket=bucket, Key="x.json", Body=text.encode())
    described = order(client, name, bucket, "DYNAMODB_JSON")
    assert counts(described) == ("FAILED", 5, 2, 3)
    assert described["FailureCode"] == "ItemValidationError"
    assert set(items_of(client, name)) == {"good", "also good"}
    logs = boto3.client("logs", endpoint_url=endpoint, **CREDENTIALS)
    stream = described["ImportArn"].rsplit("/", 1)[1] + "/error"
    events = logs.get_log_events(logGroupName="/aws-dynamodb/imports", logStreamName=stream, startFromHead=True)
    told = [json.loads(event["message"]) for event in events["events"]]
    assert {one["importArn"] for one in told} == {described["ImportArn"]}
    assert sorted(one["itemS3Pointer"]["itemIndex"] for one in told) == [1, 2, 4]
    assert any("Missing the key pk in the item" in one["errorMessages"][0] for one in told)


@pytest.mark.parametrize("form", ["DYNAMODB_JSON", "ION"])
def test_an_export_is_imported_again(client, s3, name, bucket, form):
    source = f"{name}-source"
    definition = {
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
        "BillingMode": "PAY_PER_REQUEST",
    }
    arn = client.create_table(TableName=source, **definition)["TableDescription"]["TableArn"]
    client.get_waiter("table_exists").wait(TableName=source)
    client.update_continuous_backups(
        TableName=source, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    odd = {
        "pk": {"S": 'o"d\\d\n\x01é'},
        "n": {"N": "-0.000000000012"},
        "big": {"N": "1" + "0" * 90},
        "b": {"B": b"\x00\xff"},
        "l": {"L": [{"NULL": True}, {"M": {"it's": {"BOOL": False}}}]},
        "sets": {"L": [{"SS": ["a", "b"]}, {"NS": ["1", "2"]}, {"BS": [b"x"]}]},
    }
    client.put_item(TableName=source, Item=odd)
    for number in range(500):
        client.put_item(TableName=source, Item={"pk": {"S": str(number)}, "n": {"N": str(Decimal(number) / 8)}})
    export = client.export_table_to_point_in_time(TableArn=arn, S3Bucket=bucket, ExportFormat=form)["ExportDescription"]
    export = ended(client.describe_export, ExportArn=export["ExportArn"])
    assert export["ExportStatus"] == "COMPLETED", export
    prefix = export["ExportManifest"].replace("manifest-summary.json", "data/")
    described = order(client, name, bucket, form, InputCompressionType="GZIP", prefix=prefix)
    assert counts(described) == ("COMPLETED", 501, 501, 0)
    assert items_of(client, name) == items_of(client, source)
    client.delete_table(TableName=source)
