"""boto3's waiters against a server that shows changes of tables for a second."""

import json
import os
import subprocess
import time

import boto3
import pytest
from conftest import CREDENTIALS, DEFINITION

BINARY = os.environ.get("STATOR_BIN")


@pytest.fixture(scope="module")
def slow(tmp_path_factory):
    if not BINARY:
        pytest.skip("STATOR_BIN names no server to start")
    ready = tmp_path_factory.mktemp("slow") / "ready"
    command = [BINARY, "--memory", "--port", "0", "--control-plane-delay", "1s", "--ready-file", str(ready)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(500):
            if ready.exists() and ready.read_text():
                break
            time.sleep(0.02)
        yield boto3.client("dynamodb", endpoint_url=json.loads(ready.read_text())["url"], **CREDENTIALS)
    finally:
        server.terminate()
        server.wait(timeout=30)


def status(client):
    return client.describe_table(TableName="waited")["Table"]["TableStatus"]


def test_waiters_see_tables_come_change_and_go(slow):
    slow.create_table(TableName="waited", **DEFINITION)
    assert status(slow) == "CREATING"
    with pytest.raises(slow.exceptions.ResourceNotFoundException):
        slow.scan(TableName="waited")
    with pytest.raises(slow.exceptions.ResourceInUseException):
        slow.delete_table(TableName="waited")
    slow.get_waiter("table_exists").wait(TableName="waited", WaiterConfig={"Delay": 1})
    assert slow.scan(TableName="waited")["Count"] == 0

    slow.update_table(TableName="waited", TableClass="STANDARD_INFREQUENT_ACCESS")
    assert status(slow) == "UPDATING"
    slow.get_waiter("table_exists").wait(TableName="waited", WaiterConfig={"Delay": 1})
    assert status(slow) == "ACTIVE"

    slow.delete_table(TableName="waited")
    assert status(slow) == "DELETING"
    slow.get_waiter("table_not_exists").wait(TableName="waited", WaiterConfig={"Delay": 1})
    assert "waited" not in slow.list_tables()["TableNames"]
