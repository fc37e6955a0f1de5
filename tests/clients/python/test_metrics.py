"""Metrics as boto3 puts and reads them, and monitoring code as applications have it."""

import math
import os
from datetime import datetime, timedelta, timezone
from unittest.mock import patch
from urllib.request import Request, urlopen

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from conftest import CREDENTIALS


@pytest.fixture
def cloudwatch(endpoint):
    return boto3.client("cloudwatch", endpoint_url=endpoint, config=Config(retries={"total_max_attempts": 1}), **CREDENTIALS)


@pytest.fixture
def environment(endpoint):
    """What an application without settings of its own is configured by."""
    settings = {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_DEFAULT_REGION": CREDENTIALS["region_name"],
        "AWS_ACCESS_KEY_ID": CREDENTIALS["aws_access_key_id"],
        "AWS_SECRET_ACCESS_KEY": CREDENTIALS["aws_secret_access_key"],
    }
    with patch.dict(os.environ, settings):
        yield


def monitor_table_performance(table_name):
    cloudwatch = boto3.client('cloudwatch')

    # Get throttle metrics
    response = cloudwatch.get_metric_statistics(
        Namespace='AWS/DynamoDB',
        MetricName='ThrottledRequests',
        Dimensions=[
            {
                'Name': 'TableName',
                'Value': table_name
            }
        ],
        StartTime=datetime.utcnow() - timedelta(hours=1),
        EndTime=datetime.utcnow(),
        Period=300,
        Statistics=['Sum']
    )

    throttle_count = sum(point['Sum'] for point in response['Datapoints'])

    if throttle_count > 0:
        print(f"Warning: {throttle_count} throttled requests in the last hour")
        # Implement auto-scaling or alerting logic


def analyze_capacity_usage():
    cloudwatch = boto3.client('cloudwatch')

    # Analyze read capacity utilization
    response = cloudwatch.get_metric_statistics(
        Namespace='AWS/DynamoDB',
        MetricName='ConsumedReadCapacityUnits',
        Dimensions=[{'Name': 'TableName', 'Value': 'SocialMediaApp'}],
        StartTime=datetime.utcnow() - timedelta(days=7),
        EndTime=datetime.utcnow(),
        Period=3600,
        Statistics=['Average', 'Maximum']
    )

    # Calculate recommended capacity
    max_consumed = max(point['Maximum'] for point in response['Datapoints'])
    recommended_capacity = math.ceil(max_consumed * 1.2)  # 20% buffer

    return recommended_capacity


@pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow")
def test_monitoring_code_runs_as_it_is(client, environment, table, capsys):
    monitor_table_performance(table.name)
    assert capsys.readouterr().out == ""
    client.create_table(
        TableName="SocialMediaApp",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "PK", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "PK", "AttributeType": "S"}],
    )
    try:
        client.put_item(TableName="SocialMediaApp", Item={"PK": {"S": "a"}, "text": {"S": "x" * 50_000}})
        client.get_item(TableName="SocialMediaApp", Key={"PK": {"S": "a"}}, ConsistentRead=True)
        assert analyze_capacity_usage() == math.ceil(13 * 1.2)
    finally:
        client.delete_table(TableName="SocialMediaApp")


@pytest.mark.filterwarnings("ignore:datetime.datetime.utcnow")
def test_monitoring_code_warns_of_throttled_requests(endpoint, environment, name, capsys):
    client = boto3.client("dynamodb", endpoint_url=endpoint, config=Config(retries={"total_max_attempts": 1}), **CREDENTIALS)
    client.create_table(
        TableName=name,
        ProvisionedThroughput={"ReadCapacityUnits": 1, "WriteCapacityUnits": 1},
        KeySchema=[{"AttributeName": "PK", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "PK", "AttributeType": "S"}],
    )
    mode = Request(f"{endpoint}/_aws/dynamodb/capacity?table={name}&mode=enforce", method="PUT")
    assert urlopen(mode).status == 200
    with pytest.raises(client.exceptions.ProvisionedThroughputExceededException):
        for _ in range(100):  # 50 units each
            client.put_item(TableName=name, Item={"PK": {"S": "a"}, "text": {"S": "x" * 50_000}})
    monitor_table_performance(name)
    assert capsys.readouterr().out == "Warning: 1.0 throttled requests in the last hour\n"


def test_metrics_of_ones_own_come_back(cloudwatch, name):
    at = datetime.now(timezone.utc).replace(second=0, microsecond=0) - timedelta(minutes=5)
    data = [
        {"MetricName": "latency", "Timestamp": at, "Value": float(value), "Unit": "Milliseconds", "StorageResolution": 1}
        for value in range(1, 101)
    ]
    cloudwatch.put_metric_data(Namespace=name, MetricData=data)
    asked = dict(Namespace=name, MetricName="latency", StartTime=at, EndTime=at + timedelta(minutes=5), Period=60)
    [point] = cloudwatch.get_metric_statistics(**asked, Statistics=["SampleCount", "Average", "Maximum"])["Datapoints"]
    assert (point["SampleCount"], point["Average"], point["Maximum"]) == (100, 50.5, 100)
    assert (point["Timestamp"], point["Unit"]) == (at, "Milliseconds")
    [point] = cloudwatch.get_metric_statistics(**asked, ExtendedStatistics=["p90", "tm95"])["Datapoints"]
    assert point["ExtendedStatistics"] == {"p90": 90, "tm95": 48}
    [metric] = cloudwatch.list_metrics(Namespace=name)["Metrics"]
    assert metric["MetricName"] == "latency"


def test_a_large_body_comes_compressed(cloudwatch, name):
    data = [{"MetricName": f"metric-{number}", "Value": number} for number in range(500)]
    cloudwatch.put_metric_data(Namespace=name, MetricData=data)  # boto3 compresses bodies of 10 KB and more
    pages = cloudwatch.get_paginator("list_metrics").paginate(Namespace=name)
    assert sum(len(page["Metrics"]) for page in pages) == 500


def test_numbers_that_are_none_are_refused(cloudwatch, name):
    for value in [math.nan, math.inf, 1e300]:
        with pytest.raises(ClientError) as refused:
            cloudwatch.put_metric_data(Namespace=name, MetricData=[{"MetricName": "m", "Value": value}])
        assert refused.value.response["Error"]["Code"] in {"InvalidParameterValue", "MalformedInput"}
