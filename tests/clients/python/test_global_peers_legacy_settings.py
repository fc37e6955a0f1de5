"""Settings of a global table of version 2017.11.29 whose tables are at two servers: told and changed at either."""

import pytest
from peers import AWAY, HOME, NAME, Server, new_key
from test_dax import BINARY
from test_dax_restart import free_ports
from test_global_peers_legacy import NEAR, STREAM, create, described, is_there
from test_global_peers_settings import INDEXED
from test_global_tables import eventually

pytestmark = pytest.mark.skipif(not BINARY, reason="STATOR_BIN names no binary")

ALL = (AWAY, HOME, NEAR)
INDEX = "by-kind"
OFF = {"AutoScalingDisabled": True}


@pytest.fixture
def servers(tmp_path):
    new_key(tmp_path)
    home, away = free_ports(2)
    servers = (
        Server(tmp_path, HOME, home, AWAY, away, beside=[NEAR]),
        Server(tmp_path, AWAY, away, HOME, home, peer_beside=[NEAR]),
    )
    with servers[0].running() as home, servers[1].running() as away:
        clients = (home, servers[0].client_in(NEAR), away)
        for client in clients:
            client.create_table(TableName=NAME, **INDEXED, StreamSpecification=STREAM)
        create(home, *ALL)
        for client in clients:
            eventually(lambda: described(client) == is_there(*ALL), seconds=300)
        yield servers


def settings(client):
    return client.describe_global_table_settings(GlobalTableName=NAME)["ReplicaSettings"]


def units(client):
    """Reads and writes of each replica and of its index, once each is at rest."""
    shown = settings(client)
    assert [one["RegionName"] for one in shown] == sorted(ALL)
    if any(one["ReplicaStatus"] != "ACTIVE" for one in shown):
        return None
    of_index = lambda index: (index["ProvisionedReadCapacityUnits"], index["ProvisionedWriteCapacityUnits"])
    return {
        one["RegionName"]: (
            (one["ReplicaProvisionedReadCapacityUnits"], one["ReplicaProvisionedWriteCapacityUnits"]),
            of_index(one["ReplicaGlobalSecondaryIndexSettings"][0]),
        )
        for one in shown
    }


def update(client, **change):
    """The answer, and the settings are at rest before and after it."""
    eventually(lambda: units(client) is not None)
    answer = client.update_global_table_settings(GlobalTableName=NAME, **change)
    assert [one["RegionName"] for one in answer["ReplicaSettings"]] == sorted(ALL)
    eventually(lambda: units(client) is not None)
    return {one["RegionName"]: one for one in answer["ReplicaSettings"]}


def writes(table, index):
    of_index = [{"IndexName": INDEX, "ProvisionedWriteCapacityUnits": index}]
    return {"GlobalTableProvisionedWriteCapacityUnits": table, "GlobalTableGlobalSecondaryIndexSettingsUpdate": of_index}


def reads(region, table, index):
    return {
        "RegionName": region,
        "ReplicaProvisionedReadCapacityUnits": table,
        "ReplicaGlobalSecondaryIndexSettingsUpdate": [{"IndexName": INDEX, "ProvisionedReadCapacityUnits": index}],
    }


def scaling(minimum, maximum, target):
    policy = {"TargetTrackingScalingPolicyConfiguration": {"TargetValue": target}}
    return {"MinimumUnits": minimum, "MaximumUnits": maximum, "ScalingPolicyUpdate": policy}


def bounds(shown):
    """The bounds and the targets of what scales, or that it does not."""
    if shown == OFF:
        return None
    policies = [policy["TargetTrackingScalingPolicyConfiguration"]["TargetValue"] for policy in shown["ScalingPolicies"]]
    return shown["MinimumUnits"], shown["MaximumUnits"], policies


def test_settings_are_told_and_changed_at_either_server(servers):
    home, away = (server.client for server in servers)
    first = {
        "ReplicaStatus": "ACTIVE",
        "ReplicaProvisionedReadCapacityUnits": 5,
        "ReplicaProvisionedReadCapacityAutoScalingSettings": OFF,
        "ReplicaProvisionedWriteCapacityUnits": 6,
        "ReplicaProvisionedWriteCapacityAutoScalingSettings": OFF,
        "ReplicaGlobalSecondaryIndexSettings": [
            {
                "IndexName": INDEX,
                "IndexStatus": "ACTIVE",
                "ProvisionedReadCapacityUnits": 3,
                "ProvisionedReadCapacityAutoScalingSettings": OFF,
                "ProvisionedWriteCapacityUnits": 4,
                "ProvisionedWriteCapacityAutoScalingSettings": OFF,
            }
        ],
    }
    for client in (home, away):
        assert settings(client) == [{"RegionName": region, **first} for region in sorted(ALL)]
    update(home, **writes(16, 14), ReplicaSettingsUpdate=[reads(AWAY, 15, 13)])
    expected = {AWAY: ((15, 16), (13, 14)), HOME: ((5, 16), (3, 14)), NEAR: ((5, 16), (3, 14))}
    assert units(home) == units(away) == expected
    update(away, **writes(26, 24), ReplicaSettingsUpdate=[reads(HOME, 25, 23), reads(NEAR, 35, 33)])
    expected = {AWAY: ((15, 26), (13, 24)), HOME: ((25, 26), (23, 24)), NEAR: ((35, 26), (33, 24))}
    assert units(home) == units(away) == expected
    table = away.describe_table(TableName=NAME)["Table"]["ProvisionedThroughput"]
    assert (table["ReadCapacityUnits"], table["WriteCapacityUnits"]) == (15, 26)
    a_class_is_that_of_one_replica(home, away)
    what_a_peer_refuses_changes_nothing(servers, expected)
    they_are_paid_for_by_request_and_back(home, away)


def a_class_is_that_of_one_replica(home, away):
    rare = "STANDARD_INFREQUENT_ACCESS"
    update(home, ReplicaSettingsUpdate=[{"RegionName": AWAY, "ReplicaTableClass": rare}])
    for client in (home, away):
        classes = [one.get("ReplicaTableClassSummary", {}).get("TableClass") for one in settings(client)]
        assert classes == [rare, None, None]


def what_a_peer_refuses_changes_nothing(servers, expected):
    home, away = (server.client for server in servers)
    once = servers[0].client_in(HOME, attempts=1)  # LimitExceededException is no reason to ask again
    too_much = [reads(AWAY, 1_000_000, 13)]
    with pytest.raises(once.exceptions.LimitExceededException, match=f"maximum for the account in {AWAY}"):
        once.update_global_table_settings(GlobalTableName=NAME, **writes(36, 34), ReplicaSettingsUpdate=too_much)
    with pytest.raises(home.exceptions.IndexNotFoundException, match="none"):
        of_index = [{"IndexName": "none", "ProvisionedReadCapacityUnits": 9}]
        of_replica = {"RegionName": AWAY, "ReplicaGlobalSecondaryIndexSettingsUpdate": of_index}
        home.update_global_table_settings(GlobalTableName=NAME, **writes(36, 34), ReplicaSettingsUpdate=[of_replica])
    with pytest.raises(home.exceptions.ReplicaNotFoundException, match="ap-south-1"):
        home.update_global_table_settings(GlobalTableName=NAME, ReplicaSettingsUpdate=[reads("ap-south-1", 1, 1)])
    assert units(home) == units(away) == expected


def they_are_paid_for_by_request_and_back(home, away):
    update(away, GlobalTableBillingMode="PAY_PER_REQUEST")
    for client in (home, away):
        modes = [one["ReplicaBillingModeSummary"]["BillingMode"] for one in settings(client)]
        assert modes == ["PAY_PER_REQUEST"] * 3
    ordered = {"GlobalTableBillingMode": "PROVISIONED", **writes(7, 8)}
    of_all = [reads(region, number, number + 10) for number, region in enumerate(sorted(ALL), 1)]
    with pytest.raises(home.exceptions.ClientError, match="ProvisionedThroughput must be specified"):
        home.update_global_table_settings(GlobalTableName=NAME, **ordered, ReplicaSettingsUpdate=of_all[1:])
    expected = {AWAY: ((1, 7), (11, 8)), HOME: ((2, 7), (12, 8)), NEAR: ((3, 7), (13, 8))}
    for _ in range(2):  # the same again completes what was left half done, and else changes nothing
        update(home, **ordered, ReplicaSettingsUpdate=of_all)
        assert units(home) == units(away) == expected


def test_replicas_scale_as_is_asked_at_either_server(servers):
    home, away = (server.client for server in servers)
    of_replica = {
        "RegionName": HOME,
        "ReplicaProvisionedReadCapacityAutoScalingSettingsUpdate": scaling(2, 20, 50),
        "ReplicaGlobalSecondaryIndexSettingsUpdate": [
            {"IndexName": INDEX, "ProvisionedReadCapacityAutoScalingSettingsUpdate": scaling(3, 30, 60)}
        ],
    }
    of_writes = [{"IndexName": INDEX, "ProvisionedWriteCapacityAutoScalingSettingsUpdate": scaling(4, 40, 65.5)}]
    answer = update(
        away,
        GlobalTableProvisionedWriteCapacityAutoScalingSettingsUpdate=scaling(5, 50, 70),
        GlobalTableGlobalSecondaryIndexSettingsUpdate=of_writes,
        ReplicaSettingsUpdate=[of_replica],
    )
    for shown in (answer, *({one["RegionName"]: one for one in settings(client)} for client in (home, away))):
        for region in ALL:
            replica, is_home = shown[region], region == HOME
            [index] = replica["ReplicaGlobalSecondaryIndexSettings"]
            of_table = bounds(replica["ReplicaProvisionedWriteCapacityAutoScalingSettings"])
            of_index = bounds(index["ProvisionedWriteCapacityAutoScalingSettings"])
            assert (of_table, of_index) == ((5, 50, [70.0]), (4, 40, [65.5]))
            of_table = bounds(replica["ReplicaProvisionedReadCapacityAutoScalingSettings"])
            of_index = bounds(index["ProvisionedReadCapacityAutoScalingSettings"])
            assert (of_table, of_index) == (((2, 20, [50.0]), (3, 30, [60.0])) if is_home else (None, None))
    targets = servers[1].client_in(AWAY, "application-autoscaling").describe_scalable_targets(ServiceNamespace="dynamodb")
    assert {target["ResourceId"] for target in targets["ScalableTargets"]} == {f"table/{NAME}", f"table/{NAME}/index/{INDEX}"}
    update(home, GlobalTableProvisionedWriteCapacityAutoScalingSettingsUpdate={"AutoScalingDisabled": True})
    for client in (home, away):
        assert [one["ReplicaProvisionedWriteCapacityAutoScalingSettings"] for one in settings(client)] == [OFF] * 3


def test_a_peer_that_is_away_keeps_all_as_it_is(servers):
    home_server, away_server = servers
    home, away = home_server.client, away_server.client
    update(home, **writes(16, 14), ReplicaSettingsUpdate=[reads(AWAY, 15, 13)])
    before = settings(home)
    away_server.kill()
    refused = "Failed to access the region: .eu-west-1.. The peer .eu-west-1. cannot be reached"
    for change in (writes(36, 34), {"ReplicaSettingsUpdate": [reads(HOME, 9, 9)]}):
        with pytest.raises(home.exceptions.ClientError, match=refused):
            home.update_global_table_settings(GlobalTableName=NAME, **change)
    with pytest.raises(home.exceptions.ClientError, match=refused):
        home.describe_global_table_settings(GlobalTableName=NAME)
    away_server.start()
    for client in (home, away):
        eventually(lambda: settings(client) == before)
    home_server.kill()
    home_server.start()
    for client in (home, away):
        eventually(lambda: settings(client) == before)
    update(away, **writes(36, 34), ReplicaSettingsUpdate=[reads(HOME, 9, 8)])
    expected = {AWAY: ((15, 36), (13, 34)), HOME: ((9, 36), (8, 34)), NEAR: ((5, 36), (3, 34))}
    assert units(home) == units(away) == expected
