"""Bulk operations with boto3: puts of objects into a table that is there, what is reported, and cancelling."""

import gzip
import json
from uuid import uuid4

from transfers import ended, scan


def start(client, name, bucket, **options):
    """Orders puts of the objects below `in/`; with what is reported below `out/`."""
    form = options.pop("form", {"InputFormat": "DYNAMODB_JSON"})
    described = client.start_bulk_put_items(
        TableName=name,
        InputS3Configuration={"S3Bucket": bucket, "S3KeyPrefix": "in/", **form},
        OutputS3Configuration={
            "S3Bucket": bucket,
            "S3KeyPrefix": "out",
            "OutputType": ["ERROR", "CONDITION_CHECK_FAILURE"],
        },
        **options,
    )["BulkOperationDescription"]
    assert described["BulkOperationStatus"] == "IN_PROGRESS"
    return described["BulkOperationArn"]


def reports(s3, bucket, arn):
    """The lines of all reports by their manifest, each with its type; and the summary."""

    def read(key):
        return s3.get_object(Bucket=bucket, Key=key)["Body"].read()

    summary = json.loads(read(f"out/AWSDynamoDB/{arn.rsplit('/', 1)[1]}/manifest-summary.json"))
    found = []
    for file in map(json.loads, read(summary["manifestFilesS3Key"]).decode().splitlines()):
        lines = gzip.decompress(read(file["dataFileS3Key"])).decode().splitlines()
        assert len(lines) == file["itemCount"]
        found += [(file["outputType"], json.loads(line)) for line in lines]
    return found, summary


def create(client, name):
    client.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "n", "AttributeType": "N"},
        ],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "by-n",
                "KeySchema": [{"AttributeName": "n", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    client.get_waiter("table_exists").wait(TableName=name)


def record(key, number, **condition):
    return json.dumps({"Item": {"pk": {"S": key}, "n": {"N": str(number)}}, **condition})


def test_records_are_put_and_what_is_not_is_reported(client, s3, name, bucket):
    create(client, name)
    client.put_item(TableName=name, Item={"pk": {"S": "there"}, "n": {"N": "-1"}})
    absent = {"ConditionExpression": "attribute_not_exists(pk)"}
    older = {
        "ConditionExpression": "#n < :n",
        "ExpressionAttributeNames": {"#n": "n"},
        "ExpressionAttributeValues": {":n": {"N": "5"}},
    }
    lines = [record(str(number), number) for number in range(3000)]
    lines += [record("there", 1, **absent), record("new", 2, **absent), record("7", 70, **older), record("3", 30, **older)]
    lines += [json.dumps({"Item": {"n": {"N": "1"}}}), json.dumps({"Item": {"pk": {"S": "x"}, "n": {"S": "no number"}}})]
    s3.put_object(Bucket=bucket, Key="in/1.gz", Body=gzip.compress("\n".join(lines).encode()))
    s3.put_object(Bucket=bucket, Key="in/2.gz", Body=gzip.compress(b"no JSON\n" + record("not read", 1).encode()))
    form = {"InputFormat": "DYNAMODB_JSON", "InputCompressionType": "GZIP"}
    arn = start(client, name, bucket, form=form)
    described = ended(client.describe_bulk_operation, BulkOperationArn=arn)
    assert described["BulkOperationStatus"] == "COMPLETED_WITH_ERRORS"
    assert (described["ProcessedItemCount"], described["FailedItemCount"]) == (len(lines) + 1, 3)
    items = {item["pk"]["S"]: item["n"]["N"] for item in scan(client, name)}
    assert items == {**{str(number): str(number) for number in range(3000)}, "there": "-1", "new": "2", "3": "30"}
    found, summary = reports(s3, bucket, arn)
    failures = {line["Item"]["pk"]["S"]: line["ExistingItem"]["n"]["N"] for kind, line in found if kind != "ERROR"}
    assert failures == {"there": "-1", "7": "7"}
    errors = {(line["itemS3Pointer"]["key"], line["itemS3Pointer"]["itemIndex"]) for kind, line in found if kind == "ERROR"}
    assert errors == {("in/1.gz", 3004), ("in/1.gz", 3005), ("in/2.gz", 0)}
    assert summary["conditionCheckFailureCount"] == 2
    found = client.query(
        TableName=name,
        IndexName="by-n",
        KeyConditionExpression="n = :n",
        ExpressionAttributeValues={":n": {"N": "2999"}},
    )
    assert found["Count"] == 1


def test_an_operation_is_cancelled(client, s3, name, bucket):
    create(client, name)
    for part in range(4):
        lines = "\n".join(record(f"{part}-{number}", number) for number in range(20_000))
        s3.put_object(Bucket=bucket, Key=f"in/{part}", Body=lines.encode())
    token = uuid4().hex
    arn = start(client, name, bucket, MaxWriteRequestUnits=1024, ClientToken=token)
    assert start(client, name, bucket, MaxWriteRequestUnits=1024, ClientToken=token) == arn
    cancelled = client.cancel_bulk_operation(BulkOperationArn=arn)
    assert cancelled == {**cancelled, "BulkOperationArn": arn, "BulkOperationStatus": "CANCELLING"}
    described = ended(client.describe_bulk_operation, BulkOperationArn=arn)
    assert described["BulkOperationStatus"] == "CANCELLED"
    assert described["ProcessedItemCount"] == len(scan(client, name)) < 80_000
    assert described["FailureCode"] and described["FailureMessage"]
    listed = client.list_bulk_operations()["BulkOperationsSummaryList"]
    assert [one["BulkOperationStatus"] for one in listed if one["BulkOperationArn"] == arn] == ["CANCELLED"]
