"""Triggers for long: two functions on a table that is written to all the time, while its shards are replaced and split,
mappings change, and one of the functions fails in every way a function can.

    python soak.py --minutes 20

Prints a line a minute, and ends with an error where a record is missing, or where processes, memory, file handles or
threads of the server have grown.
"""

import argparse
import os
import random
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
import triggers
from packages import package_of
from stator_process import StatorProcess

KEY = {"STATOR_ACCESS_KEY_ID": "me", "STATOR_SECRET_ACCESS_KEY": "secret"}
# So that a run of minutes has hundreds of shards.
SHARDS = ["--stream-shard-life", "5s", "--stream-shard-writes", "60"]
WRITES_PER_SECOND = 150
GROWTH_MAX = {"processes": 6, "handles": 32, "threads": 4, "resident_mb": 50}

STEADY = """
import os, socket

out = socket.create_connection(("127.0.0.1", int(os.environ["PORT"])))

def handler(event, context):
    out.sendall("".join(record["dynamodb"]["NewImage"]["n"]["N"] + "\\n" for record in event["Records"]).encode())
"""

FAILING = STEADY + """
import random, sys, time

def failing(event, context):
    chance = random.random()
    if chance < 0.02:
        raise ValueError("now and then")
    if chance < 0.03:
        os._exit(3)
    if chance < 0.033:
        time.sleep(5)  # longer than the function may take
    if chance < 0.05:
        print("x" * 100_000)
    if chance < 0.06:
        if os.fork() == 0:
            time.sleep(60)
            os._exit(0)
    handler(event, context)
"""


def table(dynamodb):
    dynamodb.create_table(
        TableName="soak",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
    )
    return dynamodb.describe_table(TableName="soak")["Table"]["LatestStreamArn"]


def function(lambda_, name, handler, code, port):
    lambda_.create_function(
        FunctionName=name,
        Runtime="python3.13",
        Handler=f"soak.{handler}",
        Role=triggers.ROLE,
        Timeout=2,
        Code={"ZipFile": package_of("soak.py", code)},
        Environment={"Variables": {"PORT": str(port)}},
    )
    lambda_.get_waiter("function_active_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})


class Writer(threading.Thread):
    def __init__(self, dynamodb):
        super().__init__(daemon=True)
        self.dynamodb, self.written, self.stop = dynamodb, 0, False

    def run(self):
        began = time.monotonic()
        while not self.stop:
            item = {"pk": {"S": f"item-{self.written % 500}"}, "n": {"N": str(self.written)}}
            self.dynamodb.put_item(TableName="soak", Item=item)
            self.written += 1
            time.sleep(max(0, began + self.written / WRITES_PER_SECOND - time.monotonic()))


def figures(pid):
    status = Path(f"/proc/{pid}/status").read_text()
    number = lambda name: int(status.split(f"{name}:")[1].split()[0])
    session = subprocess.run(["ps", "-e", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    parents = dict(map(int, line.split()) for line in session.splitlines())
    below, grown = {pid}, True
    while grown:
        more = {child for child, parent in parents.items() if parent in below} - below
        below, grown = below | more, bool(more)
    return {
        "processes": len(below) - 1,
        "handles": len(os.listdir(f"/proc/{pid}/fd")),
        "threads": number("Threads"),
        "resident_mb": number("VmRSS") // 1024,
    }


class Seen:
    """What a function says that it has seen."""

    def __init__(self):
        self.numbers, self.socket = set(), socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            threading.Thread(target=self.read, args=[self.socket.accept()[0]], daemon=True).start()

    def read(self, connection):
        with connection, connection.makefile() as lines:
            for line in lines:
                self.numbers.add(int(line))


def soak(minutes, scratch):
    steady_seen, failing_seen = Seen(), Seen()
    with StatorProcess(scratch / "data", arguments=["--lambda", *SHARDS], environment=KEY) as server:
        dynamodb, lambda_ = triggers.clients(server.url, aws_access_key_id="me", aws_secret_access_key="secret")
        stream_arn = table(dynamodb)
        function(lambda_, "steady", "handler", STEADY, steady_seen.port)
        function(lambda_, "failing", "failing", FAILING, failing_seen.port)
        steady = triggers.mapping(lambda_, "steady", stream_arn, ParallelizationFactor=2)
        triggers.mapping(lambda_, "failing", stream_arn, BisectBatchOnFunctionError=True)
        writer = Writer(dynamodb)
        writer.start()
        samples = []
        for minute in range(minutes):
            time.sleep(60)
            lambda_.update_event_source_mapping(UUID=steady, ParallelizationFactor=random.choice([1, 2, 4]))
            samples.append(figures(server.process.pid))
            shown = len(steady_seen.numbers), len(failing_seen.numbers)
            print(f"{minute + 1:3} min: {writer.written} written, {shown} seen, {samples[-1]}", flush=True)
        writer.stop = True
        writer.join()
        everything = set(range(writer.written))
        triggers.wait_until(lambda: steady_seen.numbers >= everything and failing_seen.numbers >= everything, 120)
        return grown(samples)


def grown(samples):
    """What the second half of the run has more of than the first had at most."""
    middle = max(1, len(samples) // 2)
    most = lambda some, name: max(sample[name] for sample in some)
    growth = {name: most(samples[middle:] or samples, name) - most(samples[:middle], name) for name in GROWTH_MAX}
    return {name: more for name, more in growth.items() if more > GROWTH_MAX[name]}


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=int, default=20)
    minutes = parser.parse_args().minutes
    with tempfile.TemporaryDirectory() as scratch:
        growth = soak(minutes, Path(scratch))
    sys.exit(f"grown: {growth}" if growth else 0)
