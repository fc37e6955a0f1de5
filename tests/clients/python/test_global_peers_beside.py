"""A replica on the server itself, added to a table that has one at a peer: it begins with what there is, and all three
come to the same, while the peer is killed and comes back."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from peers import AWAY, DEFINITION, HOME, NAME, Server, add, is_gone, new_key
from test_dax import BINARY
from test_dax_restart import free_ports
from test_global_tables import eventually, item, items, replicas

pytestmark = pytest.mark.skipif(not BINARY, reason="STATOR_BIN names no binary")

NEAR = "us-west-2"
UPDATES = [{"Create": {"RegionName": NEAR}}]


@pytest.fixture
def servers(tmp_path):
    new_key(tmp_path)
    home, away = free_ports(2)
    return (
        Server(tmp_path, HOME, home, AWAY, away, beside=[NEAR]),
        Server(tmp_path, AWAY, away, HOME, home, peer_beside=[NEAR]),
    )


def same(*clients):
    first = items(clients[0], NAME)
    return all(items(client, NAME) == first for client in clients[1:]) and first


def test_a_replica_of_the_server_is_added_beside_one_at_a_peer(servers):
    home_server, away_server = servers
    with home_server.running() as home, away_server.running() as away:
        near = home_server.client_in(NEAR)
        home.create_table(TableName=NAME, **DEFINITION)
        for number in range(100):
            home.put_item(TableName=NAME, Item=item(number, "before"))
        add(home, AWAY)
        eventually(lambda: replicas(away, NAME) == ({HOME: "ACTIVE"}, "ACTIVE"))
        away_server.kill()
        with pytest.raises(home.exceptions.ClientError, match="Failed to access the region: .eu-west-1.. The peer"):
            home.update_table(TableName=NAME, ReplicaUpdates=UPDATES)
        away_server.start()
        begin_and_write_meanwhile(home, away, away_server)
        eventually(lambda: replicas(home, NAME) == ({AWAY: "ACTIVE", NEAR: "ACTIVE"}, "ACTIVE"), seconds=300)
        eventually(lambda: replicas(away, NAME) == ({HOME: "ACTIVE", NEAR: "ACTIVE"}, "ACTIVE"))
        assert replicas(near, NAME) == ({HOME: "ACTIVE", AWAY: "ACTIVE"}, "ACTIVE")
        eventually(lambda: same(home, away, near))
        all_follow_each_other(home, away, near)
        it_goes_again(home, away, near)


def test_two_servers_add_a_replica_to_themselves_at_the_same_moment(tmp_path):
    """Each is there in the end, or one was refused and is there when it is asked for again."""
    new_key(tmp_path)
    home_port, away_port = free_ports(2)
    far = "eu-west-2"
    home_server = Server(tmp_path, HOME, home_port, AWAY, away_port, beside=[NEAR], peer_beside=[far])
    away_server = Server(tmp_path, AWAY, away_port, HOME, home_port, beside=[far], peer_beside=[NEAR])
    with home_server.running() as home, away_server.running() as away:
        home.create_table(TableName=NAME, **DEFINITION)
        home.put_item(TableName=NAME, Item=item(1, "before"))
        add(home, AWAY)
        eventually(lambda: replicas(away, NAME) == ({HOME: "ACTIVE"}, "ACTIVE"))
        for _ in range(3):
            both_at_once([(home, NEAR, "Create"), (away, far, "Create")])
            everywhere = {HOME, NEAR, AWAY, far}
            near, there = home_server.client_in(NEAR), away_server.client_in(far)
            for region, client in ((HOME, home), (AWAY, away), (NEAR, near), (far, there)):
                others = dict.fromkeys(everywhere - {region}, "ACTIVE")
                eventually(lambda: not is_gone(client) and replicas(client, NAME) == (others, "ACTIVE"), seconds=300)
            home.put_item(TableName=NAME, Item=item(2, "for all"))
            there.put_item(TableName=NAME, Item=item(3, "for all"))
            eventually(lambda: same(home, away, near, there) and len(items(near, NAME)) == 3)
            both_at_once([(away, NEAR, "Delete"), (home, far, "Delete")])
            for client, other in ((home, AWAY), (away, HOME)):
                eventually(lambda: replicas(client, NAME) == ({other: "ACTIVE"}, "ACTIVE"), seconds=300)
            eventually(lambda: is_gone(near) and is_gone(there))


def both_at_once(asked):
    """One that is refused, for what is under way, is asked for again."""

    def ask(client, region, kind):
        def is_asked():
            statuses, _ = replicas(client, NAME)
            assert "CREATION_FAILED" not in statuses.values()
            if (region in statuses) == (kind == "Create"):
                return True
            with suppress(client.exceptions.ClientError):
                client.update_table(TableName=NAME, ReplicaUpdates=[{kind: {"RegionName": region}}])
                return True
            return False

        eventually(is_asked, seconds=300)

    with ThreadPoolExecutor() as threads:
        for done in [threads.submit(ask, *one) for one in asked]:
            done.result()


def begin_and_write_meanwhile(home, away, away_server):
    """The peer is killed behind the answer: the replica is there when the peer is, too."""

    def write(client, numbers, kind):
        for number in numbers:
            client.put_item(TableName=NAME, Item=item(number, kind))

    writers = [
        threading.Thread(target=write, args=(home, range(0, 200, 2), HOME)),
        threading.Thread(target=write, args=(away, range(1, 200, 2), AWAY)),
    ]
    for number in range(50, 60):
        away.delete_item(TableName=NAME, Key={"pk": {"S": "a"}, "sk": {"N": str(number)}})
    home.update_table(TableName=NAME, ReplicaUpdates=UPDATES)
    away_server.kill()
    away_server.start()
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()


def all_follow_each_other(home, away, near):
    assert len(items(near, NAME)) == 200
    clients = {HOME: home, AWAY: away, NEAR: near}
    for number, (region, client) in enumerate(clients.items()):
        client.put_item(TableName=NAME, Item=item(number, f"from {region}"))
        client.delete_item(TableName=NAME, Key={"pk": {"S": "a"}, "sk": {"N": str(100 + number)}})
    kinds = [{"S": f"from {region}"} for region in clients]
    for client in clients.values():
        eventually(lambda: [found["kind"] for found in items(client, NAME)[:3]] == kinds)
        eventually(lambda: len(items(client, NAME)) == 197)
    away.update_time_to_live(TableName=NAME, TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires"})
    status = lambda: near.describe_time_to_live(TableName=NAME)["TimeToLiveDescription"]
    eventually(lambda: status().get("AttributeName") == "expires")
    eventually(lambda: same(home, away, near))


def it_goes_again(home, away, near):
    """The peer takes it away, and it comes again with a class of its own."""
    away.update_table(TableName=NAME, ReplicaUpdates=[{"Delete": {"RegionName": NEAR}}])
    eventually(lambda: is_gone(near) and replicas(home, NAME) == ({AWAY: "ACTIVE"}, "ACTIVE"))
    eventually(lambda: replicas(away, NAME) == ({HOME: "ACTIVE"}, "ACTIVE"))
    own = {"RegionName": NEAR, "TableClassOverride": "STANDARD_INFREQUENT_ACCESS"}
    home.update_table(TableName=NAME, ReplicaUpdates=[{"Create": own}])
    eventually(lambda: replicas(away, NAME) == ({HOME: "ACTIVE", NEAR: "ACTIVE"}, "ACTIVE"), seconds=300)
    shown = lambda: away.describe_table(TableName=NAME)["Table"]["Replicas"]
    classes = lambda: {one["RegionName"]: one.get("ReplicaTableClassSummary", {}).get("TableClass") for one in shown()}
    eventually(lambda: classes() == {HOME: None, NEAR: "STANDARD_INFREQUENT_ACCESS"})
    eventually(lambda: same(home, away, near))
