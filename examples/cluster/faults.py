"""Sixteen writers through two servers over the cluster, while one thing after another breaks; then what must be true of
all that was written and read.

    python faults.py short                    the primary killed, then all nodes: a minute or two
    python faults.py long [--seconds 1800]    also machines that stand still and networks that are cut; needs root
"""

import argparse
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager

import changes
import lists
import orders
import transfers
from clients import client, until_answered
from network import Loopback, Namespaces
from nodes import NAMES, Database, missing, until

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from stator_process import StatorProcess  # noqa: E402

SERVERS = ("server1", "server2")
CUSTOMERS, TELLERS, APPENDERS = 6, 4, 6
MORE = 50  # writes of each kind that are waited for between two faults
HELD = 35  # seconds that a fault is held which ends by itself: longer than a lock of Patroni lasts
RECOVERED = 240  # seconds that a database may take to be whole again, on a machine that does much else


class World:
    """The database, two servers over it, and who uses them."""

    def __init__(self, stack, network):
        folder = stack.enter_context(kept_on_failure())
        self.network, self.began = network, time.monotonic()
        self.database = stack.enter_context(Database(folder, network))
        self.servers = [stack.enter_context(self.server(name, folder)) for name in SERVERS]
        self.urls = [server.url for server in self.servers]
        self.patient = [client(url) for url in self.urls]
        once = [client(url, attempts=1) for url in self.urls]
        for tables in (orders, transfers, lists):
            tables.create_table(self.patient[0])
        self.customers = [orders.Customer(f"customer{number}", self.patient) for number in range(CUSTOMERS)]
        self.tellers = [transfers.Teller(f"teller{number}", turned(once, number)) for number in range(TELLERS)]
        self.histories = lists.Histories()
        appenders = [lists.Appender(f"a{number}", turned(once, number), self.histories) for number in range(APPENDERS)]
        readers = [lists.Reader(f"reader{number}", turned(once, number), self.histories) for number in range(2)]
        self.writers = [*self.customers, *self.tellers, *appenders]
        self.readers = [*readers, transfers.Auditor("auditor", once)]
        self.followers = {table.TABLE: changes.Follower(table.TABLE, self.urls) for table in (orders, transfers, lists)}

    def server(self, name, folder):
        # A password is not for the command line, which other users of a machine see.
        told, log = {"STATOR_STORE": self.database.url}, os.path.join(folder, f"{name}.log")
        address = self.network.address(name)
        arguments = () if address == "127.0.0.1" else ("--host", address, "--insecure")
        return StatorProcess(None, arguments=arguments, environment=told, log=log, prefix=self.network.inside(name))

    def everybody(self):
        return [*self.writers, *self.readers, *self.followers.values()]

    def acknowledged(self):
        return sum(writer.acknowledged for writer in self.writers)

    def say(self, what):
        print(f"{time.monotonic() - self.began:6.0f} s  {what}", flush=True)

    def goes_on(self, more=MORE):
        """Waits until each kind of writer has done so much more."""
        kinds = (self.customers, self.tellers, self.writers[len(self.customers) + len(self.tellers) :])
        wanted = [orders.total(kind) + more for kind in kinds]

        def have_done():
            for each in self.everybody():
                if each.failure:
                    raise AssertionError(f"{each.name}: {each.failure}") from each.failure
            return all(orders.total(kind) >= enough for kind, enough in zip(kinds, wanted))

        until(have_done, f"{more} writes more of each kind", RECOVERED)
        self.say(f"{self.acknowledged()} writes acknowledged")

    def hold(self):
        """The fault lasts, and writers do what they can."""
        time.sleep(HELD)

    def primary(self):
        return until(self.database.leader, "a leader", RECOVERED)

    def is_whole_again(self):
        until(self.database.is_whole, "three nodes again, one of them the leader and one synchronous", RECOVERED)

    def end(self):
        """Everybody ends, the followers behind the last write."""
        for each in self.everybody():
            each.has_enough.set()
        for each in self.everybody():
            each.join()
            if each.failure:
                raise AssertionError(f"{each.name}: {each.failure}") from each.failure
        for follower in self.followers.values():
            follower.catch_up()


@contextmanager
def kept_on_failure():
    """A folder whose logs say more, where something was not as it must be."""
    folder = tempfile.mkdtemp(prefix="stator-cluster-")
    os.chmod(folder, 0o755)
    try:
        yield folder
    except BaseException:
        print(f"logs: {folder}", file=sys.stderr)
        raise
    shutil.rmtree(folder, ignore_errors=True)


def turned(clients, number):
    """The same, beginning with another one."""
    first = number % len(clients)
    return [*clients[first:], *clients[:first]]


def kill_the_primary(world):
    lost = world.primary()
    world.say(f"kill -9 of all that runs on {lost.name}, the primary")
    lost.kill()
    world.goes_on()
    world.database.switch_on(lost)


def kill_all_nodes(world):
    world.say("kill -9 of all that runs on all three nodes, which are switched on again")
    for node in world.database.nodes:
        node.kill()
    world.database.switch_on(*world.database.nodes)


def kill_the_primary_then_all(world):
    """The shorter of the two: no node is waited for between them."""
    lost = world.primary()
    world.say(f"kill -9 of all that runs on {lost.name}, the primary")
    lost.kill()
    world.goes_on()
    kill_all_nodes(world)


def kill_a_server(world):
    world.say("kill -9 of server2, which is started again")
    server, port = world.servers[1], world.urls[1].rsplit(":", 1)[1]
    server.kill()
    world.goes_on()
    server.start(port)


def stop_postgresql(world):
    lost = world.primary()
    world.say(f"SIGSTOP to PostgreSQL on {lost.name}, the primary")
    lost.signal_postgres(signal.SIGSTOP)
    world.hold()
    lost.signal_postgres(signal.SIGCONT)


def pause_the_primary(world):
    lost = world.primary()
    world.say(f"{lost.name}, the primary, stands still: SIGSTOP to all that runs on it")
    lost.pause()
    world.hold()
    lost.resume()


def others(world, *names):
    return [name for name in (*NAMES, *SERVERS) if name not in names]


def cut_the_primary_off(world):
    lost = world.primary().name
    world.say(f"{lost}, the primary, is cut off from all")
    cut(world, [lost], others(world, lost))


def cut_the_primary_and_a_server_off(world):
    lost = world.primary().name
    world.say(f"{lost}, the primary, and server1 are cut off from all others")
    cut(world, [lost, SERVERS[0]], others(world, lost, SERVERS[0]))


def cut_the_nodes_apart(world):
    lost = world.primary().name
    world.say(f"{lost}, the primary, is cut off from the other nodes; both servers reach all three")
    cut(world, [lost], [name for name in NAMES if name != lost])


def cut_a_server_from_the_primary(world):
    lost = world.primary().name
    world.say(f"server1 is cut off from {lost}, the primary, which all others reach")
    cut(world, [SERVERS[0]], [lost])


def cut_all_nodes_apart(world):
    world.say("no node reaches another one")
    for number, name in enumerate(NAMES):
        world.network.cut([name], NAMES[number + 1 :])
    world.hold()
    world.network.heal()


def cut(world, some, rest):
    world.network.cut(some, rest)
    world.hold()
    world.network.heal()


SHORT = (kill_the_primary_then_all,)
LONG = (
    kill_the_primary,
    stop_postgresql,
    kill_all_nodes,
    cut_the_primary_off,
    pause_the_primary,
    cut_the_nodes_apart,
    kill_a_server,
    cut_the_primary_and_a_server_off,
    cut_a_server_from_the_primary,
    cut_all_nodes_apart,
)


def schedule(faults, seconds):
    """Each once, and then any of them for as long as there is time."""
    ends = time.monotonic() + seconds
    yield from faults
    while time.monotonic() < ends:
        yield random.choice(faults)


@contextmanager
def world_on(network):
    with ExitStack() as stack:
        yield World(stack, stack.enter_context(network))


def run(network, faults, seconds=0):
    """Returns how many writes were acknowledged."""
    with world_on(network) as world:
        world.say("the cluster is up")
        for each in world.everybody():
            each.start()
        world.goes_on()
        for fault in schedule(faults, seconds):
            fault(world)
            world.is_whole_again()
            world.goes_on()
        world.end()
        check(world)
        return world.acknowledged()


def check(world):
    """Raises where something is not as it must be."""
    clients = world.patient
    orders.check(world.customers, clients)
    tables = {TABLE: until_answered(clients, lambda each: orders.items(each, TABLE)) for TABLE in world.followers}
    transfers.check(world.tellers, tables[transfers.TABLE])
    happened, lost = lists.check(world.histories, clients)
    keys = {orders.TABLE: ("customer", "number"), transfers.TABLE: ("id",), lists.TABLE: ("name",)}
    records = sum(
        changes.check(follower.records, tables[table], keys[table]) for table, follower in world.followers.items()
    )
    wait = max(customer.longest_wait for customer in world.customers)
    refused, audits = sum(len(teller.refused) for teller in world.tellers), world.readers[-1].acknowledged
    reads = orders.total(world.readers[:-1])
    world.say(f"{world.acknowledged()} writes acknowledged, none lost; the longest wait for an order was {wait:.0f} s")
    world.say(f"orders: each whole, index and table equal, on both servers; {orders.total(world.customers)} of them")
    world.say(f"transfers: {orders.total(world.tellers)}, {refused} of them refused; the sum was right {audits} times")
    world.say(f"lists: {reads} reads and all appends in one order")
    world.say(f"appends without an answer: {happened} happened, {lost} did not")
    world.say(f"streams: {records} records, each once, each item's in order to what is in the table")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("form", choices=["short", "long"])
    parser.add_argument("--seconds", type=int, default=0, help="go on for so long, once each fault has been")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32), help="of the order of faults")
    parser.add_argument("--only", nargs="+", metavar="FAULT", choices=[fault.__name__ for fault in LONG])
    arguments = parser.parse_args()
    if lacking := missing():
        sys.exit(f"{' and '.join(lacking)} missing: apt-get install patroni etcd-server postgresql")
    if arguments.form == "long" and (lacking := Namespaces.missing()):
        sys.exit(lacking)
    print(f"seed {arguments.seed}")
    random.seed(arguments.seed)
    faults = {"short": SHORT, "long": LONG}[arguments.form]
    if arguments.only:
        faults = [fault for fault in LONG if fault.__name__ in arguments.only]
    network = Loopback() if arguments.form == "short" else Namespaces([*NAMES, *SERVERS])
    run(network, faults, arguments.seconds)


if __name__ == "__main__":
    main()
