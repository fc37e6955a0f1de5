"""Who may do what, on a server that verifies signatures: users of IAM, sessions of STS, identities of Cognito."""

import json
import os
import subprocess
import time
from uuid import uuid4

import boto3
import pytest
from botocore.exceptions import ClientError

BINARY = os.environ.get("STATOR_BIN")
ACCOUNT = "123456789012"


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory):
    if not BINARY:
        pytest.skip("STATOR_BIN names no server to start")
    ready = tmp_path_factory.mktemp("policies") / "ready"
    environment = {**os.environ, "STATOR_ACCESS_KEY_ID": ACCOUNT, "STATOR_SECRET_ACCESS_KEY": "root"}
    command = [BINARY, "--port", "0", "--memory", "--auth", "verify", "--ready-file", str(ready)]
    server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(200):
            if ready.exists() and ready.read_text().strip():
                break
            time.sleep(0.05)
        yield json.loads(ready.read_text())["url"]
    finally:
        server.terminate()
        server.wait()


def client(endpoint, service, key=ACCOUNT, secret="root", token=None):
    return boto3.client(
        service,
        endpoint_url=endpoint,
        region_name="us-east-1",
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
        "Action": [f"dynamodb:{name}" for name in ("GetItem", "BatchGetItem", "Query", "PutItem", "UpdateItem", "DeleteItem")],
        "Resource": [f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/{table}"],
        "Condition": {
            "ForAllValues:StringEquals": {"dynamodb:LeadingKeys": ["${cognito-identity.amazonaws.com:sub}"]}
        },
    }
    iam.put_role_policy(RoleName=f"players-{table}", PolicyName="own", PolicyDocument=document(own_items))
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
