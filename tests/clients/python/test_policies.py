"""Who may do what, on a production server of its own: TLS, signatures that are verified, users of IAM, sessions of STS,
identities of Cognito, and the audit log of all that."""

import json
import os
import re
import subprocess
import time
from uuid import uuid4

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, SSLError
from transfers import ended

BINARY = os.environ.get("STATOR_BIN")
ACCOUNT = "000000000000"


ITEMS = ("GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem", "DeleteItem")
ACTIONS = (*ITEMS, "PartiQLSelect", "PartiQLInsert", "PartiQLUpdate", "PartiQLDelete")


class Server:
    """A server of `stator init`."""

    def __init__(self, folder):
        self.folder = folder
        shown = subprocess.run([BINARY, "init", str(folder)], check=True, capture_output=True, text=True).stdout
        self.key = re.search(r"AWS_ACCESS_KEY_ID=(\S+)", shown)[1]
        self.secret = re.search(r"AWS_SECRET_ACCESS_KEY=(\S+)", shown)[1]
        ready = folder / "ready"
        command = [BINARY, "--config", str(folder / "stator.toml"), "--port", "0", "--ready-file", str(ready)]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(400):
            if ready.exists() and ready.read_text().strip():
                break
            time.sleep(0.05)
        self.url = json.loads(ready.read_text())["url"]


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory):
    if not BINARY:
        pytest.skip("STATOR_BIN names no server to start")
    server = Server(tmp_path_factory.mktemp("policies") / "server")
    assert server.url.startswith("https://")
    try:
        yield server
    finally:
        server.process.terminate()
        server.process.wait()


def client(endpoint, service, key=None, secret=None, token=None, verify=None):
    return boto3.client(
        service,
        endpoint_url=endpoint.url,
        region_name="us-east-1",
        aws_access_key_id=key or endpoint.key,
        aws_secret_access_key=secret or endpoint.secret,
        aws_session_token=token,
        verify=verify or str(endpoint.folder / "ca.pem"),
        config=Config(retries={"total_max_attempts": 1}),
    )


def ask(dynamodb, statement, identity):
    """A statement with the identity in the place of each question mark."""
    return dynamodb.execute_statement(Statement=statement, Parameters=[{"S": identity}] * statement.count("?"))


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def refusal(call, **parameters):
    with pytest.raises(ClientError) as refused:
        call(**parameters)
    return refused.value.response["Error"]


@pytest.fixture
def table(endpoint):
    name = f"Games-{uuid4().hex[:8]}"
    dynamodb = client(endpoint, "dynamodb")
    dynamodb.create_table(
        TableName=name,
        KeySchema=[{"AttributeName": "UserId", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "UserId", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    return name


def test_an_identity_of_a_pool_reaches_its_own_items_only(endpoint, table):
    iam, cognito = client(endpoint, "iam"), client(endpoint, "cognito-identity")
    pool = cognito.create_identity_pool(
        IdentityPoolName="players", AllowUnauthenticatedIdentities=True, DeveloperProviderName="login.game"
    )["IdentityPoolId"]
    trust = document(
        {
            "Effect": "Allow",
            "Principal": {"Federated": "cognito-identity.amazonaws.com"},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {
                "StringEquals": {"cognito-identity.amazonaws.com:aud": pool},
                "ForAnyValue:StringLike": {"cognito-identity.amazonaws.com:amr": "*authenticated"},
            },
        }
    )
    role = iam.create_role(RoleName=f"players-{table}", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    own_items = {
        "Effect": "Allow",
        "Action": [f"dynamodb:{name}" for name in ACTIONS],
        "Resource": [f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/{table}"],
        "Condition": {
            "ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["${cognito-identity.amazonaws.com:sub}"]}
        },
    }
    no_scans = {
        "Effect": "Deny",
        "Action": "dynamodb:PartiQLSelect",
        "Resource": "*",
        "Condition": {"Bool": {"dynamodb:FullTableScan": "true"}},
    }
    policy = document(own_items, no_scans)
    iam.put_role_policy(RoleName=f"players-{table}", PolicyName="own", PolicyDocument=policy)
    cognito.set_identity_pool_roles(IdentityPoolId=pool, Roles={"authenticated": role, "unauthenticated": role})

    guest = cognito.get_id(IdentityPoolId=pool)["IdentityId"]
    user = cognito.get_open_id_token_for_developer_identity(IdentityPoolId=pool, Logins={"login.game": "ann"})
    logins = {"cognito-identity.amazonaws.com": user["Token"]}
    for identity, proof in ((guest, {}), (user["IdentityId"], logins)):
        keys = cognito.get_credentials_for_identity(IdentityId=identity, Logins=proof)["Credentials"]
        mine = client(endpoint, "dynamodb", keys["AccessKeyId"], keys["SecretKey"], keys["SessionToken"])
        own, other = {"UserId": {"S": identity}}, {"UserId": {"S": "us-east-1:somebody-else"}}
        mine.put_item(TableName=table, Item={**own, "Score": {"N": "1"}})
        assert mine.get_item(TableName=table, Key=own)["Item"]["Score"] == {"N": "1"}
        assert mine.batch_get_item(RequestItems={table: {"Keys": [own]}})["Responses"][table]
        denied = refusal(mine.get_item, TableName=table, Key=other)
        assert denied["Code"] == "AccessDeniedException"
        assert denied["Message"] == (
            f"User: arn:aws:sts::{ACCOUNT}:assumed-role/players-{table}/CognitoIdentityCredentials is not authorized to "
            f"perform: dynamodb:GetItem on resource: arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/{table} because no "
            "identity-based policy allows the dynamodb:GetItem action"
        )
        for call, parameters in (
            (mine.put_item, {"TableName": table, "Item": other}),
            (mine.batch_get_item, {"RequestItems": {table: {"Keys": [own, other]}}}),
            (mine.scan, {"TableName": table}),
            (mine.delete_table, {"TableName": table}),
        ):
            assert refusal(call, **parameters)["Code"] == "AccessDeniedException"
        ask(mine, f'UPDATE "{table}" SET Score = 2 WHERE UserId = ?', identity)
        assert ask(mine, f'SELECT Score FROM "{table}" WHERE UserId = ?', identity)["Items"] == [{"Score": {"N": "2"}}]
        for statement in (
            f'SELECT * FROM "{table}" WHERE UserId IN [?, \'us-east-1:somebody-else\']',
            f'SELECT * FROM "{table}" WHERE UserId = ? OR Score = 1',
            f'SELECT * FROM "{table}" WHERE NOT UserId = ?',
            f'DELETE FROM "{table}" WHERE UserId IN [?, ?] AND UserId = \'us-east-1:somebody-else\'',
            f'UPDATE "{table}" SET Score = ? WHERE UserId = \'us-east-1:somebody-else\'',
            f'INSERT INTO "{table}" VALUE {{\'UserId\': \'us-east-1:somebody-else\', \'of\': ?}}',
        ):
            with pytest.raises(ClientError) as denied:
                ask(mine, statement, identity)
            assert denied.value.response["Error"]["Code"] == "AccessDeniedException", statement
    assert refusal(cognito.get_credentials_for_identity, IdentityId=user["IdentityId"])["Code"] == "NotAuthorizedException"
    forged = {"cognito-identity.amazonaws.com": "A" * 200}
    assert refusal(cognito.get_id, IdentityPoolId=pool, Logins=forged)["Code"] == "NotAuthorizedException"


def test_keys_of_a_user_and_sessions_of_a_role(endpoint, table):
    iam = client(endpoint, "iam")
    name = f"ann-{table}"
    iam.create_user(UserName=name)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    ann = client(endpoint, "dynamodb", key["AccessKeyId"], key["SecretAccessKey"])
    item = {"UserId": {"S": "a"}}
    assert refusal(ann.get_item, TableName=table, Key=item)["Code"] == "AccessDeniedException"
    read = "arn:aws:iam::aws:policy/AmazonDynamoDBReadOnlyAccess"
    iam.attach_user_policy(UserName=name, PolicyArn=read)
    ann.get_item(TableName=table, Key=item)
    assert refusal(ann.put_item, TableName=table, Item=item)["Code"] == "AccessDeniedException"

    trust = document({"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:user/{name}"}, "Action": "sts:AssumeRole"})
    role = iam.create_role(RoleName=f"writer-{table}", AssumeRolePolicyDocument=trust)["Role"]
    assert role["AssumeRolePolicyDocument"]["Statement"][0]["Action"] == "sts:AssumeRole"
    full = "arn:aws:iam::aws:policy/AmazonDynamoDBFullAccess"
    iam.attach_role_policy(RoleName=f"writer-{table}", PolicyArn=full)
    sts = client(endpoint, "sts", key["AccessKeyId"], key["SecretAccessKey"])
    assert sts.get_caller_identity()["Arn"] == f"arn:aws:iam::{ACCOUNT}:user/{name}"
    session = sts.assume_role(RoleArn=role["Arn"], RoleSessionName="s1")["Credentials"]
    writer = client(endpoint, "dynamodb", session["AccessKeyId"], session["SecretAccessKey"], session["SessionToken"])
    writer.put_item(TableName=table, Item=item)
    iam.update_access_key(UserName=name, AccessKeyId=key["AccessKeyId"], Status="Inactive")
    assert refusal(ann.get_item, TableName=table, Key=item)["Code"] == "UnrecognizedClientException"


def test_a_denial_is_explained(endpoint, table):
    iam = client(endpoint, "iam")
    name = f"bob-{table}"
    iam.create_user(UserName=name)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    bob = client(endpoint, "dynamodb", key["AccessKeyId"], key["SecretAccessKey"])
    with pytest.raises(ClientError) as refused:
        bob.get_item(TableName=table, Key={"UserId": {"S": "a"}})
    request_id = refused.value.response["ResponseMetadata"]["RequestId"]
    keys = {"AWS_ACCESS_KEY_ID": endpoint.key, "AWS_SECRET_ACCESS_KEY": endpoint.secret}
    server = {"AWS_ENDPOINT_URL": endpoint.url, "AWS_CA_BUNDLE": str(endpoint.folder / "ca.pem")}

    def explained(**more):
        command = [BINARY, "explain-denial", request_id]
        return subprocess.run(command, env=os.environ | keys | server | more, capture_output=True, text=True)

    told = explained()
    assert told.returncode == 0, told.stderr
    assert "dynamodb:GetItem" in told.stdout and f"table/{table}" in told.stdout
    # Only the account itself is told.
    assert explained(AWS_ACCESS_KEY_ID=key["AccessKeyId"], AWS_SECRET_ACCESS_KEY=key["SecretAccessKey"]).returncode != 0


def test_a_server_of_another_authority_is_not_trusted(endpoint, tmp_path):
    subprocess.run([BINARY, "init", str(tmp_path / "other")], check=True, capture_output=True)
    with pytest.raises(SSLError):
        client(endpoint, "dynamodb", verify=str(tmp_path / "other" / "ca.pem")).list_tables()


def test_the_audit_log_says_who_did_what_and_no_secrets(endpoint, table):
    dynamodb = client(endpoint, "dynamodb")
    dynamodb.put_item(TableName=table, Item={"UserId": {"S": "planted-content"}})
    kms = client(endpoint, "kms")
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.encrypt(KeyId=key, Plaintext=b"planted-content")
    wrong = client(endpoint, "dynamodb", secret="planted-secret")
    assert refusal(wrong.list_tables)["Code"] == "InvalidSignatureException"
    request_id = dynamodb.delete_table(TableName=table)["ResponseMetadata"]["RequestId"]

    def records():
        return [json.loads(line) for line in (endpoint.folder / "audit" / "audit.json").read_text().splitlines()]

    for _ in range(100):
        if any(record.get("requestID") == request_id for record in records()):
            break
        time.sleep(0.05)
    found = {record["eventName"]: record for record in records()}
    deleted = found["DeleteTable"]
    assert deleted["requestParameters"] == {"tableName": table}
    assert deleted["userIdentity"]["type"] == "Root" and deleted["userIdentity"]["accessKeyId"] == endpoint.key
    assert deleted["sourceIPAddress"] == "127.0.0.1" and deleted["isSecureTransport"]
    assert found["ListTables"]["errorCode"] == "InvalidSignatureException"
    assert found["ListTables"]["userIdentity"] == {"type": "Unknown", "accessKeyId": endpoint.key}
    # Refused calls are recorded whatever they are; of those that are served, not the ones about items.
    assert not [record for record in records() if record["eventName"] == "PutItem" and "errorCode" not in record]
    text = (endpoint.folder / "audit" / "audit.json").read_text()
    for secret in ("planted", endpoint.secret, "c2VjcmV0", "Signature="):
        assert secret not in text


def test_exports_and_imports_need_rights(endpoint, table):
    """What a client may not do in a bucket is found out behind the answer, as everything about the bucket is, and so
    is that an import may not log what is wrong with items."""
    iam, user, bucket = client(endpoint, "iam"), f"exporter-{uuid4().hex[:8]}", f"exports-{uuid4().hex[:8]}"
    client(endpoint, "s3").create_bucket(Bucket=bucket)
    root = client(endpoint, "dynamodb")
    recovery = {"PointInTimeRecoveryEnabled": True}
    root.update_continuous_backups(TableName=table, PointInTimeRecoverySpecification=recovery)
    root.put_item(TableName=table, Item={"UserId": {"S": "one"}})
    arn = root.describe_table(TableName=table)["Table"]["TableArn"]
    iam.create_user(UserName=user)
    keys = iam.create_access_key(UserName=user)["AccessKey"]
    dynamodb = client(endpoint, "dynamodb", keys["AccessKeyId"], keys["SecretAccessKey"])

    def allow(*actions):
        allowed = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
        iam.put_user_policy(UserName=user, PolicyName="p", PolicyDocument=document(allowed))

    def export():
        ordered = dynamodb.export_table_to_point_in_time(TableArn=arn, S3Bucket=bucket)["ExportDescription"]
        describe = dynamodb.describe_export
        return ended(describe, ExportArn=ordered["ExportArn"])

    def imported(name):
        ordered = dynamodb.import_table(
            S3BucketSource={"S3Bucket": bucket, "S3KeyPrefix": "AWSDynamoDB/data"},
            InputFormat="DYNAMODB_JSON",
            TableCreationParameters={
                "TableName": name,
                "KeySchema": [{"AttributeName": "UserId", "KeyType": "HASH"}],
                "AttributeDefinitions": [{"AttributeName": "UserId", "AttributeType": "S"}],
                "BillingMode": "PAY_PER_REQUEST",
            },
        )["ImportTableDescription"]
        describe = dynamodb.describe_import
        return ended(describe, ImportArn=ordered["ImportArn"])

    allow("s3:*")
    refused = refusal(dynamodb.export_table_to_point_in_time, TableArn=arn, S3Bucket=bucket)
    assert refused["Code"] == "AccessDeniedException"
    allow("dynamodb:*", "s3:PutObject", "s3:PutObjectAcl")
    described = export()
    assert (described["ExportStatus"], described["FailureCode"]) == ("FAILED", "S3AccessDenied")
    assert f"User: arn:aws:iam::{ACCOUNT}:user/{user} is not authorized to perform: s3:AbortMultipartUpload" in (
        described["FailureMessage"]
    )
    allow("dynamodb:*", "s3:PutObject", "s3:PutObjectAcl", "s3:AbortMultipartUpload")
    assert export()["ExportStatus"] == "COMPLETED"
    described = imported(f"{table}-a")
    assert (described["ImportStatus"], described["FailureCode"]) == ("FAILED", "S3AccessDenied")
    reading = ("dynamodb:*", "s3:GetObject", "s3:ListBucket")
    allow(*reading)
    described = imported(f"{table}-b")
    assert described["ImportStatus"] == "FAILED"
    assert "is not authorized to perform: logs:CreateLogGroup" in described["FailureMessage"]
    allow(*reading, "logs:*")
    assert imported(f"{table}-c")["ImportStatus"] == "COMPLETED"
    assert not {f"{table}-a", f"{table}-b"} & set(root.list_tables()["TableNames"])
