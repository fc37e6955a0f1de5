"""Servers that are peers of each other, and what may go wrong between them."""

import json
import os
import random
import socket
import subprocess
import threading
import time
from contextlib import contextmanager, suppress

import boto3
from botocore.config import Config
from test_dax import BINARY
from test_global_tables import eventually, replicas

HOME, AWAY = "us-east-1", "eu-west-1"
NAME = "world"
DEFINITION = {
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
    "AttributeDefinitions": [
        {"AttributeName": "pk", "AttributeType": "S"},
        {"AttributeName": "sk", "AttributeType": "N"},
    ],
    "BillingMode": "PAY_PER_REQUEST",
}


class Server:
    """A server that may be started again, over the same data and at the same port."""

    def __init__(self, folder, region, port, peer, peer_port, *, stored="", name=None, beside=(), peer_beside=()):
        """It may host regions beside its own, and so may its peer."""
        self.config = folder / f"{name or region}.toml"
        stored = stored or f'[data]\ndir = "{folder / region}"'
        self.config.write_text(
            f"""
            mode = "local"
            {stored}
            [http]
            port = {port}
            [global_tables]
            regions = {json.dumps([region, *beside])}
            [[global_tables.peers]]
            name = "{peer}"
            url = "http://127.0.0.1:{peer_port}"
            regions = {json.dumps([peer, *peer_beside])}
            key_file = "key"
            """
        )
        self.port = port
        self.client = self.client_in(region)
        self.process = None

    def client_in(self, region, service="dynamodb", attempts=10):
        """Who gets no answer from a server that is killed asks again."""
        retries = Config(retries={"mode": "standard", "max_attempts": attempts})
        keys = {"aws_access_key_id": "local", "aws_secret_access_key": "local"}
        url = f"http://127.0.0.1:{self.port}"
        return boto3.client(service, endpoint_url=url, region_name=region, config=retries, **keys)

    def start(self):
        ready = self.config.with_suffix(".ready")
        ready.unlink(missing_ok=True)
        command = [BINARY, "--config", str(self.config), "--ready-file", str(ready)]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + 120
        while not ready.exists():
            assert self.process.poll() is None and time.monotonic() < end, "the server does not start"
            time.sleep(0.05)

    def kill(self):
        self.process.kill()
        self.process.wait()

    @contextmanager
    def running(self):
        self.start()
        try:
            yield self.client
        finally:
            if self.process.poll() is None:
                self.process.terminate()
            self.process.wait()


def new_key(folder):
    (folder / "key").write_text(os.urandom(32).hex() + "\n")


def add(client, region, **settings):
    client.update_table(TableName=NAME, ReplicaUpdates=[{"Create": {"RegionName": region, **settings}}])
    eventually(lambda: replicas(client, NAME) == ({region: "ACTIVE"}, "ACTIVE"), seconds=300)


def is_gone(client):
    try:
        client.describe_table(TableName=NAME)
        return False
    except client.exceptions.ResourceNotFoundException:
        return True


class Way:
    """A way to the first of some ports, in any order, on which there is a server."""

    is_bad = False

    def __init__(self, port, to_ports, seed):
        self.to_ports, self.dice = [int(to_port) for to_port in to_ports], random.Random(seed)
        self.cuts = self.copies = 0
        self.listener = socket.create_server(("127.0.0.1", int(port)))
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self.listener.close()

    def _accept(self):
        with suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        if self._happens(0.1):
            connection.close()
            return
        said = bytearray()
        with suppress(OSError), connection, self._onward() as onward:
            there = threading.Thread(target=self._pass, args=(connection, onward, said), daemon=True)
            there.start()
            self._pass(onward, connection)
            there.join()

    def _happens(self, probability):
        return self.is_bad and self.dice.random() < probability

    def _onward(self):
        for port in self.dice.sample(self.to_ports, len(self.to_ports)):
            with suppress(OSError):
                return socket.create_connection(("127.0.0.1", port))
        raise OSError("there is no server")

    def _pass(self, source, sink, said=None):
        """What is cut on the way back was served all the same."""
        with suppress(OSError):
            while chunk := source.recv(65_536):
                if self._happens(0.1):
                    time.sleep(self.dice.random() / 5)
                if self._happens(0.05):
                    sink.sendall(chunk[: self.dice.randrange(len(chunk))])
                    self.cuts += 1
                    break
                sink.sendall(chunk)
                if said is not None:
                    said += chunk
                    if self._happens(0.1):
                        threading.Thread(target=self._say_again, args=(bytes(said),), daemon=True).start()
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _say_again(self, said):
        """What went over a connection goes once more, over another one."""
        with suppress(OSError), self._onward() as onward:
            onward.sendall(said)
            onward.shutdown(socket.SHUT_WR)
            while onward.recv(65_536):
                pass
            self.copies += 1


class BadWay(Way):
    """One on which connections are refused, cut, slow, and said twice, as dice say."""

    is_bad = True
