"""Exports with boto3: what is in the bucket is the table, read back as JSON and by Amazon's reader of Ion."""

import base64
import gzip
import hashlib
import json
from decimal import Decimal
from uuid import uuid4

import amazon.ion.simpleion as ion
import pytest
from amazon.ion.core import IonType
from transfers import ended, scan

TABLE = {
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
    "AttributeDefinitions": [
        {"AttributeName": "pk", "AttributeType": "S"},
        {"AttributeName": "sk", "AttributeType": "N"},
    ],
    "BillingMode": "PAY_PER_REQUEST",
}
ODD = {
    "pk": {"S": 'quo"te\\ and \n line é \x01'},
    "sk": {"N": "-12.5"},
    "big": {"N": "1" + "0" * 100},
    "small": {"N": "0." + "0" * 100 + "17"},
    "whole": {"N": "103"},
    "flag": {"BOOL": True},
    "none": {"NULL": True},
    "bytes": {"B": b"\x00\x01\xff"},
    "empty text": {"S": ""},
    "list": {"L": [{"S": "x"}, {"N": "600"}, {"L": []}, {"M": {"it's": {"BOOL": False}}}]},
    "$1": {"M": {}},
    "null": {"SS": ["a", "b"]},
    "ns": {"NS": ["1", "2.5", "-3"]},
    "bs": {"BS": [b"x", b"yz"]},
}


@pytest.fixture
def filled(client, name):
    """A table with point-in-time recovery, some items of all types and some plain ones; its ARN."""
    arn = client.create_table(TableName=name, **TABLE)["TableDescription"]["TableArn"]
    client.get_waiter("table_exists").wait(TableName=name)
    recovery = {"PointInTimeRecoveryEnabled": True}
    client.update_continuous_backups(TableName=name, PointInTimeRecoverySpecification=recovery)
    client.put_item(TableName=name, Item=ODD)
    for number in range(300):
        client.put_item(
            TableName=name, Item={"pk": {"S": str(number % 7)}, "sk": {"N": str(number)}, "text": {"S": "x" * number}}
        )
    return arn


def export(client, **request):
    """Orders an export and waits for its end."""
    described = client.export_table_to_point_in_time(**request)["ExportDescription"]
    assert described["ExportStatus"] == "IN_PROGRESS"
    return ended(client.describe_export, ExportArn=described["ExportArn"])


def read(s3, bucket, key):
    return s3.get_object(Bucket=bucket, Key=key)["Body"].read()


def lines(s3, bucket, described):
    """The lines of an export, by its manifests, whose checksums must be right; and its summary."""
    assert described["ExportStatus"] == "COMPLETED", described.get("FailureMessage")
    key = described["ExportManifest"]
    summary = read(s3, bucket, key)
    md5 = read(s3, bucket, key.replace(".json", ".md5"))
    assert base64.b64decode(md5) == hashlib.md5(summary).digest()
    summary = json.loads(summary)
    files_key = summary["manifestFilesS3Key"]
    files = read(s3, bucket, files_key)
    assert base64.b64decode(read(s3, bucket, files_key.replace(".json", ".md5"))) == hashlib.md5(files).digest()
    assert read(s3, bucket, key.replace("manifest-summary.json", "_started")) == b""
    found = []
    for file in map(json.loads, files.decode().splitlines()):
        body = read(s3, bucket, file["dataFileS3Key"])
        assert base64.b64decode(file["md5Checksum"]) == hashlib.md5(body).digest()
        of_file = gzip.decompress(body).split(b"\n")
        assert of_file.pop() == b""
        assert len(of_file) == file["itemCount"]
        found += of_file
    assert len(found) == summary["itemCount"] == described["ItemCount"]
    return found, summary


def with_bytes(value):
    """A value of JSON as boto3 has it: binary values are texts in files."""
    kind, inner = next(iter(value.items()))
    if kind == "B":
        return {"B": base64.b64decode(inner)}
    if kind == "BS":
        return {"BS": [base64.b64decode(one) for one in inner]}
    if kind == "L":
        return {"L": [with_bytes(one) for one in inner]}
    if kind == "M":
        return {"M": {name: with_bytes(one) for name, one in inner.items()}}
    return value


def item_of(attributes):
    return {name: with_bytes(value) for name, value in attributes.items()}


def by_key(items):
    return {(item["pk"]["S"], Decimal(item["sk"]["N"])): item for item in items}


def plain(value):
    """A value of Ion as boto3's resources have it."""
    annotations = [one.text for one in value.ion_annotations]
    kind = value.ion_type
    if annotations:
        assert kind == IonType.LIST
        return {"$dynamodb_SS": set, "$dynamodb_NS": set, "$dynamodb_BS": set}[annotations[0]](map(plain, value))
    if kind == IonType.NULL:
        return None
    if kind == IonType.BOOL:
        return bool(value)
    if kind == IonType.DECIMAL:
        return Decimal(value)
    if kind == IonType.STRING:
        return str(value)
    if kind == IonType.BLOB:
        return bytes(value)
    if kind == IonType.LIST:
        return [plain(one) for one in value]
    assert kind == IonType.STRUCT, kind
    return {name: plain(one) for name, one in value.items()}


def untyped(value):
    """A value of a client as boto3's resources have it, whatever its number of digits."""
    kind, inner = next(iter(value.items()))
    if kind == "N":
        return Decimal(inner)
    if kind == "NS":
        return set(map(Decimal, inner))
    if kind in ("SS", "BS"):
        return set(inner)
    if kind == "L":
        return [untyped(one) for one in inner]
    if kind == "M":
        return {name: untyped(one) for name, one in inner.items()}
    return None if kind == "NULL" else inner


def test_an_export_in_json_is_the_table(client, s3, name, bucket, filled):
    described = export(client, TableArn=filled, S3Bucket=bucket, S3Prefix="some/where")
    found, summary = lines(s3, bucket, described)
    items = scan(client, name)
    assert by_key(item_of(json.loads(line)["Item"]) for line in found) == by_key(items)
    size = client.describe_table(TableName=name)["Table"]["TableSizeBytes"]
    export_id = described["ExportArn"].rsplit("/", 1)[1]
    assert described["ExportManifest"] == f"some/where/AWSDynamoDB/{export_id}/manifest-summary.json"
    assert {key: summary[key] for key in ("version", "exportArn", "tableArn", "s3Bucket", "s3Prefix")} == {
        "version": "2020-06-30",
        "exportArn": described["ExportArn"],
        "tableArn": filled,
        "s3Bucket": bucket,
        "s3Prefix": "some/where",
    }
    assert summary["outputFormat"] == "DYNAMODB_JSON"
    assert summary["billedSizeBytes"] == described["BilledSizeBytes"] == size
    assert summary["s3SseKmsKeyId"] is None


def test_an_export_in_ion_is_the_table(client, s3, name, bucket, filled):
    described = export(client, TableArn=filled, S3Bucket=bucket, ExportFormat="ION")
    found, summary = lines(s3, bucket, described)
    assert summary["outputFormat"] == "ION"
    assert summary["manifestFilesS3Key"].startswith("AWSDynamoDB/")
    items = [plain(ion.loads(line.decode())["Item"]) for line in found]
    expected = [{key: untyped(value) for key, value in item.items()} for item in scan(client, name)]

    def sort(item):
        return (item["pk"], item["sk"])

    assert sorted(items, key=sort) == sorted(expected, key=sort)


@pytest.mark.parametrize("form", ["DYNAMODB_JSON", "ION"])
def test_a_filter_takes_items_and_attributes(client, s3, bucket, filled, form):
    described = export(
        client,
        TableArn=filled,
        S3Bucket=bucket,
        ExportFormat=form,
        FilterSpecification={
            "KeyConditionExpression": "pk = :pk AND sk BETWEEN :from AND :to",
            "FilterExpression": "begins_with(#t, :x)",
            "ProjectionExpression": "sk, #t",
            "ExpressionAttributeNames": {"#t": "text"},
            "ExpressionAttributeValues": {
                ":pk": {"S": "3"},
                ":from": {"N": "0"},
                ":to": {"N": "20"},
                ":x": {"S": "xxxx"},
            },
        },
    )
    found, _ = lines(s3, bucket, described)
    read_line = json.loads if form == "DYNAMODB_JSON" else lambda line: ion.loads(line.decode())
    items = [read_line(line)["Item"] for line in found]
    plain_items = [
        {key: untyped(value) for key, value in item.items()} if form == "DYNAMODB_JSON" else plain(item)
        for item in items
    ]
    expected = [{"sk": Decimal(number), "text": "x" * number} for number in (10, 17)]
    assert sorted(plain_items, key=lambda item: item["sk"]) == expected


def test_a_filter_without_a_key_condition_may_ask_for_keys(client, s3, bucket, filled):
    filter_by_key = {"FilterExpression": "sk < :n", "ExpressionAttributeValues": {":n": {"N": "4"}}}
    described = export(client, TableArn=filled, S3Bucket=bucket, FilterSpecification=filter_by_key)
    found, _ = lines(s3, bucket, described)
    assert sorted(json.loads(line)["Item"]["sk"]["N"] for line in found) == ["-12.5", "0", "1", "2", "3"]


def test_writes_behind_the_order_are_not_exported(client, s3, name, bucket, filled):
    before = by_key(scan(client, name))
    ordered = client.export_table_to_point_in_time(TableArn=filled, S3Bucket=bucket)["ExportDescription"]
    for number in range(0, 300, 2):
        client.delete_item(TableName=name, Key={"pk": {"S": str(number % 7)}, "sk": {"N": str(number)}})
        client.put_item(TableName=name, Item={"pk": {"S": "later"}, "sk": {"N": str(number)}})
    found, _ = lines(s3, bucket, ended(client.describe_export, ExportArn=ordered["ExportArn"]))
    assert by_key(item_of(json.loads(line)["Item"]) for line in found) == before


def test_a_bucket_that_is_gone_fails_the_export(client, name, filled):
    described = export(client, TableArn=filled, S3Bucket=f"missing-{uuid4().hex}")
    assert (described["ExportStatus"], described["FailureCode"]) == ("FAILED", "S3NoSuchBucket")
    listed = client.list_exports(TableArn=filled)["ExportSummaries"]
    assert [one["ExportStatus"] for one in listed] == ["FAILED"]
