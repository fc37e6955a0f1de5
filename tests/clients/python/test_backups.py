"""The life of a backup with boto3: made, listed, restored when its table is gone, deleted."""

import time

import pytest

TABLE = {
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
    "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
    "BillingMode": "PAY_PER_REQUEST",
}


def wait_until_available(client, arn):
    for _ in range(600):
        details = client.describe_backup(BackupArn=arn)["BackupDescription"]["BackupDetails"]
        if details["BackupStatus"] == "AVAILABLE":
            return details
        time.sleep(0.05)
    raise AssertionError("the backup is never available")


def test_a_backup_is_restored_when_its_table_is_gone(client, name):
    client.create_table(TableName=name, **TABLE)
    client.get_waiter("table_exists").wait(TableName=name)
    for number in range(50):
        client.put_item(TableName=name, Item={"pk": {"S": str(number)}, "n": {"N": "0"}})
    details = client.create_backup(TableName=name, BackupName="before")["BackupDetails"]
    assert (details["BackupStatus"], details["BackupType"]) == ("CREATING", "USER")
    for number in range(0, 100, 2):
        client.put_item(TableName=name, Item={"pk": {"S": str(number)}, "n": {"N": "1"}})
    arn = details["BackupArn"]
    assert wait_until_available(client, arn)["BackupSizeBytes"] > 0
    pages = client.get_paginator("list_backups").paginate(TableName=name)
    assert [backup["BackupArn"] for page in pages for backup in page["BackupSummaries"]] == [arn]

    client.delete_table(TableName=name)
    client.get_waiter("table_not_exists").wait(TableName=name)
    restored = client.restore_table_from_backup(TargetTableName=name, BackupArn=arn)["TableDescription"]
    assert restored["TableStatus"] == "CREATING"
    assert restored["RestoreSummary"]["SourceBackupArn"] == arn
    client.get_waiter("table_exists").wait(TableName=name)
    items = client.scan(TableName=name, ConsistentRead=True)["Items"]
    assert len(items) == 50
    assert {item["n"]["N"] for item in items} == {"0"}

    deleted = client.delete_backup(BackupArn=arn)["BackupDescription"]
    assert deleted["BackupDetails"]["BackupStatus"] == "DELETED"
    with pytest.raises(client.exceptions.BackupNotFoundException):
        client.describe_backup(BackupArn=arn)
    with pytest.raises(client.exceptions.BackupNotFoundException):
        client.restore_table_from_backup(TargetTableName=name + "-again", BackupArn=arn)
    client.delete_table(TableName=name)


def test_a_table_is_restored_to_its_latest_state(client, name):
    client.create_table(TableName=name, **TABLE)
    client.get_waiter("table_exists").wait(TableName=name)
    client.put_item(TableName=name, Item={"pk": {"S": "kept"}})
    specification = {"PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": 7}
    client.update_continuous_backups(TableName=name, PointInTimeRecoverySpecification=specification)
    description = client.describe_continuous_backups(TableName=name)["ContinuousBackupsDescription"]
    recovery = description["PointInTimeRecoveryDescription"]
    assert recovery["PointInTimeRecoveryStatus"] == "ENABLED"
    assert recovery["RecoveryPeriodInDays"] == 7
    assert recovery["EarliestRestorableDateTime"] <= recovery["LatestRestorableDateTime"]
    target = name + "-restored"
    try:
        client.restore_table_to_point_in_time(
            SourceTableName=name, TargetTableName=target, UseLatestRestorableTime=True
        )
        client.get_waiter("table_exists").wait(TableName=target)
        assert client.scan(TableName=target)["Items"] == [{"pk": {"S": "kept"}}]
    finally:
        client.delete_table(TableName=target)
