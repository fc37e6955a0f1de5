"""S3 as boto3 drives it: uploads in one and in many parts, ranges, listings, checksums, presigned URLs, refusals."""

import hashlib
import io
import json
import os
import subprocess
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import boto3
import pytest
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import ClientError
from transfers import ended

BINARY = os.environ.get("STATOR_BIN")
KEYS = {"aws_access_key_id": "AKIAOBJECTS", "aws_secret_access_key": "of-the-objects", "region_name": "eu-west-1"}
PART = 5 * 1024 * 1024
PRESIGNED = Config(signature_version="s3v4")
# Of the digits 1 to 9. Not every botocore can compute all of them.
CHECKSUMS = {
    "CRC32": "y/Q5Jg==",
    "CRC32C": "4waSgw==",
    "CRC64NVME": "rosUhgp5mIg=",
    "SHA1": "98O8HYCOBHMq32eZZczDTKeuNEE=",
    "SHA256": "FeKw08M4keuw8e9gnsQZQgwg4yDOlMZfvIwzEkSOsiU=",
}

pytestmark = pytest.mark.skipif(not BINARY, reason="STATOR_BIN names no binary")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A server that verifies signatures, over a folder of data, and where it is."""
    folder = tmp_path_factory.mktemp("objects")
    ready = folder / "ready"
    command = [BINARY, "--port", "0", "--data-dir", folder / "data", "--auth", "verify", "--ready-file", ready]
    environment = {**os.environ, "STATOR_ACCESS_KEY_ID": KEYS["aws_access_key_id"]}
    environment["STATOR_SECRET_ACCESS_KEY"] = KEYS["aws_secret_access_key"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as process:
        while not ready.exists():
            assert process.poll() is None
            time.sleep(0.02)
        yield json.loads(ready.read_text())["url"]
        process.terminate()


@pytest.fixture(scope="module")
def s3(server):
    return boto3.client("s3", endpoint_url=server, config=PRESIGNED, **KEYS)


@pytest.fixture
def bucket(s3):
    name = f"bucket-{uuid4()}"
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    return name


def code(refused):
    return refused.value.response["Error"]["Code"]


def test_the_life_of_a_bucket_and_its_objects(s3, bucket):
    assert s3.get_bucket_location(Bucket=bucket)["LocationConstraint"] == "eu-west-1"
    assert bucket in [known["Name"] for known in s3.list_buckets()["Buckets"]]
    put = s3.put_object(Bucket=bucket, Key="a/ü +", Body=b"bytes", ContentType="text/plain", Metadata={"k": "v"})
    got = s3.get_object(Bucket=bucket, Key="a/ü +", ChecksumMode="ENABLED")
    assert got["Body"].read() == b"bytes"
    assert (got["ContentType"], got["Metadata"], got["ETag"]) == ("text/plain", {"k": "v"}, put["ETag"])
    assert put["ETag"] == f'"{hashlib.md5(b"bytes").hexdigest()}"'
    assert got["ChecksumCRC32"] == put["ChecksumCRC32"]
    assert got["LastModified"].timestamp() == pytest.approx(time.time(), abs=300)
    head = s3.head_object(Bucket=bucket, Key="a/ü +")
    assert (head["ContentLength"], head["ETag"]) == (5, put["ETag"])
    s3.copy_object(Bucket=bucket, Key="copy", CopySource={"Bucket": bucket, "Key": "a/ü +"})
    assert s3.get_object(Bucket=bucket, Key="copy")["Body"].read() == b"bytes"
    with pytest.raises(ClientError) as refused:
        s3.delete_bucket(Bucket=bucket)
    assert code(refused) == "BucketNotEmpty"
    deleted = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "a/ü +"}, {"Key": "copy"}]})
    assert len(deleted["Deleted"]) == 2 and "Errors" not in deleted
    s3.delete_bucket(Bucket=bucket)
    with pytest.raises(ClientError) as refused:
        s3.head_bucket(Bucket=bucket)
    assert code(refused) == "404"


def test_a_file_in_many_parts(s3, bucket):
    body = os.urandom(2 * PART + 12_345)
    config = TransferConfig(multipart_threshold=PART, multipart_chunksize=PART, max_concurrency=3)
    s3.upload_fileobj(io.BytesIO(body), bucket, "large", Config=config)
    head = s3.head_object(Bucket=bucket, Key="large")
    assert head["ContentLength"] == len(body) and head["ETag"].endswith('-3"')
    back = io.BytesIO()
    s3.download_fileobj(bucket, "large", back, Config=config)
    assert back.getvalue() == body
    got = s3.get_object(Bucket=bucket, Key="large", Range=f"bytes={PART - 3}-{PART + 2}")
    assert got["Body"].read() == body[PART - 3 : PART + 3]
    part = s3.get_object(Bucket=bucket, Key="large", PartNumber=3)
    assert (part["PartsCount"], part["Body"].read()) == (3, body[2 * PART :])
    s3.copy({"Bucket": bucket, "Key": "large"}, bucket, "copied", Config=config)
    assert s3.get_object(Bucket=bucket, Key="copied")["Body"].read() == body
    assert s3.list_multipart_uploads(Bucket=bucket).get("Uploads", []) == []


def test_an_upload_that_is_given_up(s3, bucket):
    upload = s3.create_multipart_upload(Bucket=bucket, Key="k", ChecksumAlgorithm="SHA256")["UploadId"]
    part = s3.upload_part(Bucket=bucket, Key="k", UploadId=upload, PartNumber=2, Body=b"x", ChecksumAlgorithm="SHA256")
    listed = s3.list_parts(Bucket=bucket, Key="k", UploadId=upload)
    assert [(known["PartNumber"], known["ETag"]) for known in listed["Parts"]] == [(2, part["ETag"])]
    assert listed["Parts"][0]["ChecksumSHA256"] == part["ChecksumSHA256"]
    assert [known["UploadId"] for known in s3.list_multipart_uploads(Bucket=bucket)["Uploads"]] == [upload]
    for parts, wanted in [([{"PartNumber": 1, "ETag": "none"}], "InvalidPart"), ([], "MalformedXML")]:
        with pytest.raises(ClientError) as refused:
            s3.complete_multipart_upload(Bucket=bucket, Key="k", UploadId=upload, MultipartUpload={"Parts": parts})
        assert code(refused) in (wanted, "InvalidRequest")
    s3.abort_multipart_upload(Bucket=bucket, Key="k", UploadId=upload)
    with pytest.raises(ClientError) as refused:
        s3.list_parts(Bucket=bucket, Key="k", UploadId=upload)
    assert code(refused) == "NoSuchUpload"


def test_listings_in_pages(s3, bucket):
    keys = sorted(f"{folder}/{number:02}" for folder in "abc" for number in range(7)) + ["z"]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda key: s3.put_object(Bucket=bucket, Key=key, Body=key.encode()), keys))
    for operation in ("list_objects_v2", "list_objects"):
        pages = s3.get_paginator(operation).paginate(Bucket=bucket, PaginationConfig={"PageSize": 4})
        assert [line["Key"] for page in pages for line in page.get("Contents", [])] == keys
        pages = s3.get_paginator(operation).paginate(Bucket=bucket, Delimiter="/", PaginationConfig={"PageSize": 2})
        seen = [page.get("CommonPrefixes", []) + page.get("Contents", []) for page in pages]
        names = [line.get("Prefix") or line["Key"] for page in seen for line in page]
        assert names == ["a/", "b/", "c/", "z"]


@pytest.mark.parametrize("algorithm, value", CHECKSUMS.items())
def test_checksums(s3, bucket, algorithm, value):
    member = f"Checksum{algorithm}"
    assert s3.put_object(Bucket=bucket, Key="k", Body=b"123456789", **{member: value})[member] == value
    assert s3.head_object(Bucket=bucket, Key="k", ChecksumMode="ENABLED")[member] == value
    with pytest.raises(ClientError) as refused:
        s3.put_object(Bucket=bucket, Key="k", Body=b"12345678", **{member: value})
    assert code(refused) == "BadDigest"


def test_presigned_urls(s3, bucket):
    put = s3.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": "k"}, ExpiresIn=60)
    request = urllib.request.Request(put, data=b"by a link", method="PUT")
    assert urllib.request.urlopen(request).status == 200
    got = s3.generate_presigned_url("get_object", Params={"Bucket": bucket, "Key": "k"}, ExpiresIn=60)
    assert urllib.request.urlopen(got).read() == b"by a link"
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(got.replace("/k?", "/other?"))
    assert refused.value.code == 403 and b"<Code>SignatureDoesNotMatch</Code>" in refused.value.read()


def test_who_may(server, s3, bucket):
    s3.put_object(Bucket=bucket, Key="open/k", Body=b"1")
    s3.put_object(Bucket=bucket, Key="closed/k", Body=b"1")
    iam = boto3.client("iam", endpoint_url=server, **KEYS)
    user = f"reader-{uuid4().hex[:8]}"
    iam.create_user(UserName=user)
    statements = [
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/open/*"},
        {
            "Effect": "Allow",
            "Action": "s3:ListBucket",
            "Resource": f"arn:aws:s3:::{bucket}",
            "Condition": {"StringLike": {"s3:prefix": "open/*"}},
        },
    ]
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    iam.put_user_policy(UserName=user, PolicyName="p", PolicyDocument=policy)
    key = iam.create_access_key(UserName=user)["AccessKey"]
    keys = {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]}
    reader = boto3.client("s3", endpoint_url=server, region_name="eu-west-1", **keys)
    assert reader.get_object(Bucket=bucket, Key="open/k")["Body"].read() == b"1"
    assert reader.list_objects_v2(Bucket=bucket, Prefix="open/")["KeyCount"] == 1
    for call in (
        lambda: reader.get_object(Bucket=bucket, Key="closed/k"),
        lambda: reader.list_objects_v2(Bucket=bucket),
        lambda: reader.put_object(Bucket=bucket, Key="open/k", Body=b"2"),
        lambda: reader.delete_bucket(Bucket=bucket),
    ):
        with pytest.raises(ClientError) as refused:
            call()
        assert code(refused) == "AccessDenied"
    refused = reader.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "open/k"}]})["Errors"]
    assert [error["Code"] for error in refused] == ["AccessDenied"]


def user(server, *statements):
    """The keys of a new user who may do that."""
    iam = boto3.client("iam", endpoint_url=server, **KEYS)
    name = f"user-{uuid4().hex[:8]}"
    iam.create_user(UserName=name)
    policy = json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
    iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=policy)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return {
        "aws_access_key_id": key["AccessKeyId"],
        "aws_secret_access_key": key["SecretAccessKey"],
        "region_name": "eu-west-1",
    }


def test_objects_under_a_key_of_kms(server, s3, bucket):
    kms = boto3.client("kms", endpoint_url=server, **KEYS)
    arn = kms.create_key()["KeyMetadata"]["Arn"]
    under = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": arn}
    body = os.urandom(2 * PART + 1000)
    put = s3.put_object(Bucket=bucket, Key="k", Body=body, **under)
    assert (put["ServerSideEncryption"], put["SSEKMSKeyId"]) == ("aws:kms", arn)
    got = s3.get_object(Bucket=bucket, Key="k", Range="bytes=65530-131080")
    assert got["Body"].read() == body[65530:131081]
    s3.upload_fileobj(
        io.BytesIO(body), bucket, "parts", ExtraArgs=under, Config=TransferConfig(multipart_chunksize=PART)
    )
    head = s3.head_object(Bucket=bucket, Key="parts")
    assert (head["ServerSideEncryption"], head["SSEKMSKeyId"]) == ("aws:kms", arn)
    assert s3.get_object(Bucket=bucket, Key="parts")["Body"].read() == body
    assert s3.put_object(Bucket=bucket, Key="plain", Body=b"1")["ServerSideEncryption"] == "AES256"

    objects = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
    mine = {"Effect": "Allow", "Action": ["kms:GenerateDataKey", "kms:Decrypt"], "Resource": arn}
    mine["Condition"] = {
        "StringEquals": {
            "kms:ViaService": "s3.eu-west-1.amazonaws.com",
            "kms:EncryptionContext:aws:s3:arn": f"arn:aws:s3:::{bucket}/k",
        }
    }
    without = boto3.client("s3", endpoint_url=server, **user(server, objects))
    some = boto3.client("s3", endpoint_url=server, **user(server, objects, mine))
    assert without.get_object(Bucket=bucket, Key="plain")["Body"].read() == b"1"
    assert some.get_object(Bucket=bucket, Key="k")["Body"].read() == body
    some.put_object(Bucket=bucket, Key="k", Body=b"2", **under)
    for call in (
        lambda: without.get_object(Bucket=bucket, Key="k"),
        lambda: without.put_object(Bucket=bucket, Key="k", Body=b"2", **under),
        lambda: without.copy_object(Bucket=bucket, Key="open", CopySource=f"{bucket}/k"),
        lambda: without.create_multipart_upload(Bucket=bucket, Key="k", **under),
        lambda: some.get_object(Bucket=bucket, Key="parts"),
    ):
        with pytest.raises(ClientError) as refused:
            call()
        assert code(refused) == "AccessDenied"
    kms.disable_key(KeyId=arn)
    with pytest.raises(ClientError) as refused:
        s3.get_object(Bucket=bucket, Key="k")
    assert code(refused) == "KMS.DisabledException"


def test_a_bucket_says_how_its_objects_are_encrypted(server, s3, bucket):
    def default():
        return s3.get_bucket_encryption(Bucket=bucket)["ServerSideEncryptionConfiguration"]["Rules"]

    def puts(client, key="k", **options):
        put = client.put_object(Bucket=bucket, Key=key, Body=b"12", **options)
        return put["ServerSideEncryption"], put.get("SSEKMSKeyId")

    arn = boto3.client("kms", endpoint_url=server, **KEYS).create_key()["KeyMetadata"]["Arn"]
    plain = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False}
    assert default() == [plain] and puts(s3) == ("AES256", None)
    by_default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": arn}
    rule = {"ApplyServerSideEncryptionByDefault": by_default, "BucketKeyEnabled": True}
    s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": [rule]})
    assert default() == [rule] and puts(s3) == ("aws:kms", arn)
    assert puts(s3, ServerSideEncryption="AES256") == ("AES256", None)
    body = b"x" * (6 << 20)
    s3.upload_fileobj(io.BytesIO(body), bucket, "parts", Config=TransferConfig(multipart_threshold=5 << 20))
    head = s3.head_object(Bucket=bucket, Key="parts")
    assert (head["ServerSideEncryption"], head["SSEKMSKeyId"]) == ("aws:kms", arn)
    assert s3.get_object(Bucket=bucket, Key="parts")["Body"].read() == body

    objects = {"Effect": "Allow", "Action": ["s3:PutObject", "s3:GetObject"], "Resource": "*"}
    keyless = boto3.client("s3", endpoint_url=server, **user(server, objects))
    for call in (
        lambda: puts(keyless),
        lambda: keyless.get_bucket_encryption(Bucket=bucket),
        lambda: keyless.delete_bucket_encryption(Bucket=bucket),
    ):
        with pytest.raises(ClientError) as refused:
            call()
        assert code(refused) == "AccessDenied"
    s3.delete_bucket_encryption(Bucket=bucket)
    assert default() == [plain] and puts(keyless) == ("AES256", None)


def test_exports_imports_and_bulk_puts_need_their_keys_and_logs(server, s3, bucket):
    kms = boto3.client("kms", endpoint_url=server, **KEYS)
    arn = kms.create_key()["KeyMetadata"]["Arn"]
    most = {"Effect": "Allow", "Action": ["s3:*", "dynamodb:*", "logs:*"], "Resource": "*"}
    key = {"Effect": "Allow", "Action": ["kms:GenerateDataKey", "kms:Decrypt"], "Resource": arn}
    no_logs = {"Effect": "Allow", "Action": ["s3:*", "dynamodb:*"], "Resource": "*"}
    clients = [
        boto3.client("dynamodb", endpoint_url=server, **user(server, *statements))
        for statements in ((most, key), (most,), (no_logs,))
    ]
    allowed, keyless, logless = clients
    name = f"table-{uuid4().hex}"
    table = {
        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
        "BillingMode": "PAY_PER_REQUEST",
    }
    table_arn = allowed.create_table(TableName=name, **table)["TableDescription"]["TableArn"]
    recovery = {"PointInTimeRecoveryEnabled": True}
    allowed.update_continuous_backups(TableName=name, PointInTimeRecoverySpecification=recovery)
    allowed.put_item(TableName=name, Item={"pk": {"S": "a"}})

    def exported(client):
        order = {"TableArn": table_arn, "S3Bucket": bucket, "S3SseAlgorithm": "KMS", "S3SseKmsKeyId": arn}
        ordered = client.export_table_to_point_in_time(**order)["ExportDescription"]
        return ended(client.describe_export, ExportArn=ordered["ExportArn"])

    def imported(client, prefix):
        ordered = client.import_table(
            S3BucketSource={"S3Bucket": bucket, "S3KeyPrefix": prefix},
            InputFormat="DYNAMODB_JSON",
            InputCompressionType="GZIP",
            TableCreationParameters={"TableName": f"table-{uuid4().hex}", **table},
        )["ImportTableDescription"]
        return ended(client.describe_import, ImportArn=ordered["ImportArn"])

    refused = exported(keyless)
    assert refused["FailureCode"] == "S3AccessDenied" and "kms:GenerateDataKey" in refused["FailureMessage"]
    done = exported(allowed)
    assert done["ExportStatus"] == "COMPLETED", done
    listed = s3.list_objects_v2(Bucket=bucket, Prefix="AWSDynamoDB/")["Contents"]
    for listed_object in listed:
        assert s3.head_object(Bucket=bucket, Key=listed_object["Key"])["SSEKMSKeyId"] == arn
    data = done["ExportManifest"].replace("manifest-summary.json", "data/")
    whole = imported(allowed, data)
    assert (whole["ImportStatus"], whole["ImportedItemCount"]) == ("COMPLETED", 1)
    refused = imported(keyless, data)
    assert (refused["ImportStatus"], refused["FailureCode"]) == ("FAILED", "S3AccessDenied")
    refused = imported(logless, data)
    assert (refused["ImportStatus"], refused["FailureCode"]) == ("FAILED", "CloudWatchLogsAccessDenied")

    def put(client, **encryption):
        objects = {"S3Bucket": bucket, "S3KeyPrefix": data, "InputFormat": "DYNAMODB_JSON"}
        ordered = client.start_bulk_put_items(
            TableName=name,
            InputS3Configuration={**objects, "InputCompressionType": "GZIP"},
            OutputS3Configuration={"S3Bucket": bucket, "S3KeyPrefix": "bulk", "OutputType": ["ERROR"], **encryption},
        )["BulkOperationDescription"]
        return ended(client.describe_bulk_operation, BulkOperationArn=ordered["BulkOperationArn"])

    under = {"S3SseAlgorithm": "KMS", "S3SseKmsKeyId": arn}
    done = put(allowed, **under)
    assert (done["BulkOperationStatus"], done["ProcessedItemCount"]) == ("COMPLETED", 1)
    for listed_object in s3.list_objects_v2(Bucket=bucket, Prefix="bulk/")["Contents"]:
        assert s3.head_object(Bucket=bucket, Key=listed_object["Key"])["SSEKMSKeyId"] == arn
    for refused in (put(keyless), put(keyless, **under)):
        assert (refused["BulkOperationStatus"], refused["FailureCode"]) == ("FAILED", "S3AccessDenied")


def test_refusals_by_the_names_of_their_classes(s3, bucket):
    with pytest.raises(s3.exceptions.NoSuchKey):
        s3.get_object(Bucket=bucket, Key="none")
    with pytest.raises(s3.exceptions.NoSuchBucket):
        s3.get_object(Bucket=f"none-{uuid4()}", Key="none")
    with pytest.raises(ClientError) as refused:
        s3.get_bucket_acl(Bucket=bucket)
    assert code(refused) == "NotImplemented"
    put = s3.put_object(Bucket=bucket, Key="k", Body=b"1")
    with pytest.raises(ClientError) as refused:
        s3.get_object(Bucket=bucket, Key="k", IfNoneMatch=put["ETag"])
    assert code(refused) == "304"
    with pytest.raises(ClientError) as refused:
        s3.put_object(Bucket=bucket, Key="k", Body=b"2", IfNoneMatch="*")
    assert code(refused) == "PreconditionFailed"


def test_a_key_that_is_wrong(server):
    wrong = boto3.client("s3", endpoint_url=server, **{**KEYS, "aws_secret_access_key": "another"})
    with pytest.raises(ClientError) as refused:
        wrong.list_buckets()
    assert code(refused) == "SignatureDoesNotMatch"
