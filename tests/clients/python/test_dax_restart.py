"""A server that is killed and started again under a client of DAX: the client finds it again, with everything in it."""

import os
import random
import signal
import socket
import time
from contextlib import closing

import boto3
import pytest
from amazondax import AmazonDaxClient
from test_dax import BINARY, CREDENTIALS, create, key, started

pytestmark = pytest.mark.skipif(not BINARY, reason="STATOR_BIN names no binary")

# Below the ports that the system gives to whoever connects: nobody takes one while no server has it.
PORTS = range(20_000, 30_000)
PATIENCE_S = 60


def free_ports(count):
    found = []
    for port in random.sample(PORTS, len(PORTS)):
        with closing(socket.socket()) as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                found.append(str(port))
        if len(found) == count:
            return found
    raise AssertionError("no port is free")


def eventually(call, **parameters):
    """The answer, once there is one: until then the client looks for its server."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            return call(**parameters)
        except Exception:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def test_clients_find_a_server_again_that_was_killed(tmp_path):
    http_port, dax_port = free_ports(2)
    command = [BINARY, "--data-dir", str(tmp_path / "data"), "--port", http_port, "--dax", "--dax-port", dax_port]
    table, dax, kept = None, None, {}
    for life in range(3):
        ready = tmp_path / f"ready-{life}"
        with started([*command, "--ready-file", str(ready)], ready) as server:
            if dax is None:
                table = create(boto3.client("dynamodb", endpoint_url=server["url"], **CREDENTIALS))
                dax = AmazonDaxClient(boto3.session.Session(**CREDENTIALS), endpoint_url=server["dax"])
            for sk, item in kept.items():
                found = eventually(dax.get_item, TableName=table, Key=key(sk))
                assert found["Item"] == item, f"item {sk} in life {life}"
            # Lists of attribute names that the client knows from before, and one that it does not.
            for sk, names in ((10 * life, ["a", "b"]), (10 * life + 1, ["a", f"of-life-{life}"])):
                item = {**key(sk), **{name: {"S": f"{name} of {sk}"} for name in names}}
                eventually(dax.put_item, TableName=table, Item=item)
                kept[sk] = item
            os.kill(server["pid"], signal.SIGKILL)
    dax.close()
