"""What a replica at another server has of its own: given with it, changed from either side, shown on both; and tables
under keys of KMS, of which each region has its own."""

from contextlib import ExitStack

import pytest
from peers import AWAY, HOME, NAME, Server, add, new_key
from test_dax import BINARY
from test_dax_restart import free_ports
from test_global_tables import eventually, item, items, replicas

pytestmark = pytest.mark.skipif(not BINARY, reason="STATOR_BIN names no binary")

INDEXED = {
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
    "AttributeDefinitions": [
        {"AttributeName": "pk", "AttributeType": "S"},
        {"AttributeName": "sk", "AttributeType": "N"},
        {"AttributeName": "kind", "AttributeType": "S"},
    ],
    "GlobalSecondaryIndexes": [
        {
            "IndexName": "by-kind",
            "KeySchema": [{"AttributeName": "kind", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "ALL"},
            "ProvisionedThroughput": {"ReadCapacityUnits": 3, "WriteCapacityUnits": 4},
        }
    ],
    "ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 6},
}


@pytest.fixture
def servers(tmp_path):
    new_key(tmp_path)
    home, away = free_ports(2)
    servers = Server(tmp_path, HOME, home, AWAY, away), Server(tmp_path, AWAY, away, HOME, home)
    with ExitStack() as stack:
        for server in servers:
            stack.enter_context(server.running())
        yield servers


def table(client):
    return client.describe_table(TableName=NAME)["Table"]


def shown(client):
    """The other replica, as a client sees it, without what says how it stands with it."""
    [replica] = table(client)["Replicas"]
    left_out = ("ReplicaStatus", "GlobalTableSettingsReplicationMode")
    return {name: value for name, value in replica.items() if name not in left_out}


def reads(units):
    return {"ReadCapacityUnits": units}


def update(client, **action):
    client.update_table(TableName=NAME, ReplicaUpdates=[{"Update": action}])


def test_a_replica_has_settings_of_its_own(servers):
    home, away = (server.client for server in servers)
    home.create_table(TableName=NAME, **INDEXED)
    of_index = lambda units: [{"IndexName": "by-kind", "ProvisionedThroughputOverride": reads(units)}]
    own = {
        "ProvisionedThroughputOverride": reads(50),
        "GlobalSecondaryIndexes": of_index(30),
        "TableClassOverride": "STANDARD_INFREQUENT_ACCESS",
    }
    with pytest.raises(home.exceptions.ResourceNotFoundException, match="Index none for table world"):
        none = [{"IndexName": "none", "ProvisionedThroughputOverride": reads(1)}]
        add(home, AWAY, GlobalSecondaryIndexes=none)
    add(home, AWAY, **own)
    expected = {
        "RegionName": AWAY,
        "ProvisionedThroughputOverride": reads(50),
        "GlobalSecondaryIndexes": of_index(30),
        "ReplicaTableClassSummary": {"TableClass": "STANDARD_INFREQUENT_ACCESS"},
    }
    eventually(lambda: shown(home) == expected)
    eventually(lambda: shown(away) == {"RegionName": HOME, "GlobalSecondaryIndexes": [{"IndexName": "by-kind"}]})
    in_force = table(away)
    units = in_force["ProvisionedThroughput"]
    assert (units["ReadCapacityUnits"], units["WriteCapacityUnits"]) == (50, 6)
    assert in_force["GlobalSecondaryIndexes"][0]["ProvisionedThroughput"]["ReadCapacityUnits"] == 30
    assert in_force["TableClassSummary"]["TableClass"] == "STANDARD_INFREQUENT_ACCESS"
    what_all_share_changes_under_it(home, away)
    it_is_changed_from_either_side(home, away, expected)


def what_all_share_changes_under_it(home, away):
    home.update_table(TableName=NAME, ProvisionedThroughput={"ReadCapacityUnits": 7, "WriteCapacityUnits": 8})
    units = lambda: table(away)["ProvisionedThroughput"]
    eventually(lambda: (units()["ReadCapacityUnits"], units()["WriteCapacityUnits"]) == (50, 8))
    assert table(away)["TableClassSummary"]["TableClass"] == "STANDARD_INFREQUENT_ACCESS"
    assert "TableClassSummary" not in table(home)


def it_is_changed_from_either_side(home, away, expected):
    update(home, RegionName=AWAY, ProvisionedThroughputOverride=reads(70))
    eventually(lambda: shown(home) == {**expected, "ProvisionedThroughputOverride": reads(70)})
    assert table(away)["ProvisionedThroughput"]["ReadCapacityUnits"] == 70
    update(away, RegionName=AWAY, ProvisionedThroughputOverride=reads(7))
    expected = {name: value for name, value in expected.items() if name != "ProvisionedThroughputOverride"}
    eventually(lambda: shown(home) == expected)
    update(away, RegionName=HOME, ProvisionedThroughputOverride=reads(9))
    eventually(lambda: shown(away).get("ProvisionedThroughputOverride") == reads(9))
    assert table(home)["ProvisionedThroughput"]["ReadCapacityUnits"] == 9
    with pytest.raises(home.exceptions.ResourceNotFoundException, match="Index none for table world"):
        none = [{"IndexName": "none", "ProvisionedThroughputOverride": reads(1)}]
        update(home, RegionName=AWAY, GlobalSecondaryIndexes=none)
    home.update_table(TableName=NAME, TableClass="STANDARD_INFREQUENT_ACCESS")
    eventually(lambda: "ReplicaTableClassSummary" not in shown(home))
    home.update_table(TableName=NAME, BillingMode="PAY_PER_REQUEST")
    eventually(lambda: table(away).get("BillingModeSummary", {}).get("BillingMode") == "PAY_PER_REQUEST")
    with pytest.raises(home.exceptions.ClientError, match="can be specified when BillingMode is PAY_PER_REQUEST"):
        update(home, RegionName=AWAY, ProvisionedThroughputOverride=reads(9))
    update(home, RegionName=AWAY, OnDemandThroughputOverride={"MaxReadRequestUnits": 9})
    eventually(lambda: shown(home).get("OnDemandThroughputOverride") == {"MaxReadRequestUnits": 9})


def test_each_region_has_a_key_of_its_own(servers):
    home, away = (server.client for server in servers)
    made = {region: server.client_in(region, "kms").create_key() for region, server in zip((HOME, AWAY), servers)}
    keys = {region: key["KeyMetadata"]["Arn"] for region, key in made.items()}
    sealed = {"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": keys[HOME]}
    home.create_table(TableName=NAME, SSESpecification=sealed, **INDEXED)
    kept = [item(number, "sealed") for number in range(50)]
    for one in kept:
        home.put_item(TableName=NAME, Item=one)
    with pytest.raises(home.exceptions.ClientError, match="KMSMasterKeyId must be specified for each replica"):
        add(home, AWAY)
    with pytest.raises(home.exceptions.ClientError, match=f"KMS validation error for region {AWAY}: .*does not exist"):
        add(home, AWAY, KMSMasterKeyId=f"arn:aws:kms:{AWAY}:000000000000:key/00000000-0000-0000-0000-000000000000")
    assert replicas(home, NAME)[0] == {}
    add(home, AWAY, KMSMasterKeyId=keys[AWAY])
    eventually(lambda: items(away, NAME) == kept)
    assert table(away)["SSEDescription"]["KMSMasterKeyArn"] == keys[AWAY]
    eventually(lambda: shown(home).get("KMSMasterKeyId") == keys[AWAY])
    eventually(lambda: shown(away).get("KMSMasterKeyId") == keys[HOME])
    away.put_item(TableName=NAME, Item=item(50, "sealed"))
    eventually(lambda: items(home, NAME) == [*kept, item(50, "sealed")])
    it_is_changed_in_its_region(servers, keys[HOME])


def it_is_changed_in_its_region(servers, of_home):
    home, away = (server.client for server in servers)
    other = servers[1].client_in(AWAY, "kms").create_key()["KeyMetadata"]["Arn"]
    with pytest.raises(home.exceptions.ClientError, match=f"Use UpdateTable with SSESpecification in region {AWAY}"):
        update(home, RegionName=AWAY, KMSMasterKeyId=other)
    away.update_table(TableName=NAME, SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": other})
    eventually(lambda: shown(home).get("KMSMasterKeyId") == other)
    eventually(lambda: table(away)["SSEDescription"] == {"Status": "ENABLED", "SSEType": "KMS", "KMSMasterKeyArn": other})
    assert table(home)["SSEDescription"]["KMSMasterKeyArn"] == of_home
    home.put_item(TableName=NAME, Item=item(51, "sealed"))
    eventually(lambda: items(away, NAME)[-1] == item(51, "sealed"))


def test_the_key_of_the_service_is_that_of_each_region(servers):
    home, away = (server.client for server in servers)
    home.create_table(TableName=NAME, SSESpecification={"Enabled": True, "SSEType": "KMS"}, **INDEXED)
    with pytest.raises(home.exceptions.ClientError, match="either be Customer Managed CMK or AWS Managed CMK"):
        add(home, AWAY, KMSMasterKeyId="alias/own")
    home.put_item(TableName=NAME, Item=item(1, "sealed"))
    add(home, AWAY)
    eventually(lambda: items(away, NAME) == [item(1, "sealed")])
    key = table(away)["SSEDescription"]["KMSMasterKeyArn"]
    assert key.startswith(f"arn:aws:kms:{AWAY}:") and key != table(home)["SSEDescription"]["KMSMasterKeyArn"]
    eventually(lambda: shown(home).get("KMSMasterKeyId") == key)


def test_the_kind_of_encryption_is_shared_and_the_key_is_each_regions_own(servers):
    home, away = (server.client for server in servers)
    home.create_table(TableName=NAME, **INDEXED)
    home.put_item(TableName=NAME, Item=item(1, "open"))
    add(home, AWAY)
    eventually(lambda: items(away, NAME) == [item(1, "open")])
    own = servers[0].client_in(HOME, "kms").create_key()["KeyMetadata"]["Arn"]
    home.update_table(TableName=NAME, SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": own})
    encryption = lambda client: table(client).get("SSEDescription", {})
    eventually(lambda: encryption(home) == {"Status": "ENABLED", "SSEType": "KMS", "KMSMasterKeyArn": own})
    eventually(lambda: encryption(away).get("Status") == "ENABLED")
    managed = encryption(away)["KMSMasterKeyArn"]
    assert managed.startswith(f"arn:aws:kms:{AWAY}:")
    eventually(lambda: shown(home).get("KMSMasterKeyId") == managed)
    away.put_item(TableName=NAME, Item=item(2, "sealed"))
    eventually(lambda: items(home, NAME) == [item(1, "open"), item(2, "sealed")])
    away.update_table(TableName=NAME, SSESpecification={"Enabled": False})
    eventually(lambda: encryption(home) == encryption(away) == {})
    eventually(lambda: "KMSMasterKeyId" not in shown(home) and "KMSMasterKeyId" not in shown(away))
    home.put_item(TableName=NAME, Item=item(3, "open"))
    kept = [item(1, "open"), item(2, "sealed"), item(3, "open")]
    eventually(lambda: items(away, NAME) == items(home, NAME) == kept)
