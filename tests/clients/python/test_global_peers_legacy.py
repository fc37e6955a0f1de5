"""Global tables of version 2017.11.29 of tables at two servers, and replicas at peers that go their own way, in either
version."""

import pytest
from peers import AWAY, HOME, NAME, Server, add, new_key
from peers import DEFINITION as WITHOUT_STREAM
from test_dax import BINARY
from test_dax_restart import free_ports
from test_global_tables import eventually, item, items, replicas

pytestmark = pytest.mark.skipif(not BINARY, reason="STATOR_BIN names no binary")

NEAR = "us-west-2"
STREAM = {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
DEFINITION = {**WITHOUT_STREAM, "StreamSpecification": STREAM}


@pytest.fixture
def servers(tmp_path):
    new_key(tmp_path)
    home, away = free_ports(2)
    return (
        Server(tmp_path, HOME, home, AWAY, away, beside=[NEAR]),
        Server(tmp_path, AWAY, away, HOME, home, peer_beside=[NEAR]),
    )


def group(*regions):
    return [{"RegionName": region} for region in regions]


def create(client, *regions):
    return client.create_global_table(GlobalTableName=NAME, ReplicationGroup=group(*regions))


def update(client, kind, region):
    client.update_global_table(GlobalTableName=NAME, ReplicaUpdates=[{kind: {"RegionName": region}}])


def described(client):
    """Its status, and that of each replica."""
    shown = client.describe_global_table(GlobalTableName=NAME)["GlobalTableDescription"]
    group = shown["ReplicationGroup"]
    return shown["GlobalTableStatus"], {one["RegionName"]: one["ReplicaStatus"] for one in group}


def is_there(*regions):
    return "ACTIVE", dict.fromkeys(regions, "ACTIVE")


def own(client):
    """The items without what tells when and where they were written."""
    return [{name: value for name, value in one.items() if not name.startswith("aws:rep:")} for one in items(client, NAME)]


def same(*clients):
    first = items(clients[0], NAME)
    return all(items(client, NAME) == first for client in clients[1:])


def put(client, number, kind):
    client.put_item(TableName=NAME, Item=item(number, kind))


def test_tables_of_two_servers_become_a_global_table(servers):
    home_server, away_server = servers
    with home_server.running() as home:
        near = home_server.client_in(NEAR)
        home.create_table(TableName=NAME, **DEFINITION)
        with pytest.raises(home.exceptions.ClientError, match="Failed to access the region: .eu-west-1.. The peer"):
            create(home, HOME, AWAY)
        with away_server.running() as away:
            it_is_refused(home, away)
            created = create(home, HOME, AWAY)["GlobalTableDescription"]
            assert created["GlobalTableStatus"] == "CREATING"
            away_server.kill()
            put(home, 1, "before the peer knows it")
            away_server.start()
            for client in (home, away):
                eventually(lambda: described(client) == is_there(HOME, AWAY), seconds=300)
                with pytest.raises(client.exceptions.GlobalTableAlreadyExistsException):
                    create(client, HOME, AWAY)
            put(away, 2, AWAY)
            eventually(lambda: same(home, away) and len(items(home, NAME)) == 2)
            regions = [{item["aws:rep:updateregion"]["S"] for item in items(client, NAME)} for client in (home, away)]
            assert regions == [{HOME, AWAY}] * 2
            listed = away.list_global_tables(RegionName=HOME)["GlobalTables"]
            assert listed == [{"GlobalTableName": NAME, "ReplicationGroup": group(AWAY, HOME)}]
            assert "Replicas" not in home.describe_table(TableName=NAME)["Table"]
            settings_are_of_each_region(home, away)
            it_grows_while_it_is_empty(home, away, near)
            it_shrinks(home, away, near, away_server)


def it_is_refused(home, away):
    """In DynamoDB's order: what a region has, and then whether all are alike."""
    with pytest.raises(home.exceptions.TableNotFoundException, match=f"{NAME} in region {AWAY}"):
        create(home, HOME, AWAY)
    away.create_table(TableName=NAME, **WITHOUT_STREAM)
    for client in (home, away):
        with pytest.raises(client.exceptions.ClientError, match=f"in region {AWAY} must have a stream"):
            create(client, HOME, AWAY)
    away.delete_table(TableName=NAME)
    away.create_table(TableName=NAME, **DEFINITION)
    put(away, 0, "in the way")
    with pytest.raises(home.exceptions.ClientError, match=f"in region {AWAY} must be empty"):
        create(home, HOME, AWAY)
    away.delete_table(TableName=NAME)
    provisioned = {"BillingMode": "PROVISIONED", "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}}
    away.create_table(TableName=NAME, **{**DEFINITION, **provisioned})
    with pytest.raises(home.exceptions.ClientError, match="must have the same key schema"):
        create(home, HOME, AWAY)
    with pytest.raises(home.exceptions.ClientError, match="This server hosts none of the regions"):
        create(home, AWAY)
    away.delete_table(TableName=NAME)
    away.create_table(TableName=NAME, **DEFINITION)


def settings_are_of_each_region(home, away):
    home.update_table(TableName=NAME, BillingMode="PROVISIONED", ProvisionedThroughput={"ReadCapacityUnits": 5, "WriteCapacityUnits": 5})
    put(home, 3, "behind the change")
    eventually(lambda: same(home, away))
    assert away.describe_table(TableName=NAME)["Table"]["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
    for client in (home, away):
        shown = client.describe_global_table_settings(GlobalTableName=NAME)["ReplicaSettings"]
        assert [one["RegionName"] for one in shown] == [AWAY, HOME]
        assert [one.get("ReplicaBillingModeSummary", {}).get("BillingMode") for one in shown] == ["PAY_PER_REQUEST", "PROVISIONED"]
    eventually(lambda: home.describe_table(TableName=NAME)["Table"]["TableStatus"] == "ACTIVE")
    home.update_table(TableName=NAME, BillingMode="PAY_PER_REQUEST")


def it_grows_while_it_is_empty(home, away, near):
    near.create_table(TableName=NAME, **DEFINITION)
    with pytest.raises(home.exceptions.ReplicaAlreadyExistsException):
        update(home, "Create", AWAY)
    with pytest.raises(home.exceptions.ClientError, match="must be empty"):
        update(home, "Create", NEAR)
    for number in range(1, 4):
        away.delete_item(TableName=NAME, Key={"pk": {"S": "a"}, "sk": {"N": str(number)}})
    eventually(lambda: items(home, NAME) == [])
    update(away, "Create", NEAR)
    for client in (home, away, near):
        eventually(lambda: described(client) == is_there(HOME, AWAY, NEAR), seconds=300)
    for number, client in enumerate((home, away, near)):
        put(client, number, "of three")
    eventually(lambda: same(home, away, near) and len(items(near, NAME)) == 3)


def it_shrinks(home, away, near, away_server):
    """A replica is made a table of its own with all that the others had written by then."""
    update(home, "Delete", AWAY)
    for client in (home, near):
        eventually(lambda: described(client) == is_there(HOME, NEAR))
        eventually(lambda: is_forgotten(client, AWAY))
    with pytest.raises(away.exceptions.GlobalTableNotFoundException):
        eventually(lambda: not described(away))
    put(away, 10, "its own")
    put(home, 11, "of the others")
    eventually(lambda: same(home, near))
    assert own(away) == [*(item(number, "of three") for number in range(3)), item(10, "its own")]
    assert own(home) == [*(item(number, "of three") for number in range(3)), item(11, "of the others")]


def is_forgotten(client, region):
    """It is not described from the moment on that it is asked to go, and gets changes until it has gone."""
    try:
        update(client, "Delete", region)
    except client.exceptions.ResourceInUseException:
        return False
    except client.exceptions.ReplicaNotFoundException:
        return True
    raise AssertionError("a replica was taken away twice")


@pytest.mark.parametrize("asked", [HOME, AWAY])
def test_a_replica_at_a_peer_goes_its_own_way(servers, asked):
    home_server, away_server = servers
    with home_server.running() as home, away_server.running() as away:
        near = home_server.client_in(NEAR)
        clients = {HOME: home, AWAY: away}
        home.create_table(TableName=NAME, **WITHOUT_STREAM)
        for number in range(50):
            put(home, number, "before")
        add(home, AWAY)
        home.update_table(TableName=NAME, ReplicaUpdates=[{"Create": {"RegionName": NEAR}}])
        eventually(lambda: replicas(home, NAME) == ({AWAY: "ACTIVE", NEAR: "ACTIVE"}, "ACTIVE"), seconds=300)
        eventually(lambda: replicas(away, NAME) == ({HOME: "ACTIVE", NEAR: "ACTIVE"}, "ACTIVE"))
        leave = [{"Disassociate": {"RegionName": AWAY, "DisassociationMode": "WAIT_FOR_REPLICATION"}}]
        away.update_table(TableName=NAME, DisassociationProtectionEnabled=True)
        for client in (home, near):
            with pytest.raises(client.exceptions.ClientError, match="disassociation protection"):
                client.update_table(TableName=NAME, ReplicaUpdates=leave)
        away.update_table(TableName=NAME, DisassociationProtectionEnabled=False)
        put(home, 50, "just before")
        put(away, 51, "just before")
        away_server.kill()
        away_server.start()
        if asked == AWAY:  # the own region is none that can be named: the other way round
            leave[0]["Disassociate"]["RegionName"] = HOME
        clients[asked].update_table(TableName=NAME, ReplicaUpdates=leave)
        both_have_all(asked, home, away, near)


def both_have_all(asked, home, away, near):
    alone, others = (away, [home, near]) if asked == HOME else (home, [away, near])
    eventually(lambda: replicas(alone, NAME) == ({}, "ACTIVE"))
    left = {HOME: "ACTIVE", NEAR: "ACTIVE"} if asked == HOME else {AWAY: "ACTIVE", NEAR: "ACTIVE"}
    for client in others:
        eventually(lambda: len(replicas(client, NAME)[0]) == 1 and replicas(client, NAME)[0].items() <= left.items())
    assert len(items(alone, NAME)) == 52
    put(alone, 60, "its own")
    put(others[0], 61, "of the others")
    eventually(lambda: same(*others) and len(items(near, NAME)) == 53)
    assert [one["kind"]["S"] for one in items(alone, NAME)[50:]] == ["just before", "just before", "its own"]
    assert [one["kind"]["S"] for one in items(near, NAME)[50:]] == ["just before", "just before", "of the others"]
