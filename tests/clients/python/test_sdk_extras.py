"""boto3 without changes, once `stator sdk-extras --install` has run: reserved capacity, and tables that scale."""

import json
import os
import subprocess
import sys

import boto3
import pytest

from conftest import CREDENTIALS

BINARY = os.environ.get("STATOR_BIN")

APPLICATION = """
import boto3
import json
import sys


def purchase_reserved_capacity():
    client = boto3.client('dynamodb')

    response = client.purchase_reserved_capacity_offerings(
        ReservedCapacityOfferingId='offering-id',
        ReservationName='MyReservation'
    )
    return response


definition = json.loads('''
{
  "TableName": "MyTable",
  "BillingMode": "PROVISIONED",
  "ProvisionedThroughput": {
    "ReadCapacityUnits": 5,
    "WriteCapacityUnits": 5
  },
  "AutoScalingSettings": {
    "TargetUtilization": 70,
    "MinCapacity": 5,
    "MaxCapacity": 1000
  }
}
''')

client = boto3.client('dynamodb')
keys = {
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
}
client.create_table(**definition | keys | {"TableName": sys.argv[1]})
bought = purchase_reserved_capacity()
listed = client.describe_reserved_capacity(ReservationId=bought["ReservationId"])["ReservedCapacityList"]
offerings = client.describe_reserved_capacity_offerings()["ReservedCapacityOfferings"]
print(json.dumps([bought, listed, offerings], default=str))
"""


def sdk_extras(home, *arguments):
    command = [BINARY, "sdk-extras", *arguments]
    return subprocess.run(command, env={"HOME": str(home)}, capture_output=True, text=True, timeout=60)


@pytest.fixture
def home(tmp_path):
    if not BINARY:
        pytest.skip("STATOR_BIN names no binary")
    return tmp_path


def environment(home, endpoint):
    return os.environ | {
        "HOME": str(home),
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_DEFAULT_REGION": CREDENTIALS["region_name"],
        "AWS_ACCESS_KEY_ID": CREDENTIALS["aws_access_key_id"],
        "AWS_SECRET_ACCESS_KEY": CREDENTIALS["aws_secret_access_key"],
    }


def run(home, endpoint, *arguments):
    """The SDK looks for its files when it is imported, so the application is a process of its own."""
    command = [sys.executable, "-c", APPLICATION, *arguments]
    return subprocess.run(command, env=environment(home, endpoint), capture_output=True, text=True, timeout=120)


def test_an_application_buys_capacity_and_makes_a_table_that_scales(home, endpoint, name):
    installed = sdk_extras(home, "--install")
    assert installed.returncode == 0, installed.stderr
    path = sdk_extras(home, "--print-path").stdout.strip()
    assert path.startswith(str(home)) and os.path.exists(path)

    ended = run(home, endpoint, name)
    assert ended.returncode == 0, ended.stderr
    bought, listed, offerings = json.loads(ended.stdout)
    assert bought["ReservedCapacity"]["ReservationName"] == "MyReservation"
    assert [one["ReservationId"] for one in listed] == [bought["ReservationId"]]
    assert {(one["CapacityType"], one["DurationYears"]) for one in offerings} == {
        ("READ", 1),
        ("READ", 3),
        ("WRITE", 1),
        ("WRITE", 3),
    }

    scaling = boto3.client("application-autoscaling", endpoint_url=endpoint, **CREDENTIALS)
    resource = {"ServiceNamespace": "dynamodb", "ResourceId": f"table/{name}"}
    policies = scaling.describe_scaling_policies(**resource)["ScalingPolicies"]
    for policy in policies:
        assert policy["TargetTrackingScalingPolicyConfiguration"]["TargetValue"] == 70
    targets = scaling.describe_scalable_targets(ServiceNamespace="dynamodb", ResourceIds=[f"table/{name}"])
    assert [(one["MinCapacity"], one["MaxCapacity"]) for one in targets["ScalableTargets"]] == [(5, 1000)] * 2
    assert len(policies) == 2

    asked = [BINARY, "plan", name, "--json"]
    plan = subprocess.run(asked, env=environment(home, endpoint), capture_output=True, text=True, timeout=60)
    rows = {row["capacity"]: row for row in json.loads(plan.stdout)["rows"]}
    row = rows[bought["ReservedCapacity"]["CapacityType"]]
    # All of the table's five units were bought in advance.
    assert (row["bought"], row["now"]["reserved"], row["now"]["monthly"]) == (5, 5, 0)
    for target in targets["ScalableTargets"]:
        scaling.deregister_scalable_target(**resource, ScalableDimension=target["ScalableDimension"])


def test_without_the_file_the_sdk_refuses(home, endpoint, name):
    sdk_extras(home, "--install")
    assert sdk_extras(home, "--remove").returncode == 0
    ended = run(home, endpoint, name)
    assert ended.returncode != 0 and "AutoScalingSettings" in ended.stderr


def test_a_file_of_somebody_else_is_left_alone(home):
    path = sdk_extras(home, "--print-path").stdout.strip()
    os.makedirs(os.path.dirname(path))
    with open(path, "w") as file:
        file.write("{}")
    assert sdk_extras(home, "--install").returncode == 2
    assert sdk_extras(home, "--remove").returncode == 2
