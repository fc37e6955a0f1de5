"""The services beside the tables, as boto3 speaks to them, and in their other protocols by raw requests."""

import re
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import boto3
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from conftest import CREDENTIALS

FORM = "application/x-www-form-urlencoded; charset=utf-8"
ACCOUNT = "123456789012"


def service(endpoint, name, key=ACCOUNT):
    settings = {**CREDENTIALS, "aws_access_key_id": key}
    config = Config(retries={"total_max_attempts": 1}, parameter_validation=False)
    return boto3.client(name, endpoint_url=endpoint, config=config, **settings)


def raw(endpoint, name, body, path="/", method="POST", **headers):
    """A signed request as it is: status, headers, body."""
    headers = {key.replace("_", "-"): value for key, value in headers.items()}
    signed = AWSRequest(method=method, url=endpoint + path, data=body, headers=headers)
    SigV4Auth(Credentials(ACCOUNT, "local"), name, "eu-west-1").add_auth(signed)
    request = Request(endpoint + path, data=body if method != "GET" else None, method=method, headers=dict(signed.headers))
    try:
        answer = urlopen(request)
    except HTTPError as error:
        answer = error
    return answer.status, answer.headers, answer.read()


def code_of(call, *arguments, **parameters):
    with pytest.raises(ClientError) as refused:
        call(*arguments, **parameters)
    return refused.value.response["Error"]["Code"]


def test_the_caller_is_the_account_of_its_key(endpoint):
    for key, account in [(ACCOUNT, ACCOUNT), ("local", "000000000000")]:
        identity = service(endpoint, "sts", key).get_caller_identity()
        assert (identity["Account"], identity["UserId"]) == (account, account)
        assert identity["Arn"] == f"arn:aws:iam::{account}:root"


def test_a_presigned_caller_identity_is_answered(endpoint):
    url = service(endpoint, "sts").generate_presigned_url("get_caller_identity", HttpMethod="GET")
    body = urlopen(url).read().decode()
    assert f"<Account>{ACCOUNT}</Account>" in body and "<ResponseMetadata><RequestId>" in body


def test_metrics_are_listed_in_every_protocol(endpoint):
    cloudwatch = service(endpoint, "cloudwatch")
    assert cloudwatch.list_metrics(Namespace="AWS/EC2")["Metrics"] == []
    for metric in cloudwatch.list_metrics(Namespace="AWS/DynamoDB")["Metrics"]:
        assert metric["Namespace"] == "AWS/DynamoDB"
    target = {"X_Amz_Target": "GraniteServiceVersion20100801.ListMetrics", "Content_Type": "application/x-amz-json-1.0"}
    status, _, body = raw(endpoint, "monitoring", b'{"Namespace":"AWS/EC2"}', **target)
    assert (status, body) == (200, b'{"Metrics":[]}')
    status, headers, body = raw(
        endpoint, "monitoring", b"Action=ListMetrics&Version=2010-08-01&Namespace=AWS%2FEC2", Content_Type=FORM
    )
    assert (status, headers["Content-Type"]) == (200, "text/xml")
    expect = rb'<ListMetricsResponse xmlns="http://monitoring.amazonaws.com/doc/2010-08-01/"><ListMetricsResult><Metrics>'
    assert re.match(expect, body)
    path = "/service/GraniteServiceVersion20100801/operation/ListMetrics"
    cbor = {"smithy_protocol": "rpc-v2-cbor", "Content_Type": "application/cbor"}
    status, headers, body = raw(endpoint, "monitoring", b"\xa1\x69Namespace\x67AWS/EC2", path, **cbor)
    assert (status, headers["smithy-protocol"], body) == (200, "rpc-v2-cbor", b"\xa1\x67Metrics\x80")


def test_a_table_has_metrics_once_it_was_used(endpoint, client, table):
    client.put_item(TableName=table.name, Item={"pk": {"S": "a"}, "sk": {"N": "1"}, "kind": {"S": "k"}, "weight": {"N": "1"}})
    client.get_item(TableName=table.name, Key={"pk": {"S": "a"}, "sk": {"N": "1"}})
    cloudwatch = service(endpoint, "cloudwatch", "local")

    def listed(**filters):
        dimensions = [{"Name": "TableName", "Value": table.name}]
        pages = cloudwatch.get_paginator("list_metrics").paginate(Dimensions=dimensions, **filters)
        metrics = [metric for page in pages for metric in page["Metrics"]]
        assert all(metric["Namespace"] == "AWS/DynamoDB" for metric in metrics)
        return {(m["MetricName"], *(d["Value"] for d in m["Dimensions"])) for m in metrics}

    everything = listed(RecentlyActive="PT3H")
    assert ("ConsumedWriteCapacityUnits", table.name) in everything
    assert ("ConsumedWriteCapacityUnits", table.name, "by-kind") in everything
    assert ("SuccessfulRequestLatency", table.name, "GetItem") in everything
    reads = listed(MetricName="ConsumedReadCapacityUnits")
    assert ("ConsumedReadCapacityUnits", table.name) in reads and len(reads) < len(everything)
    others = service(endpoint, "cloudwatch").list_metrics(Dimensions=[{"Name": "TableName", "Value": table.name}])
    assert others["Metrics"] == [], "another account"


def test_refusals_have_the_codes_of_the_query_protocol(endpoint):
    cloudwatch = service(endpoint, "cloudwatch")
    assert code_of(cloudwatch.list_metrics, NextToken="none") == "InvalidParameterValue"
    assert code_of(cloudwatch.list_metrics, RecentlyActive="PT1H") == "ValidationError"
    assert code_of(cloudwatch.list_metrics, Dimensions=[{"Value": "x"}]) == "ValidationError"
    assert code_of(cloudwatch.list_metric_streams) == "InvalidAction"
    assert code_of(service(endpoint, "iam").list_virtual_mfa_devices) == "InvalidAction"
    with pytest.raises(cloudwatch.exceptions.InvalidParameterValueException):
        cloudwatch.list_metrics(NextToken="none")


def test_services_that_are_not_here_are_refused_in_their_protocol(endpoint):
    assert code_of(service(endpoint, "firehose").list_delivery_streams) == "UnknownOperationException"


def test_operations_that_are_planned_say_so(endpoint):
    s3 = service(endpoint, "s3")
    assert code_of(s3.get_bucket_acl, Bucket="bucket") == "NotImplemented"
    assert code_of(s3.get_object, Bucket="no-bucket", Key="a b/ü+~%") == "NoSuchBucket"


def test_bad_bodies_are_refused_in_the_protocol(endpoint):
    path = "/service/GraniteServiceVersion20100801/operation/ListMetrics"
    for body in [b"\xbb" + b"\xff" * 8, b"\x81" * 100_000, b"\xa1\x69Namespace\x7b" + b"\xff" * 8]:
        status, headers, answer = raw(endpoint, "monitoring", body, path, smithy_protocol="rpc-v2-cbor")
        assert (status, headers["Content-Type"]) == (400, "application/cbor")
        assert b"SerializationException" in answer
    for body, expect in [
        (b"Action=ListMetrics&" + b"a=b&" * 20_000, (400, "MalformedInput")),
        (b"Action=ListMetrics&IncludeLinkedAccounts=perhaps", (400, "MalformedInput")),
        (b"Action=ListMetrics&Namespace=" + b"x" * 2_000_000, (413, "RequestEntityTooLarge")),
    ]:
        status, headers, answer = raw(endpoint, "monitoring", body, Content_Type=FORM)
        code = re.search(rb"<Code>(\w+)</Code>", answer).group(1).decode()
        assert (status, code, headers["Content-Type"]) == (*expect, "text/xml")
