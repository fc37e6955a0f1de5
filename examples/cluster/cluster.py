"""A cluster on this machine: three nodes of a database that replicates, three servers over it.

    python cluster.py demo        brings it up, lets customers order, kills things, and counts
    python cluster.py up          brings it up, says where it is, and waits for Ctrl-C
"""

import argparse
import os
import sys
import tempfile
import time
from contextlib import ExitStack, contextmanager

from clients import client
from nodes import Database, missing, until
from orders import Customer, check, create_table, total

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from stator_process import StatorProcess  # noqa: E402

CUSTOMERS = 8


@contextmanager
def cluster():
    """The database, and three servers over it."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="stator-cluster-", ignore_cleanup_errors=True))
        os.chmod(folder, 0o755)
        database = stack.enter_context(Database(folder))
        # A password is not for the command line, which other users of a machine see.
        told = {"STATOR_STORE": database.url}
        logs = [os.path.join(folder, f"server{number}.log") for number in (1, 2, 3)]
        servers = [stack.enter_context(StatorProcess(None, environment=told, log=log)) for log in logs]
        print(f"logs:     {folder}")
        yield database, servers


def demo(more=300):
    """Orders before, while and after the primary and a server are killed. Returns how many were acknowledged."""
    with cluster() as (database, servers):
        show(database, servers)
        clients = [client(server.url) for server in servers]
        create_table(clients[0])
        customers = [Customer(f"customer{number}", clients) for number in range(CUSTOMERS)]
        for customer in customers:
            customer.start()
        print(f"{len(customers)} customers order through all three servers")
        reach(customers, more)

        lost = until(database.leader, "a leader")
        print(f"kill -9 of all that runs on {lost.name}, the primary")
        lost.kill()
        killed = time.monotonic()
        reach(customers, more)
        leader = until(database.leader, "a leader")
        wait = max(customer.longest_wait for customer in customers)
        print(f"  {leader.name} is the primary after {time.monotonic() - killed:.0f} s at most; the longest wait for "
              f"an order was {wait:.1f} s")  # fmt: skip

        print("kill -9 of a server, which is started again")
        port = servers[1].url.rsplit(":", 1)[1]
        servers[1].kill()
        reach(customers, more)
        servers[1].start(port)

        print(f"{lost.name} is switched on again")
        database.switch_on(lost)
        show(database, servers)
        reach(customers, more)
        for customer in customers:
            customer.has_enough.set()
        for customer in customers:
            customer.join()
        check(customers, clients)
        print(f"all {total(customers)} orders that were acknowledged are there, whole, on each server; the stream has "
              "each once, in order")  # fmt: skip
        return total(customers)


def reach(customers, more):
    """Waits for so many orders more."""
    wanted = total(customers) + more

    def have_ordered():
        for customer in customers:
            if customer.failure:
                raise customer.failure
        return total(customers) >= wanted

    until(have_ordered, f"{more} orders more")
    print(f"  {total(customers)} orders acknowledged")


def show(database, servers):
    members = until(database.members, "the nodes")
    print("database: " + ", ".join(f"{name} {role}" for name, role in sorted(members.items())))
    print("servers:  " + ", ".join(server.url for server in servers))


def up():
    with cluster() as (database, servers):
        show(database, servers)
        print("Ctrl-C ends it, and removes its data")
        while True:
            time.sleep(3600)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("command", choices=["demo", "up"])
    command = parser.parse_args().command
    if lacking := missing():
        sys.exit(f"{' and '.join(lacking)} missing: apt-get install patroni etcd-server postgresql")
    try:
        {"demo": demo, "up": up}[command]()
    except KeyboardInterrupt:
        pass
