"""Two servers over one PostgreSQL are one peer of a third server: what is written at either is brought by one of them, and
by the other one when that is killed."""

import os
from contextlib import ExitStack

import postgresql
import pytest
from peers import AWAY, DEFINITION, HOME, NAME, Server, Way, add, is_gone, new_key
from test_dax import BINARY
from test_dax_restart import free_ports
from test_global_tables import eventually, item, items, replicas

pytestmark = [
    pytest.mark.skipif(not BINARY, reason="STATOR_BIN names no binary"),
    pytest.mark.skipif(not postgresql.programs() and os.environ.get("CI") != "true", reason="there is no PostgreSQL"),
]

PATIENCE_S = 300


@pytest.fixture
def servers(tmp_path):
    """The two over one store behind a way to either, and the third."""
    new_key(tmp_path)
    first_port, second_port, to_home, away_port = free_ports(4)
    with ExitStack() as stack:
        stored = f'[store]\nkind = "postgres"\nurl = "{stack.enter_context(postgresql.serving())}"'
        stack.callback(Way(to_home, [first_port, second_port], 0).close)
        first, second = (
            Server(tmp_path, HOME, port, AWAY, away_port, stored=stored, name=name)
            for name, port in (("first", first_port), ("second", second_port))
        )
        away = Server(tmp_path, AWAY, away_port, HOME, to_home)
        for server in (first, second, away):
            stack.enter_context(server.running())
        yield first, second, away


def come_to(clients, expected):
    expected = sorted(expected, key=lambda item: int(item["sk"]["N"]))
    for client in clients:
        eventually(lambda: items(client, NAME) == expected, seconds=PATIENCE_S)


def test_several_servers_on_one_store_are_one_peer(servers):
    first, second, away = servers
    clients = [server.client for server in servers]
    first.client.create_table(TableName=NAME, **DEFINITION)
    for number in range(100):
        clients[number % 2].put_item(TableName=NAME, Item=item(number, "before"))
    add(second.client, AWAY)
    eventually(lambda: replicas(away.client, NAME) == ({HOME: "ACTIVE"}, "ACTIVE"), seconds=PATIENCE_S)
    expected = {number: item(number, "before") for number in range(100)}
    come_to(clients, expected.values())
    for number in range(0, 100, 3):
        expected[number] = item(number, "all")
        clients[number % 3 if number % 2 else 2].put_item(TableName=NAME, Item=expected[number])
    come_to(clients, expected.values())
    for killed, other in ((first, second), (second, first)):
        killed.kill()
        for number in range(100, 150):
            expected[number] = item(number, str(killed.port))
            writer = other if number % 2 else away
            writer.client.put_item(TableName=NAME, Item=expected[number])
        come_to((other.client, away.client), expected.values())
        killed.start()
        del expected[149]
        killed.client.delete_item(TableName=NAME, Key={"pk": {"S": "a"}, "sk": {"N": "149"}})
        come_to(clients, expected.values())
    away.client.update_table(TableName=NAME, ReplicaUpdates=[{"Delete": {"RegionName": HOME}}])
    eventually(lambda: is_gone(first.client) and is_gone(second.client), seconds=PATIENCE_S)
    eventually(lambda: replicas(away.client, NAME) == ({}, "ACTIVE"), seconds=PATIENCE_S)
    assert items(away.client, NAME) == sorted(expected.values(), key=lambda item: int(item["sk"]["N"]))
    add(away.client, HOME)
    come_to(clients, expected.values())
