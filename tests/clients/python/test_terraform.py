"""The calls of Terraform's AWS provider for one table: create, read, update each kind of setting, destroy. Each change is
one call, followed by the provider's wait, and then its read must show what was asked for."""

import time

import pytest

HASH = [{"AttributeName": "id", "KeyType": "HASH"}]


def attributes(*names):
    return [{"AttributeName": name, "AttributeType": "S"} for name in names]


def index(name, key, **settings):
    keys = [{"AttributeName": key, "KeyType": "HASH"}]
    return {"IndexName": name, "KeySchema": keys, "Projection": {"ProjectionType": "ALL"}, **settings}


class Provider:
    """What the provider does around each call."""

    def __init__(self, client, name):
        self.client, self.name = client, name

    def describe(self):
        return self.client.describe_table(TableName=self.name)["Table"]

    def wait(self, done):
        for _ in range(500):
            table = self.describe()
            if done(table):
                return table
            time.sleep(0.02)
        raise AssertionError(f"the provider gives up waiting: {table}")

    def settled(self):
        """The table, then its warm throughput, then each index, then encryption."""
        self.wait(lambda table: table["TableStatus"] == "ACTIVE")
        self.wait(lambda table: table["WarmThroughput"]["Status"] == "ACTIVE")
        self.wait(lambda table: all(index["IndexStatus"] == "ACTIVE" for index in indexes(table)))
        self.wait(lambda table: all(index["WarmThroughput"]["Status"] == "ACTIVE" for index in indexes(table)))
        return self.wait(lambda table: table.get("SSEDescription", {}).get("Status", "ENABLED") == "ENABLED")

    def update(self, **change):
        self.client.update_table(TableName=self.name, **change)
        return self.settled()

    def delete_index(self, index_name):
        self.client.update_table(
            TableName=self.name, GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": index_name}}]
        )
        return self.wait(lambda table: index_name not in [index["IndexName"] for index in indexes(table)])

    def read(self):
        """Everything that a refresh reads."""
        table = self.describe()
        backups = self.client.describe_continuous_backups(TableName=self.name)["ContinuousBackupsDescription"]
        assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "DISABLED"
        time_to_live = self.client.describe_time_to_live(TableName=self.name)["TimeToLiveDescription"]
        tags = self.client.list_tags_of_resource(ResourceArn=table["TableArn"])["Tags"]
        return table, time_to_live, {tag["Key"]: tag["Value"] for tag in tags}

    def destroy(self):
        """Retried while something goes on with the table."""
        for _ in range(500):
            try:
                self.client.delete_table(TableName=self.name)
                break
            except self.client.exceptions.ResourceInUseException:
                time.sleep(0.02)
        with pytest.raises(self.client.exceptions.ResourceNotFoundException):
            for _ in range(500):
                self.describe()
                time.sleep(0.02)


def indexes(table):
    return table.get("GlobalSecondaryIndexes", [])


@pytest.fixture
def provider(client, name):
    return Provider(client, name)


def test_an_on_demand_table(client, name, provider):
    client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=HASH,
        AttributeDefinitions=attributes("id", "a"),
        GlobalSecondaryIndexes=[index("by-a", "a")],
        DeletionProtectionEnabled=False,
        Tags=[{"Key": "team", "Value": "blue"}],
    )
    provider.settled()
    table, time_to_live, tags = provider.read()
    assert (table["BillingModeSummary"]["BillingMode"], tags) == ("PAY_PER_REQUEST", {"team": "blue"})
    assert time_to_live == {"TimeToLiveStatus": "DISABLED"}
    assert table["DeletionProtectionEnabled"] is False
    assert "StreamSpecification" not in table and "SSEDescription" not in table and "Replicas" not in table

    table = provider.update(DeletionProtectionEnabled=True)
    assert table["DeletionProtectionEnabled"] is True
    provider.update(DeletionProtectionEnabled=False)

    table = provider.update(TableClass="STANDARD_INFREQUENT_ACCESS")
    assert table["TableClassSummary"]["TableClass"] == "STANDARD_INFREQUENT_ACCESS"

    table = provider.update(BillingMode="PAY_PER_REQUEST", OnDemandThroughput={"MaxReadRequestUnits": 10})
    assert table["OnDemandThroughput"] == {"MaxReadRequestUnits": 10}
    table = provider.update(
        BillingMode="PAY_PER_REQUEST", OnDemandThroughput={"MaxReadRequestUnits": -1, "MaxWriteRequestUnits": -1}
    )
    assert "OnDemandThroughput" not in table

    table = provider.update(
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
    )
    assert table["StreamSpecification"] == {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
    first = table["LatestStreamArn"]
    # Another view type: off, wait, on.
    table = provider.update(StreamSpecification={"StreamEnabled": False})
    assert "StreamSpecification" not in table and table["LatestStreamArn"] == first
    table = provider.update(StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"})
    assert table["StreamSpecification"]["StreamViewType"] == "KEYS_ONLY" and table["LatestStreamArn"] != first

    table = provider.update(SSESpecification={"Enabled": True})
    assert table["SSEDescription"]["Status"] == "ENABLED" and table["SSEDescription"]["KMSMasterKeyArn"]
    table = provider.update(SSESpecification={"Enabled": False})
    assert "SSEDescription" not in table

    time_to_live = {"AttributeName": "expires", "Enabled": True}
    client.update_time_to_live(TableName=name, TimeToLiveSpecification=time_to_live)
    assert provider.read()[1] == {"TimeToLiveStatus": "ENABLED", "AttributeName": "expires"}
    client.update_time_to_live(TableName=name, TimeToLiveSpecification={**time_to_live, "Enabled": False})
    assert provider.read()[1] == {"TimeToLiveStatus": "DISABLED"}

    table = provider.update(WarmThroughput={"ReadUnitsPerSecond": 13000, "WriteUnitsPerSecond": 5000})
    assert table["WarmThroughput"]["ReadUnitsPerSecond"] == 13000
    table = provider.update(
        GlobalSecondaryIndexUpdates=[
            {"Update": {"IndexName": "by-a", "WarmThroughput": {"ReadUnitsPerSecond": 13000, "WriteUnitsPerSecond": 5000}}}
        ]
    )
    assert indexes(table)[0]["WarmThroughput"]["WriteUnitsPerSecond"] == 5000

    client.tag_resource(ResourceArn=table["TableArn"], Tags=[{"Key": "team", "Value": "red"}])
    client.untag_resource(ResourceArn=table["TableArn"], TagKeys=["none"])
    assert provider.read()[2] == {"team": "red"}
    provider.destroy()


def test_indexes_are_removed_before_others_are_added(client, name, provider):
    client.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=HASH,
        AttributeDefinitions=attributes("id", "a", "b"),
        GlobalSecondaryIndexes=[index("by-a", "a"), index("by-b", "b")],
    )
    provider.settled()
    for number in range(30):
        client.put_item(TableName=name, Item={"id": {"S": str(number)}, "a": {"S": "x"}, "c": {"S": "y"}})
    provider.delete_index("by-a")
    table = provider.delete_index("by-b")
    assert table["AttributeDefinitions"] == attributes("id")
    # Each creation carries the complete list of attributes, those of the other new index included.
    for new in (index("by-c", "c"), index("by-d", "d")):
        provider.update(
            AttributeDefinitions=attributes("d", "c", "id"), GlobalSecondaryIndexUpdates=[{"Create": new}]
        )
    table, _, _ = provider.read()
    assert [index["IndexName"] for index in indexes(table)] == ["by-c", "by-d"]
    assert table["AttributeDefinitions"] == attributes("c", "d", "id")
    assert indexes(table)[0]["ItemCount"] == 30
    provider.destroy()


def test_a_provisioned_table_goes_on_demand_and_back(client, name, provider):
    units = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}
    client.create_table(
        TableName=name,
        BillingMode="PROVISIONED",
        ProvisionedThroughput=units,
        KeySchema=HASH,
        AttributeDefinitions=attributes("id", "a"),
        GlobalSecondaryIndexes=[index("by-a", "a", ProvisionedThroughput=units)],
    )
    table = provider.settled()
    assert "BillingModeSummary" not in table

    more = {"ReadCapacityUnits": 10, "WriteCapacityUnits": 5}
    table = provider.update(BillingMode="PROVISIONED", ProvisionedThroughput=more)
    assert table["ProvisionedThroughput"]["ReadCapacityUnits"] == 10
    table = provider.update(
        GlobalSecondaryIndexUpdates=[{"Update": {"IndexName": "by-a", "ProvisionedThroughput": more}}]
    )
    assert indexes(table)[0]["ProvisionedThroughput"]["ReadCapacityUnits"] == 10

    table = provider.update(BillingMode="PAY_PER_REQUEST")
    assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    assert table["ProvisionedThroughput"]["ReadCapacityUnits"] == 0

    table = provider.update(
        BillingMode="PROVISIONED",
        ProvisionedThroughput=units,
        GlobalSecondaryIndexUpdates=[{"Update": {"IndexName": "by-a", "ProvisionedThroughput": units}}],
    )
    assert table["BillingModeSummary"]["BillingMode"] == "PROVISIONED"
    assert indexes(table)[0]["ProvisionedThroughput"]["WriteCapacityUnits"] == 5
    provider.destroy()
