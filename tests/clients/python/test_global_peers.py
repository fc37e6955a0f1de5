"""A table with replicas at two servers, each of which hosts a region: clients of each, while one of them is away."""

import pytest
from peers import AWAY, DEFINITION, HOME, NAME, Server, add, is_gone, new_key
from test_dax import BINARY
from test_dax_restart import free_ports
from test_global_tables import eventually, item, items, replicas

pytestmark = pytest.mark.skipif(not BINARY, reason="STATOR_BIN names no binary")

@pytest.fixture
def servers(tmp_path):
    new_key(tmp_path)
    home, away = free_ports(2)
    return Server(tmp_path, HOME, home, AWAY, away), Server(tmp_path, AWAY, away, HOME, home)


def test_a_region_of_a_peer_is_no_place_for_tables(servers):
    home_server, _ = servers
    with home_server.running() as home:
        for region, why in ((AWAY, f'hosted by the peer "{AWAY}": ask http'), ("ap-south-1", "nor a peer of it hosts it")):
            there = home_server.client_in(region)
            with pytest.raises(there.exceptions.ClientError, match=f"Failed to access the region: .{region}.. .*{why}"):
                there.create_table(TableName=NAME, **DEFINITION)


def test_a_table_lives_at_two_servers(servers):
    home_server, away_server = servers
    with home_server.running() as home:
        home.create_table(TableName=NAME, **DEFINITION)
        for number in range(100):
            home.put_item(TableName=NAME, Item=item(number, "before"))
        with pytest.raises(home.exceptions.ClientError, match="Failed to access the region: .eu-west-1.. The peer"):
            home.update_table(TableName=NAME, ReplicaUpdates=[{"Create": {"RegionName": AWAY}}])
        with away_server.running() as away:
            add(home, AWAY)
            eventually(lambda: replicas(away, NAME) == ({HOME: "ACTIVE"}, "ACTIVE"))
            expected = [item(number, "before") for number in range(100)]
            eventually(lambda: items(away, NAME) == expected)
            for number in range(0, 100, 4):
                away.put_item(TableName=NAME, Item=item(number, AWAY))
                home.delete_item(TableName=NAME, Key={"pk": {"S": "a"}, "sk": {"N": str(number + 1)}})
            kinds = {0: AWAY, 2: "before", 3: "before"}
            expected = [item(number, kinds[number % 4]) for number in range(100) if number % 4 != 1]
            for client in (home, away):
                eventually(lambda: items(client, NAME) == expected)
            share_settings(home, away)
            catch_up_begins(home, away)
        home.put_item(TableName=NAME, Item=item(1, "while one was away"))
        home.delete_item(TableName=NAME, Key={"pk": {"S": "a"}, "sk": {"N": "0"}})
        status = eventually(lambda: home.describe_table(TableName=NAME)["Table"]["Replicas"][0].get("ReplicaStatusDescription"))
        assert "cannot be reached" in status
        with pytest.raises(home.exceptions.ClientError, match="cannot be reached"):
            home.update_table(TableName=NAME, ReplicaUpdates=[{"Delete": {"RegionName": AWAY}}])
        with away_server.running() as away:
            eventually(lambda: items(home, NAME) == items(away, NAME))
            assert items(away, NAME)[0] == item(1, "while one was away")
            leave_and_come_back(home, away)


def share_settings(home, away):
    """What all share is changed on one side, and each side has its own of the rest."""
    away.update_table(
        TableName=NAME,
        AttributeDefinitions=[{"AttributeName": "kind", "AttributeType": "S"}],
        GlobalSecondaryIndexUpdates=[
            {
                "Create": {
                    "IndexName": "by-kind",
                    "KeySchema": [{"AttributeName": "kind", "KeyType": "HASH"}],
                    "Projection": {"ProjectionType": "ALL"},
                }
            }
        ],
    )
    for client in (home, away):
        shown = lambda: client.describe_table(TableName=NAME)["Table"].get("GlobalSecondaryIndexes", [{}])
        eventually(lambda: shown()[0].get("IndexStatus") == "ACTIVE")
        query = {"KeyConditionExpression": "kind = :k", "ExpressionAttributeValues": {":k": {"S": AWAY}}}
        eventually(lambda: client.query(TableName=NAME, IndexName="by-kind", **query)["Count"] == 25)
    home.update_time_to_live(
        TableName=NAME, TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires"}
    )
    status = lambda: away.describe_time_to_live(TableName=NAME)["TimeToLiveDescription"]
    eventually(lambda: status().get("AttributeName") == "expires")
    away.update_table(TableName=NAME, DeletionProtectionEnabled=True)
    assert not home.describe_table(TableName=NAME)["Table"]["DeletionProtectionEnabled"]
    with pytest.raises(home.exceptions.ClientError, match="deletion protection enabled"):
        home.update_table(TableName=NAME, ReplicaUpdates=[{"Delete": {"RegionName": AWAY}}])
    away.update_table(TableName=NAME, DeletionProtectionEnabled=False)


def catch_up_begins(home, away):
    eventually(lambda: items(home, NAME) == items(away, NAME))


def leave_and_come_back(home, away):
    """A replica is taken away from either side, and the other one is a table of its own then."""
    away.update_table(TableName=NAME, ReplicaUpdates=[{"Delete": {"RegionName": HOME}}])
    eventually(lambda: is_gone(home) and replicas(away, NAME) == ({}, "ACTIVE"))
    kept = items(away, NAME)
    add(away, HOME)
    eventually(lambda: items(home, NAME) == kept)
    away.delete_table(TableName=NAME)
    eventually(lambda: is_gone(away) and replicas(home, NAME) == ({}, "ACTIVE"))
    assert items(home, NAME) == kept
    home.put_item(TableName=NAME, Item=item(1_000, "alone"))
    home.delete_table(TableName=NAME)
