"""Tags of tables, read page by page with boto3's paginator; and the backups that are off."""

import pytest
from conftest import DEFINITION


def tags_of(client, arn):
    pages = client.get_paginator("list_tags_of_resource").paginate(ResourceArn=arn)
    return {tag["Key"]: tag["Value"] for page in pages for tag in page["Tags"]}


def test_tags(client, table):
    arn = table.table_arn
    assert tags_of(client, arn) == {}
    many = {f"key-{i}": f"value {i}" for i in range(25)}
    client.tag_resource(ResourceArn=arn, Tags=[{"Key": key, "Value": value} for key, value in many.items()])
    assert tags_of(client, arn) == many
    client.untag_resource(ResourceArn=arn, TagKeys=["key-0", "never-there"])
    del many["key-0"]
    assert tags_of(client, arn) == many


def test_tags_at_creation(client, name):
    definition = {key: value for key, value in DEFINITION.items() if "Indexes" not in key}
    definition["AttributeDefinitions"] = definition["AttributeDefinitions"][:2]
    made = client.create_table(TableName=name, Tags=[{"Key": "team", "Value": "blue"}], **definition)
    assert tags_of(client, made["TableDescription"]["TableArn"]) == {"team": "blue"}


def test_refused_tags(client, refused, table):
    tag = {"Key": "aws:team", "Value": "blue"}
    refusal = refused("tag_resource", ResourceArn=table.table_arn, Tags=[tag])
    assert refusal == ("ValidationException", "Tag Key cannot be prefixed with aws:, Key: aws:team")
    missing = table.table_arn + "-missing"
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.list_tags_of_resource(ResourceArn=missing)


def test_continuous_backups_are_described(client, table):
    described = client.describe_continuous_backups(TableName=table.name)["ContinuousBackupsDescription"]
    assert described["PointInTimeRecoveryDescription"] == {"PointInTimeRecoveryStatus": "DISABLED"}
    with pytest.raises(client.exceptions.TableNotFoundException):
        client.describe_continuous_backups(TableName=table.name + "-missing")
