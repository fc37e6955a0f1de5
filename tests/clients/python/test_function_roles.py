"""What functions may do on a server that verifies signatures: what their roles may."""

import io
import json
import os
import subprocess
import time
import zipfile

import boto3
import pytest
from botocore.exceptions import ClientError

BINARY = os.environ.get("STATOR_BIN")
ACCOUNT = "123456789012"
REGION = "us-east-1"

pytestmark = pytest.mark.skipif(not BINARY, reason="STATOR_BIN names no binary")

# The handler answers with its credentials, so that the test can use them as a handler with boto3 would.
HANDLER = """
import os
def handler(event, context):
    return {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
"""


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory):
    ready = tmp_path_factory.mktemp("roles") / "ready"
    environment = {**os.environ, "STATOR_ACCESS_KEY_ID": ACCOUNT, "STATOR_SECRET_ACCESS_KEY": "root"}
    command = [BINARY, "--port", "0", "--memory", "--auth", "verify", "--lambda", "--ready-file", ready]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as server:
        while not ready.exists():
            assert server.poll() is None
            time.sleep(0.02)
        yield json.loads(ready.read_text())["url"]
        server.terminate()


def client(endpoint, service, key=ACCOUNT, secret="root", token=None):
    return boto3.client(
        service,
        endpoint_url=endpoint,
        region_name=REGION,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        aws_session_token=token,
    )


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def refusal(call, **parameters):
    with pytest.raises(ClientError) as refused:
        call(**parameters)
    return refused.value.response["Error"]


def package():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("app.py", HANDLER)
    return {"ZipFile": buffer.getvalue()}


def make_role(iam, name, service="lambda.amazonaws.com"):
    trust = document({"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"})
    return iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]


def create(functions, name, role):
    settings = {"Runtime": "python3.13", "Handler": "app.handler", "Role": role, "Code": package()}
    return functions.create_function(FunctionName=name, **settings)


def test_a_handler_may_what_its_role_may(endpoint):
    iam, functions, tables = (client(endpoint, service) for service in ("iam", "lambda", "dynamodb"))
    for name in ("open", "closed"):
        tables.create_table(
            TableName=name,
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
    role = make_role(iam, "reader")
    resource = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/open"
    policy = document({"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": resource})
    iam.put_role_policy(RoleName="reader", PolicyName="read", PolicyDocument=policy)
    create(functions, "reads", role)
    environment = json.load(functions.invoke(FunctionName="reads")["Payload"])
    assert environment["AWS_ENDPOINT_URL"] == endpoint

    session = environment["AWS_ACCESS_KEY_ID"], environment["AWS_SECRET_ACCESS_KEY"], environment["AWS_SESSION_TOKEN"]
    identity = client(endpoint, "sts", *session).get_caller_identity()
    assert identity["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/reader/reads"
    own = client(endpoint, "dynamodb", *session)
    own.get_item(TableName="open", Key={"id": {"S": "a"}})
    assert refusal(own.get_item, TableName="closed", Key={"id": {"S": "a"}})["Code"] == "AccessDeniedException"
    assert refusal(own.put_item, TableName="open", Item={"id": {"S": "a"}})["Code"] == "AccessDeniedException"

    # What a role may counts at once, for processes that run already too.
    iam.delete_role_policy(RoleName="reader", PolicyName="read")
    assert refusal(own.get_item, TableName="open", Key={"id": {"S": "a"}})["Code"] == "AccessDeniedException"


def until(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it does not happen"
        time.sleep(0.05)


def allow_reading(iam, role, *resources):
    actions = ["GetRecords", "GetShardIterator", "DescribeStream", "ListStreams"]
    service = resources[0].split(":")[2]
    statement = {"Effect": "Allow", "Action": [f"{service}:{action}" for action in actions], "Resource": list(resources)}
    iam.put_role_policy(RoleName=role, PolicyName="read-stream", PolicyDocument=document(statement))


def test_a_mapping_reads_what_the_role_of_its_function_may(endpoint):
    iam, functions, tables = (client(endpoint, service) for service in ("iam", "lambda", "dynamodb"))
    table = tables.create_table(
        TableName="mapped",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    )["TableDescription"]
    stream = table["LatestStreamArn"]
    create(functions, "mapped", make_role(iam, "mapped"))
    source = {"EventSourceArn": stream, "StartingPosition": "TRIM_HORIZON"}
    cannot = (
        f"Cannot access stream {stream}. Please ensure the role can perform the GetRecords, GetShardIterator, "
        "DescribeStream, and ListStreams Actions on your stream in IAM."
    )

    def refused():
        error = refusal(functions.create_event_source_mapping, FunctionName="mapped", **source)
        return error["Code"] == "InvalidParameterValueException" and error["Message"] == cannot

    assert refused()
    allow_reading(iam, "mapped", f"{table['TableArn']}-other/stream/*")
    assert refused()
    allow_reading(iam, "mapped", f"{table['TableArn']}/stream/*")
    mapping = functions.create_event_source_mapping(FunctionName="mapped", **source)["UUID"]

    # What is taken from the role is taken from the mapping, which says so and goes on once it may.
    def result():
        return functions.get_event_source_mapping(UUID=mapping)["LastProcessingResult"]

    def put():
        tables.put_item(TableName="mapped", Item={"id": {"S": "a"}, "n": {"N": str(time.monotonic_ns())}})

    put()
    until(lambda: result() == "OK")
    iam.delete_role_policy(RoleName="mapped", PolicyName="read-stream")
    until(lambda: put() or result() == f"PROBLEM: {cannot}")
    allow_reading(iam, "mapped", stream)
    until(lambda: result() == "OK")

    # Another function of the mapping must be allowed too.
    create(functions, "barred", make_role(iam, "barred"))
    error = refusal(functions.update_event_source_mapping, UUID=mapping, FunctionName="barred")
    assert error["Message"] == cannot


def test_a_mapping_of_kinesis_reads_what_the_role_of_its_function_may(endpoint):
    iam, functions, kinesis = (client(endpoint, service) for service in ("iam", "lambda", "kinesis"))
    kinesis.create_stream(StreamName="mapped", ShardCount=1)
    stream = kinesis.describe_stream_summary(StreamName="mapped")["StreamDescriptionSummary"]["StreamARN"]
    create(functions, "of-kinesis", make_role(iam, "of-kinesis"))
    source = {"EventSourceArn": stream, "StartingPosition": "TRIM_HORIZON", "FunctionName": "of-kinesis"}
    error = refusal(functions.create_event_source_mapping, **source)
    assert error["Message"].startswith(f"Cannot access stream {stream}.")
    allow_reading(iam, "of-kinesis", stream)
    mapping = functions.create_event_source_mapping(**source)["UUID"]
    kinesis.put_record(StreamName="mapped", PartitionKey="a", Data=b"1")
    until(lambda: functions.get_event_source_mapping(UUID=mapping)["LastProcessingResult"] == "OK")


def test_a_role_must_trust_lambda(endpoint):
    iam, functions = client(endpoint, "iam"), client(endpoint, "lambda")
    missing = f"arn:aws:iam::{ACCOUNT}:role/missing"
    for role in (missing, make_role(iam, "machines", "ec2.amazonaws.com")):
        error = refusal(create, functions=functions, name="none", role=role)
        assert error["Code"] == "InvalidParameterValueException"
        assert error["Message"] == "The role defined for the function cannot be assumed by Lambda."


def test_a_role_is_given_by_those_who_may_pass_it(endpoint):
    iam = client(endpoint, "iam")
    role = make_role(iam, "powerful")
    iam.create_user(UserName="deployer")
    policy = document({"Effect": "Allow", "Action": "lambda:*", "Resource": "*"})
    iam.put_user_policy(UserName="deployer", PolicyName="deploy", PolicyDocument=policy)
    key = iam.create_access_key(UserName="deployer")["AccessKey"]
    deployer = client(endpoint, "lambda", key["AccessKeyId"], key["SecretAccessKey"])
    error = refusal(create, functions=deployer, name="grabs", role=role)
    assert error["Code"] == "AccessDeniedException" and "iam:PassRole" in error["Message"]
    condition = {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}
    passing = {"Effect": "Allow", "Action": "iam:PassRole", "Resource": role, "Condition": condition}
    iam.put_user_policy(UserName="deployer", PolicyName="pass", PolicyDocument=document(passing))
    assert create(deployer, "granted", role)["Role"] == role


def test_a_package_is_an_object_that_its_caller_may_read(endpoint):
    iam, functions, s3 = (client(endpoint, service) for service in ("iam", "lambda", "s3"))
    s3.create_bucket(Bucket="packages")
    s3.put_object(Bucket="packages", Key="app.zip", Body=package()["ZipFile"])
    settings = {"Runtime": "python3.13", "Handler": "app.handler", "Role": make_role(iam, "packaged")}
    code = {"S3Bucket": "packages", "S3Key": "app.zip"}
    made = functions.create_function(FunctionName="packaged", Code=code, **settings)
    assert json.load(functions.invoke(FunctionName="packaged")["Payload"])["AWS_REGION"] == REGION
    assert functions.update_function_code(FunctionName="packaged", **code)["CodeSha256"] == made["CodeSha256"]

    iam.create_user(UserName="packer")
    allowed = {"Effect": "Allow", "Action": ["lambda:*", "iam:PassRole"], "Resource": "*"}
    iam.put_user_policy(UserName="packer", PolicyName="deploy", PolicyDocument=document(allowed))
    key = iam.create_access_key(UserName="packer")["AccessKey"]
    packer = client(endpoint, "lambda", key["AccessKeyId"], key["SecretAccessKey"])
    error = refusal(packer.update_function_code, FunctionName="packaged", **code)
    assert error["Code"] == "AccessDeniedException" and "GetObject for packages/app.zip" in error["Message"]
    reading = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::packages/*"}
    iam.put_user_policy(UserName="packer", PolicyName="read", PolicyDocument=document(reading))
    packer.update_function_code(FunctionName="packaged", **code)


def test_a_package_under_a_key_needs_the_key(endpoint):
    iam, functions, s3, kms = (client(endpoint, service) for service in ("iam", "lambda", "s3", "kms"))
    arn = kms.create_key()["KeyMetadata"]["Arn"]
    under = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": arn}
    s3.create_bucket(Bucket="locked")
    s3.put_object(Bucket="locked", Key="app.zip", Body=package()["ZipFile"], **under)
    role, code = make_role(iam, "locked"), {"S3Bucket": "locked", "S3Key": "app.zip"}
    settings = {"Runtime": "python3.13", "Handler": "app.handler", "Role": role, "Code": code}

    def deployer(name, *statements):
        iam.create_user(UserName=name)
        deploying = {"Effect": "Allow", "Action": ["lambda:*", "iam:PassRole", "s3:GetObject"], "Resource": "*"}
        iam.put_user_policy(UserName=name, PolicyName="deploy", PolicyDocument=document(deploying, *statements))
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return client(endpoint, "lambda", key["AccessKeyId"], key["SecretAccessKey"])

    by_s3_alone = {"StringEquals": {"kms:ViaService": f"s3.{REGION}.amazonaws.com"}}
    decrypting = {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": arn, "Condition": by_s3_alone}
    keyless, allowed = deployer("keyless"), deployer("keyed", decrypting)
    error = refusal(keyless.create_function, FunctionName="locked", **settings)
    assert error["Code"] == "AccessDeniedException"
    for told in ("GetObject for locked/app.zip", "S3 Error Code: AccessDenied", "kms:Decrypt"):
        assert told in error["Message"]
    made = allowed.create_function(FunctionName="locked", **settings)
    assert json.load(functions.invoke(FunctionName="locked")["Payload"])["AWS_REGION"] == REGION
    assert refusal(keyless.update_function_code, FunctionName="locked", **code)["Code"] == "AccessDeniedException"
    assert allowed.update_function_code(FunctionName="locked", **code)["CodeSha256"] == made["CodeSha256"]

    # Not the key, but its code is what a function has: it goes on.
    kms.disable_key(KeyId=arn)
    error = refusal(allowed.update_function_code, FunctionName="locked", **code)
    assert error["Code"] == "InvalidParameterValueException"
    assert "S3 Error Code: KMS.DisabledException" in error["Message"]
    assert json.load(functions.invoke(FunctionName="locked")["Payload"])["AWS_REGION"] == REGION


def test_records_that_are_given_up_go_to_a_bucket(endpoint):
    services = ("iam", "lambda", "s3", "dynamodb")
    iam, functions, s3, tables = (client(endpoint, service) for service in services)
    table = tables.create_table(
        TableName="failing",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    )["TableDescription"]
    s3.create_bucket(Bucket="given-up")
    create(functions, "failing", make_role(iam, "failing"))
    functions.update_function_configuration(FunctionName="failing", Handler="app.nothing")
    allow_reading(iam, "failing", table["LatestStreamArn"])
    mapping = {
        "FunctionName": "failing",
        "EventSourceArn": table["LatestStreamArn"],
        "StartingPosition": "TRIM_HORIZON",
        "MaximumRetryAttempts": 0,
        "DestinationConfig": {"OnFailure": {"Destination": "arn:aws:s3:::given-up"}},
    }
    error = refusal(functions.create_event_source_mapping, **mapping)
    assert error["Message"] == "The provided execution role does not have permissions to call PutObject on S3"
    putting = {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::given-up/*"}
    iam.put_role_policy(RoleName="failing", PolicyName="put", PolicyDocument=document(putting))
    uuid = functions.create_event_source_mapping(**mapping)["UUID"]
    tables.put_item(TableName="failing", Item={"id": {"S": "lost"}})
    until(lambda: s3.list_objects_v2(Bucket="given-up")["KeyCount"])
    [kept] = s3.list_objects_v2(Bucket="given-up")["Contents"]
    assert kept["Key"].startswith(f"aws/lambda/{uuid}/shardId-")
    told = json.load(s3.get_object(Bucket="given-up", Key=kept["Key"])["Body"])
    assert told["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert told["DDBStreamBatchInfo"]["batchSize"] == 1
    assert told["payload"]["Records"][0]["dynamodb"]["Keys"] == {"id": {"S": "lost"}}
    functions.delete_event_source_mapping(UUID=uuid)


def test_events_that_are_given_up_are_told_as_the_role_may(endpoint):
    iam, functions, s3 = (client(endpoint, service) for service in ("iam", "lambda", "s3"))
    s3.create_bucket(Bucket="events")
    for name in ("fails", "told"):
        create(functions, name, make_role(iam, name))
    functions.update_function_configuration(FunctionName="fails", Handler="app.nothing")
    told = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:told"

    def on_failure(destination):
        config = {"OnFailure": {"Destination": destination}}
        return {"FunctionName": "fails", "MaximumRetryAttempts": 0, "DestinationConfig": config}

    error = refusal(functions.put_function_event_invoke_config, **on_failure(told))
    expected = f"The function's execution role does not have permissions to call InvokeFunction on {told}"
    assert error["Message"] == expected
    error = refusal(functions.put_function_event_invoke_config, **on_failure("arn:aws:s3:::events"))
    assert error["Message"] == "The provided execution role does not have permissions to call PutObject on S3"

    putting = {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::events/*"}
    calling = {"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": told}
    iam.put_role_policy(RoleName="fails", PolicyName="tell", PolicyDocument=document(putting, calling))
    functions.put_function_event_invoke_config(**on_failure(told))
    functions.put_function_event_invoke_config(**on_failure("arn:aws:s3:::events"))
    functions.invoke(FunctionName="fails", InvocationType="Event", Payload=b'{"n": 7}')
    until(lambda: s3.list_objects_v2(Bucket="events")["KeyCount"])
    [kept] = s3.list_objects_v2(Bucket="events")["Contents"]
    assert kept["Key"].startswith("aws/lambda/async/fails/")
    document_told = json.load(s3.get_object(Bucket="events", Key=kept["Key"])["Body"])
    assert document_told["requestContext"]["condition"] == "RetriesExhausted"
    assert document_told["requestPayload"] == {"n": 7}

    # A role that lost the right tells nothing more, and that is counted.
    functions.put_function_event_invoke_config(**on_failure(told))
    iam.delete_role_policy(RoleName="fails", PolicyName="tell")
    functions.invoke(FunctionName="fails", InvocationType="Event")
    metrics, now = client(endpoint, "cloudwatch"), time.time()

    def failures():
        points = metrics.get_metric_statistics(
            Namespace="AWS/Lambda",
            MetricName="DestinationDeliveryFailures",
            Dimensions=[{"Name": "FunctionName", "Value": "fails"}],
            StartTime=now - 3600,
            EndTime=now + 3600,
            Period=60,
            Statistics=["Sum"],
        )["Datapoints"]
        return sum(point["Sum"] for point in points) == 1

    until(failures)
