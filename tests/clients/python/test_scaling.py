"""Alarms and auto scaling as boto3 uses them; CloudWatch in the protocol of today's boto3 and in that of older ones."""

from datetime import datetime, timedelta, timezone

import boto3
import botocore.session
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from conftest import CREDENTIALS, DEFINITION

ONE_TRY = Config(retries={"total_max_attempts": 1})


def speaking(protocol):
    """A session whose CloudWatch speaks one protocol. Models before the list of protocols named the query protocol."""
    session = botocore.session.get_session()
    loader = session.get_component("data_loader")
    load_service_model = loader.load_service_model

    def load(service, kind, api_version=None):
        model = load_service_model(service, kind, api_version)
        if (service, kind) != ("cloudwatch", "service-2"):
            return model
        return {**model, "metadata": {**model["metadata"], "protocol": protocol, "protocols": [protocol]}}

    loader.load_service_model = load
    return boto3.Session(botocore_session=session)


@pytest.fixture(params=["json", "query"])
def cloudwatch(request, endpoint):
    client = speaking(request.param).client("cloudwatch", endpoint_url=endpoint, config=ONE_TRY, **CREDENTIALS)
    assert client.meta.service_model.resolved_protocol == request.param
    return client


@pytest.fixture
def scaling(endpoint):
    return boto3.client("application-autoscaling", endpoint_url=endpoint, config=ONE_TRY, **CREDENTIALS)


def put(cloudwatch, name, **more):
    alarm = dict(
        AlarmName=name, Namespace="app", MetricName="m", Dimensions=[{"Name": "host", "Value": "a"}], Statistic="Average",
        Period=60, EvaluationPeriods=3, DatapointsToAlarm=2, Threshold=21.5, ComparisonOperator="GreaterThanThreshold",
        TreatMissingData="notBreaching", Tags=[{"Key": "team", "Value": "x"}],
    )
    cloudwatch.put_metric_alarm(**{**alarm, **more})


def test_the_life_of_an_alarm(cloudwatch, name):
    put(cloudwatch, name, AlarmDescription="of a test", AlarmActions=["arn:aws:sns:eu-west-1:000000000000:topic"])
    cloudwatch.put_composite_alarm(AlarmName=f"{name}-any", AlarmRule=f"ALARM({name})")
    [alarm] = cloudwatch.describe_alarms(AlarmNames=[name])["MetricAlarms"]
    # Alarms are evaluated once a minute: one without points may be OK already.
    assert alarm["StateValue"] in ("INSUFFICIENT_DATA", "OK")
    assert (alarm["Threshold"], alarm["DatapointsToAlarm"]) == (21.5, 2)
    assert alarm["Dimensions"] == [{"Name": "host", "Value": "a"}] and alarm["ActionsEnabled"] is True
    assert isinstance(alarm["StateUpdatedTimestamp"], datetime)
    [found] = cloudwatch.describe_alarms_for_metric(Namespace="app", MetricName="m", Dimensions=alarm["Dimensions"])["MetricAlarms"][:1]
    assert found["MetricName"] == "m"
    assert cloudwatch.list_tags_for_resource(ResourceARN=alarm["AlarmArn"])["Tags"] == [{"Key": "team", "Value": "x"}]

    cloudwatch.set_alarm_state(AlarmName=name, StateValue="ALARM", StateReason="a try", StateReasonData='{"n": 1}')
    cloudwatch.disable_alarm_actions(AlarmNames=[name])
    pages = cloudwatch.get_paginator("describe_alarms").paginate(AlarmNamePrefix=name, AlarmTypes=["MetricAlarm", "CompositeAlarm"])
    shown = [alarm for page in pages for alarm in page["MetricAlarms"] + page["CompositeAlarms"]]
    assert [alarm["AlarmName"] for alarm in shown] == [name, f"{name}-any"] and shown[0]["ActionsEnabled"] is False
    items = cloudwatch.describe_alarm_history(AlarmName=name, HistoryItemType="StateUpdate")["AlarmHistoryItems"]
    assert sum(item["HistorySummary"].endswith(" to ALARM") for item in items) == 1

    cloudwatch.delete_alarms(AlarmNames=[name])
    with pytest.raises(cloudwatch.exceptions.ResourceNotFound):
        cloudwatch.set_alarm_state(AlarmName=name, StateValue="OK", StateReason="gone")
    cloudwatch.delete_alarms(AlarmNames=[f"{name}-any"])


def test_what_no_alarm_can_be(cloudwatch, name):
    for more, code in [
        ({"DatapointsToAlarm": 4}, "ValidationError"),
        ({"Period": 7}, "InvalidParameterValue"),
        ({"TreatMissingData": "unknown"}, "ValidationError"),
        ({"Threshold": float("nan")}, None),
    ]:
        with pytest.raises(ClientError) as refused:
            put(cloudwatch, name, **more)
        found = refused.value.response["Error"]["Code"]
        assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400 and code in (found, None), more


def test_expressions(cloudwatch, name):
    at = datetime.now(timezone.utc).replace(second=0, microsecond=0) - timedelta(minutes=9)
    times = [at + timedelta(minutes=minute) for minute in range(3)]
    data = [{"MetricName": "m", "Timestamp": time, "Value": 5.0 * place, "Unit": "Count"} for place, time in enumerate(times)]
    cloudwatch.put_metric_data(Namespace=name, MetricData=data)
    stat = {"Metric": {"Namespace": name, "MetricName": "m"}, "Period": 60, "Stat": "Sum"}
    queries = [
        {"Id": "m1", "MetricStat": stat, "ReturnData": False},
        {"Id": "e1", "Expression": "m1 / PERIOD(m1) * 60", "Label": "a minute"},
    ]
    asked = dict(StartTime=at, EndTime=at + timedelta(minutes=5), ScanBy="TimestampAscending")
    [result] = cloudwatch.get_metric_data(MetricDataQueries=queries, **asked)["MetricDataResults"]
    assert (result["Label"], result["Values"], result["StatusCode"]) == ("a minute", [0, 5, 10], "Complete")
    assert result["Timestamps"] == times

def test_a_picture(cloudwatch, name):
    cloudwatch.put_metric_data(Namespace=name, MetricData=[{"MetricName": "m", "Value": 5}])
    widget = '{"metrics": [["%s", "m", {"stat": "Sum", "period": 60}]], "width": 300, "height": 200}' % name
    image = cloudwatch.get_metric_widget_image(MetricWidget=widget)["MetricWidgetImage"]
    assert image[:8] == b"\x89PNG\r\n\x1a\n" and image[16:24] == (300).to_bytes(4, "big") + (200).to_bytes(4, "big")


def test_a_table_scales_by_a_policy(client, cloudwatch, scaling, name):
    definition = {key: value for key, value in DEFINITION.items() if "Indexes" not in key and key != "BillingMode"}
    definition["AttributeDefinitions"] = definition["AttributeDefinitions"][:2]
    client.create_table(TableName=name, **definition, ProvisionedThroughput={"ReadCapacityUnits": 5, "WriteCapacityUnits": 5})
    target = dict(ServiceNamespace="dynamodb", ResourceId=f"table/{name}", ScalableDimension="dynamodb:table:ReadCapacityUnits")
    policy = dict(
        PolicyName="reads",
        PolicyType="TargetTrackingScaling",
        TargetTrackingScalingPolicyConfiguration={
            "TargetValue": 70.0,
            "PredefinedMetricSpecification": {"PredefinedMetricType": "DynamoDBReadCapacityUtilization"},
        },
    )
    with pytest.raises(scaling.exceptions.ObjectNotFoundException):
        scaling.put_scaling_policy(**target, **policy)
    registered = scaling.register_scalable_target(**target, MinCapacity=10, MaxCapacity=50)
    [known] = scaling.describe_scalable_targets(ServiceNamespace="dynamodb", ResourceIds=[f"table/{name}"])["ScalableTargets"]
    assert (known["MinCapacity"], known["MaxCapacity"]) == (10, 50) and known["ScalableTargetARN"] == registered["ScalableTargetARN"]
    [activity] = scaling.describe_scaling_activities(ServiceNamespace="dynamodb", ResourceId=f"table/{name}")["ScalingActivities"]
    assert (activity["Cause"], activity["StatusCode"]) == ("minimum capacity was set to 10", "Successful")
    throughput = client.describe_table(TableName=name)["Table"]["ProvisionedThroughput"]
    assert throughput["ReadCapacityUnits"] == 10

    alarms = scaling.put_scaling_policy(**target, **policy)["Alarms"]
    names = [alarm["AlarmName"] for alarm in alarms]
    shown = cloudwatch.describe_alarms(AlarmNames=names)["MetricAlarms"]
    assert len(names) == 4 and sorted(alarm["AlarmName"] for alarm in shown) == sorted(names)
    assert {alarm["Threshold"] for alarm in shown} == {420.0, 300.0, 10.0}
    scaling.put_scheduled_action(
        **target, ScheduledActionName="night", Schedule="cron(0 22 * * ? *)", Timezone="Europe/Zurich",
        ScalableTargetAction={"MinCapacity": 5},
    )
    [action] = scaling.describe_scheduled_actions(ServiceNamespace="dynamodb", ResourceId=f"table/{name}")["ScheduledActions"]
    assert (action["Timezone"], action["ScalableTargetAction"]) == ("Europe/Zurich", {"MinCapacity": 5})
    with pytest.raises(scaling.exceptions.ValidationException):
        scaling.put_scheduled_action(**target, ScheduledActionName="never", Schedule="cron(0 25 * * ? *)", ScalableTargetAction={"MinCapacity": 5})

    scaling.deregister_scalable_target(**target)
    assert cloudwatch.describe_alarms(AlarmNames=names)["MetricAlarms"] == []
    assert scaling.describe_scaling_policies(ServiceNamespace="dynamodb", ResourceId=f"table/{name}")["ScalingPolicies"] == []
