"""The life of a function, as deploy tools and applications drive it with boto3, and what it prints."""

import base64
import io
import json
import os
import subprocess
import time
import urllib.error
import urllib.request
import zipfile
from contextlib import contextmanager

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

BINARY = os.environ.get("STATOR_BIN")
KEYS = {"aws_access_key_id": "AKIAFUNCTIONS", "aws_secret_access_key": "of-the-functions", "region_name": "eu-west-1"}
ROLE = "arn:aws:iam::000000000000:role/function"

pytestmark = pytest.mark.skipif(not BINARY, reason="STATOR_BIN names no binary")

HANDLER = """
import os, urllib.request

def handler(event, context):
    print("got", event)
    if event.get("fail"):
        raise ValueError("as asked")
    return {"table": os.environ.get("TABLE"), "event": event}
"""


def zipped(**files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name.replace("_", "."), text)
    return buffer.getvalue()


@contextmanager
def running(folder, *options, **variables):
    """A server, by where it is."""
    ready = folder / "ready"
    command = [BINARY, "--port", "0", "--memory", *options, "--ready-file", ready]
    environment = {**os.environ, "STATOR_ACCESS_KEY_ID": KEYS["aws_access_key_id"], **variables}
    environment["STATOR_SECRET_ACCESS_KEY"] = KEYS["aws_secret_access_key"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as process:
        while not ready.exists():
            assert process.poll() is None
            time.sleep(0.02)
        yield json.loads(ready.read_text())["url"]
        process.terminate()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A server that runs functions, and where it is."""
    with running(tmp_path_factory.mktemp("functions"), "--lambda") as url:
        yield url


@pytest.fixture(scope="module")
def functions(server):
    return boto3.client("lambda", endpoint_url=server, config=Config(retries={"total_max_attempts": 1}), **KEYS)


@pytest.fixture(scope="module")
def logs(server):
    return boto3.client("logs", endpoint_url=server, **KEYS)


def eventually(look):
    for _ in range(1500):
        found = look()
        if found:
            return found
        time.sleep(0.02)
    raise AssertionError("it did not come")


def test_the_life_of_a_function(functions):
    created = functions.create_function(
        FunctionName="life",
        Runtime="python3.13",
        Role=ROLE,
        Handler="app.handler",
        Code={"ZipFile": zipped(app_py=HANDLER)},
        Environment={"Variables": {"TABLE": "first"}},
        Tags={"team": "x"},
    )
    assert created["State"] == "Pending" and created["Version"] == "$LATEST"
    functions.get_waiter("function_active_v2").wait(FunctionName="life")
    answer = functions.invoke(FunctionName="life", Payload=json.dumps({"n": 1}), LogType="Tail")
    assert answer["StatusCode"] == 200 and answer["ExecutedVersion"] == "$LATEST" and "FunctionError" not in answer
    assert json.load(answer["Payload"]) == {"table": "first", "event": {"n": 1}}
    tail = base64.b64decode(answer["LogResult"]).decode()
    assert "START RequestId: " in tail and "got {'n': 1}\n" in tail and "REPORT RequestId: " in tail

    functions.publish_version(FunctionName="life")
    functions.create_alias(FunctionName="life", Name="live", FunctionVersion="1")
    functions.update_function_configuration(FunctionName="life", Environment={"Variables": {"TABLE": "second"}})
    functions.get_waiter("function_updated_v2").wait(FunctionName="life")
    invoke = lambda **more: json.load(functions.invoke(FunctionName="life", Payload=b"{}", **more)["Payload"])["table"]
    assert (invoke(), invoke(Qualifier="live"), invoke(Qualifier="1")) == ("second", "first", "first")

    functions.update_function_code(FunctionName="life", ZipFile=zipped(app_py="def handler(e, c): return {'table': 'new'}"))
    functions.get_waiter("function_updated").wait(FunctionName="life")
    assert (invoke(), invoke(Qualifier="live")) == ("new", "first")
    listed = [function["FunctionName"] for function in functions.list_functions()["Functions"]]
    assert "life" in listed
    functions.delete_function(FunctionName="life")
    with pytest.raises(functions.exceptions.ResourceNotFoundException):
        functions.get_function(FunctionName="life")


def test_errors_and_events_are_in_the_log(functions, logs):
    functions.create_function(
        FunctionName="prints", Runtime="python3.12", Role=ROLE, Handler="app.handler", Code={"ZipFile": zipped(app_py=HANDLER)}
    )
    failed = functions.invoke(FunctionName="prints", Payload=json.dumps({"fail": True}))
    error = json.load(failed["Payload"])
    assert failed["FunctionError"] == "Unhandled" and (error["errorType"], error["errorMessage"]) == ("ValueError", "as asked")
    assert functions.invoke(FunctionName="prints", InvocationType="Event", Payload=b'{"later": 1}')["StatusCode"] == 202

    def messages():
        try:
            events = logs.filter_log_events(logGroupName="/aws/lambda/prints")["events"]
        except logs.exceptions.ResourceNotFoundException:
            return []
        return [event["message"] for event in events]

    found = eventually(lambda: [all for all in [messages()] if "got {'later': 1}\n" in all])[0]
    assert "[ERROR] ValueError: as asked\n" in found and any(line.startswith("REPORT RequestId: ") for line in found)
    shown = subprocess.run(
        [BINARY, "logs", "prints", "--filter", "as asked", "--endpoint", functions.meta.endpoint_url],
        env={"AWS_ACCESS_KEY_ID": KEYS["aws_access_key_id"], "AWS_SECRET_ACCESS_KEY": KEYS["aws_secret_access_key"], "AWS_REGION": "eu-west-1"},
        capture_output=True, text=True, check=True,
    )
    assert "[ERROR] ValueError: as asked" in shown.stdout


def test_an_alarm_invokes_a_function(server, functions, logs):
    cloudwatch = boto3.client("cloudwatch", endpoint_url=server, **{**KEYS, "aws_access_key_id": "000000000000"})
    text = "import json\ndef handler(event, context):\n    print('told', json.dumps(event))\n"
    created = functions.create_function(
        FunctionName="told", Runtime="python3.12", Role=ROLE, Handler="app.handler", Code={"ZipFile": zipped(app_py=text)}
    )
    cloudwatch.put_metric_alarm(
        AlarmName="high", AlarmDescription="of a test", Namespace="app", MetricName="m", Statistic="Sum", Period=60,
        EvaluationPeriods=1, Threshold=5, ComparisonOperator="GreaterThanThreshold", AlarmActions=[created["FunctionArn"]],
    )
    cloudwatch.set_alarm_state(AlarmName="high", StateValue="ALARM", StateReason="a try")

    def event():
        try:
            events = logs.filter_log_events(logGroupName="/aws/lambda/told", filterPattern="told")["events"]
        except logs.exceptions.ResourceNotFoundException:
            return None
        return next((json.loads(event["message"].removeprefix("told ")) for event in events), None)

    told = eventually(event)
    [alarm] = cloudwatch.describe_alarms(AlarmNames=["high"])["MetricAlarms"]
    assert (told["source"], told["alarmArn"], told["region"]) == ("aws.cloudwatch", alarm["AlarmArn"], "eu-west-1")
    assert told["alarmData"]["state"] == {"value": "ALARM", "reason": "a try", "timestamp": told["time"]}
    assert told["alarmData"]["previousState"]["value"] == "INSUFFICIENT_DATA"
    configuration = told["alarmData"]["configuration"]
    assert (configuration["description"], configuration["metrics"][0]["metricStat"]["period"]) == ("of a test", 60)
    history = cloudwatch.describe_alarm_history(AlarmName="high", HistoryItemType="Action")["AlarmHistoryItems"]
    assert [item["HistorySummary"] for item in history] == [f"Successfully executed action {created['FunctionArn']}"]


def test_a_function_reaches_the_tables_of_its_server(server, functions):
    dynamodb = boto3.client("dynamodb", endpoint_url=server, **{**KEYS, "aws_access_key_id": "000000000000"})
    text = """
import json, os, urllib.request

def handler(event, context):
    request = urllib.request.Request(os.environ["AWS_ENDPOINT_URL"] + "/", json.dumps({}).encode(), method="POST", headers={
        "X-Amz-Target": "DynamoDB_20120810.ListTables", "Content-Type": "application/x-amz-json-1.0",
        "X-Amz-Date": "20260101T000000Z",
        "Authorization": "AWS4-HMAC-SHA256 Credential=" + os.environ["AWS_ACCESS_KEY_ID"]
            + "/20260101/eu-west-1/dynamodb/aws4_request, SignedHeaders=host;x-amz-date, Signature=0000"})
    return json.load(urllib.request.urlopen(request))["TableNames"]
"""
    dynamodb.create_table(
        TableName="reached",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
    )
    functions.create_function(
        FunctionName="reaches", Runtime="python3.12", Role=ROLE, Handler="app.handler", Code={"ZipFile": zipped(app_py=text)}
    )
    assert json.load(functions.invoke(FunctionName="reaches")["Payload"]) == ["reached"]


def test_only_a_key_of_the_server_makes_functions(server):
    stranger = boto3.client("lambda", endpoint_url=server, **{**KEYS, "aws_secret_access_key": "another"})
    with pytest.raises(ClientError) as refused:
        stranger.list_functions()
    assert refused.value.response["Error"]["Code"] == "InvalidSignatureException"


def test_a_page_from_elsewhere_calls_no_function(server):
    functions = boto3.client("lambda", endpoint_url=server, **KEYS)
    foreign = lambda request, **_: request.headers.update({"Origin": "https://elsewhere.example"})
    functions.meta.events.register("before-send.lambda.*", foreign)
    with pytest.raises(ClientError) as refused:
        functions.list_functions()
    assert refused.value.response["Error"]["Code"] == "AccessDeniedException"
    assert "pages of other origins" in refused.value.response["Error"]["Message"]


def refusal_to_create(url, **settings):
    functions = boto3.client("lambda", endpoint_url=url, **KEYS)
    code = {"ZipFile": zipped(app_py=HANDLER)}
    with pytest.raises(ClientError) as refused:
        functions.create_function(FunctionName="none", Role=ROLE, Handler="app.handler", Code=code, **settings)
    return refused.value.response["Error"]


def test_functions_are_made_where_the_server_was_told_to_run_them(tmp_path):
    with running(tmp_path) as url:
        refusal = refusal_to_create(url, Runtime="python3.13")
    assert refusal["Code"] == "AccessDeniedException" and "start it with --lambda" in refusal["Message"]


def test_an_interpreter_that_is_missing_is_told_when_a_function_is_made(tmp_path):
    with running(tmp_path, "--lambda", PATH=str(tmp_path)) as url:
        refusal = refusal_to_create(url, Runtime="nodejs22.x")
    assert refusal["Code"] == "InvalidParameterValueException" and "needs node" in refusal["Message"]


def test_events_tell_another_function_how_they_ended(functions, logs, server):
    for name in ("tries", "hears"):
        functions.create_function(
            FunctionName=name, Runtime="python3.13", Role=ROLE, Handler="app.handler", Code={"ZipFile": zipped(app_py=HANDLER)}
        )
    hears = "arn:aws:lambda:eu-west-1:000000000000:function:hears"
    destinations = {"OnSuccess": {"Destination": hears}, "OnFailure": {"Destination": hears}}
    kept = functions.put_function_event_invoke_config(
        FunctionName="tries", MaximumRetryAttempts=0, DestinationConfig=destinations
    )
    assert kept["FunctionArn"].endswith("function:tries:$LATEST") and kept["DestinationConfig"] == destinations
    for payload in ({"n": 1}, {"fail": True}):
        functions.invoke(FunctionName="tries", InvocationType="Event", Payload=json.dumps(payload))

    def heard():
        try:
            events = logs.filter_log_events(logGroupName="/aws/lambda/hears")["events"]
        except logs.exceptions.ResourceNotFoundException:
            return []
        printed = "".join(event["message"] for event in events)
        return all(f"'condition': '{condition}'" in printed for condition in ("Success", "RetriesExhausted")) and printed

    printed = eventually(heard)
    assert "'requestPayload': {'n': 1}" in printed and "'errorMessage': 'as asked'" in printed

    metrics = boto3.client("cloudwatch", endpoint_url=server, **KEYS)
    now = time.time()

    def figures(name, **dimensions):
        found = metrics.get_metric_statistics(
            Namespace="AWS/Lambda",
            MetricName=name,
            Dimensions=[{"Name": key, "Value": value} for key, value in dimensions.items()],
            StartTime=now - 3600,
            EndTime=now + 3600,
            Period=60,
            Statistics=["Sum"],
        )["Datapoints"]
        return sum(point["Sum"] for point in found)

    assert eventually(lambda: figures("Invocations", FunctionName="tries") == 2)
    assert figures("Errors", FunctionName="tries", Resource="tries") == 1
    assert figures("Duration", FunctionName="tries") > 0
    assert figures("AsyncEventsDropped", FunctionName="tries") == 1
    functions.put_function_concurrency(FunctionName="hears", ReservedConcurrentExecutions=0)
    with pytest.raises(functions.exceptions.TooManyRequestsException):
        functions.invoke(FunctionName="hears")
    assert figures("Throttles", FunctionName="hears") == 1


def test_a_package_can_be_fetched_where_get_function_says(functions):
    package = zipped(app_py=HANDLER)
    functions.create_function(
        FunctionName="fetched", Runtime="python3.13", Role=ROLE, Handler="app.handler", Code={"ZipFile": package}
    )
    code = functions.get_function(FunctionName="fetched")["Code"]
    assert code["RepositoryType"] == "S3"
    assert urllib.request.urlopen(code["Location"]).read() == package
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(code["Location"][:-4] + "AAAA")
    assert refused.value.code == 403
    functions.delete_function(FunctionName="fetched")
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(code["Location"])
    assert refused.value.code == 403


def test_a_stream_of_kinesis_calls_a_function(functions, logs, server):
    kinesis = boto3.client("kinesis", endpoint_url=server, **{**KEYS, "aws_access_key_id": "000000000000"})
    kinesis.create_stream(StreamName="clicks", ShardCount=2)
    stream = kinesis.describe_stream_summary(StreamName="clicks")["StreamDescriptionSummary"]["StreamARN"]
    functions.create_function(
        FunctionName="clicked", Runtime="python3.13", Role=ROLE, Handler="app.handler", Code={"ZipFile": zipped(app_py=HANDLER)}
    )
    mapping = functions.create_event_source_mapping(
        FunctionName="clicked",
        EventSourceArn=stream,
        StartingPosition="AT_TIMESTAMP",
        StartingPositionTimestamp=time.time() - 60,
        FilterCriteria={"Filters": [{"Pattern": json.dumps({"data": {"page": ["home"]}})}]},
    )
    assert mapping["StartingPosition"] == "AT_TIMESTAMP" and mapping["StartingPositionTimestamp"]
    for page in ("away", "home"):
        kinesis.put_record(StreamName="clicks", PartitionKey=page, Data=json.dumps({"page": page}))

    def printed():
        try:
            return "".join(event["message"] for event in logs.filter_log_events(logGroupName="/aws/lambda/clicked")["events"])
        except logs.exceptions.ResourceNotFoundException:
            return ""

    shown = eventually(lambda: "REPORT" in printed() and printed())
    assert base64.b64encode(b'{"page": "home"}').decode() in shown and "aws:kinesis:record" in shown
    assert base64.b64encode(b'{"page": "away"}').decode() not in shown
    result = lambda: functions.get_event_source_mapping(UUID=mapping["UUID"])["LastProcessingResult"]
    eventually(lambda: result() == "OK")

    now, of_function = time.time(), [{"Name": "FunctionName", "Value": "clicked"}]
    metrics = boto3.client("cloudwatch", endpoint_url=server, **KEYS)
    ages = lambda: metrics.get_metric_statistics(
        Namespace="AWS/Lambda",
        MetricName="IteratorAge",
        Dimensions=of_function,
        StartTime=now - 3600,
        EndTime=now + 3600,
        Period=60,
        Statistics=["Maximum"],
    )["Datapoints"]
    assert eventually(ages)[0]["Maximum"] >= 0

    arn = mapping["EventSourceMappingArn"]
    functions.tag_resource(Resource=arn, Tags={"team": "x"})
    assert functions.list_tags(Resource=arn)["Tags"] == {"team": "x"}
