"""Two servers with a replica each, and a network between them that loses, delays, cuts and repeats what they say, while
both are written to and one of them is killed: they come to the same, with every write that was answered."""

import random
import threading
from contextlib import ExitStack, suppress

import pytest
from botocore.exceptions import BotoCoreError, ClientError
from peers import AWAY, DEFINITION, HOME, NAME, BadWay, Server, is_gone, new_key
from test_dax import BINARY
from test_dax_restart import free_ports
from test_global_tables import eventually, replicas

pytestmark = pytest.mark.skipif(not BINARY, reason="STATOR_BIN names no binary")

ROUNDS, KEYS, PATIENCE_S = 150, 12, 300


@pytest.fixture
def seed():
    seed = random.SystemRandom().randrange(1 << 32)
    print(f"seed {seed}")  # shown where the test fails
    return seed


@pytest.fixture
def world(tmp_path, seed):
    """Two servers that run, and the ways between them."""
    new_key(tmp_path)
    home_port, away_port, to_home, to_away = free_ports(4)
    ways = BadWay(to_home, [home_port], seed), BadWay(to_away, [away_port], seed + 1)
    home = Server(tmp_path, HOME, home_port, AWAY, to_away)
    away = Server(tmp_path, AWAY, away_port, HOME, to_home)
    with ExitStack() as stack:
        for way in ways:
            stack.callback(way.close)
        for server in (home, away):
            stack.enter_context(server.running())
        yield home, away, ways


def eventually_done(call):
    """A call that reaches the peer may fail on the way, and may have been served."""

    def attempt():
        with suppress(ClientError):
            call()
            return True
        return False

    eventually(attempt, seconds=PATIENCE_S)


def items(client):
    """All of them, in the order of their keys."""
    pages = client.get_paginator("scan").paginate(TableName=NAME, ConsistentRead=True)
    found = [item for page in pages for item in page["Items"]]
    return sorted(found, key=lambda item: (item["pk"]["S"], int(item["sk"]["N"])))


def is_there(client, region):
    return replicas(client, NAME) == ({region: "ACTIVE"}, "ACTIVE")


def was_bad(ways):
    return any(way.cuts for way in ways) and any(way.copies for way in ways)


def put_another(client):
    client.put_item(TableName=NAME, Item={"pk": {"S": "more"}, "sk": {"N": "1"}})


class Writer(threading.Thread):
    """Puts and deletes keys that others write too, and counts in an item of its own."""

    def __init__(self, client, seed):
        super().__init__()
        self.client, self.dice, self.region = client, random.Random(seed), client.meta.region_name
        self.begun = self.answered = 0
        self.fault = None

    def run(self):
        try:
            for number in range(ROUNDS):
                self.write(number)
        except Exception as fault:  # told by the test, whose threads are others
            self.fault = fault

    def write(self, number):
        key = {"pk": {"S": "shared"}, "sk": {"N": str(self.dice.randrange(KEYS))}}
        with suppress(BotoCoreError):  # the server is killed just now
            if self.dice.random() < 0.3:
                self.client.delete_item(TableName=NAME, Key=key)
            else:
                value = {"S": f"{self.region} {number}" + "x" * self.dice.randrange(3_000)}
                self.client.put_item(TableName=NAME, Item={**key, "value": value})
        counter = {"pk": {"S": "counters"}, "sk": {"N": "1" if self.region == HOME else "2"}}
        condition = {":last": {"N": str(number)}, ":next": {"N": str(number + 1)}}
        self.begun = number + 1
        self.client.update_item(
            TableName=NAME,
            Key=counter,
            UpdateExpression="SET answered = :next",
            ConditionExpression="attribute_not_exists(answered) OR answered IN (:last, :next)",
            ExpressionAttributeValues=condition,
        )
        self.answered = number + 1


def test_replicas_come_to_the_same_over_a_bad_network(world, seed):
    home, away, ways = world
    home.client.create_table(TableName=NAME, **DEFINITION)
    for number in range(200):
        home.client.put_item(TableName=NAME, Item={"pk": {"S": "before"}, "sk": {"N": str(number)}})
    create = [{"Create": {"RegionName": AWAY}}]
    exists = lambda: replicas(home.client, NAME)[0] or home.client.update_table(TableName=NAME, ReplicaUpdates=create)
    eventually_done(exists)
    eventually(lambda: is_there(home.client, AWAY) and is_there(away.client, HOME), seconds=PATIENCE_S)
    writers = [Writer(home.client, seed + 2), Writer(away.client, seed + 3)]
    for writer in writers:
        writer.start()
    for _ in range(3):
        reached = writers[1].answered + ROUNDS // 5
        eventually(lambda: writers[1].answered >= reached or not writers[1].is_alive(), seconds=PATIENCE_S)
        away.kill()
        away.start()
    away.client.update_time_to_live(
        TableName=NAME, TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires"}
    )
    for writer in writers:
        writer.join()
        assert writer.fault is None, writer.fault
        assert writer.answered == writer.begun == ROUNDS
    eventually(lambda: items(home.client) == items(away.client), seconds=PATIENCE_S)
    found = items(home.client)
    counters = [item["answered"]["N"] for item in found if item["pk"]["S"] == "counters"]
    assert counters == [str(ROUNDS)] * 2
    assert sum(item["pk"]["S"] == "before" for item in found) == 200
    shown = lambda: home.client.describe_time_to_live(TableName=NAME)["TimeToLiveDescription"]
    eventually(lambda: shown().get("AttributeName") == "expires", seconds=PATIENCE_S)
    eventually(lambda: was_bad(ways) or put_another(home.client), seconds=PATIENCE_S)
    eventually(lambda: items(home.client) == items(away.client), seconds=PATIENCE_S)
    found = items(home.client)
    delete = [{"Delete": {"RegionName": AWAY}}]
    leaves = lambda: home.client.update_table(TableName=NAME, ReplicaUpdates=delete)
    eventually_done(lambda: replicas(home.client, NAME)[0] and leaves())
    eventually(lambda: is_gone(away.client) and replicas(home.client, NAME) == ({}, "ACTIVE"), seconds=PATIENCE_S)
    assert items(home.client) == found
