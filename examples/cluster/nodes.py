"""Three machines of a database, all on this one: etcd, Patroni and PostgreSQL on each.

Patroni keeps one of the three the primary, by a lock in etcd, and a commit is acknowledged once a second one has it.
"""

import itertools
import json
import os
import pwd
import random
import secrets
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from contextlib import closing
from pathlib import Path

from network import Loopback

NAMES = ("node1", "node2", "node3")
READY_SECONDS = 180
PROGRAMS = ("etcd", "patroni")


def missing():
    """What has to be installed first."""
    lacking = [name for name in PROGRAMS if shutil.which(name) is None]
    return lacking if postgresql() else [*lacking, "postgresql"]


def postgresql():
    """The folder of PostgreSQL's programs: $STATOR_POSTGRES_BIN, else Debian's newest."""
    if named := os.environ.get("STATOR_POSTGRES_BIN"):
        return Path(named)
    return max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), default=None)


# Below the ports that the system gives to whoever connects: nobody takes one while its program does not run.
PORTS = iter(random.sample(range(10_000, 20_000), 10_000))


def free_ports(count):
    """Some that no one listens at, and that were not handed out before."""
    return list(itertools.islice(filter(is_free, PORTS), count))


def is_free(port):
    with closing(socket.socket()) as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def until(true, what, seconds=READY_SECONDS):
    """Waits; what is waited for may fail meanwhile."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if result := true():
                return result
        except OSError:
            pass
        time.sleep(0.2)
    raise TimeoutError(f"{what}: not within {seconds} s")


def someone_else():
    """PostgreSQL does not run as root: then it and its keepers run as somebody else."""
    return pwd.getpwnam("nobody") if os.getuid() == 0 else None


def as_someone_else():
    """What a command begins with that runs so."""
    if user := someone_else():
        return ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    return []


class Node:
    """One machine. `kill` is kill -9 of everything on it, `start` switches it on, `pause` lets it stand still."""

    def __init__(self, name, folder, network):
        self.name, self.folder, self.network = name, folder, network
        self.address = network.address(name)
        self.client, self.peer, self.api, self.port = free_ports(4)
        self.processes = []
        folder.mkdir(mode=0o755)
        if user := someone_else():
            os.chown(folder, user.pw_uid, user.pw_gid)

    def start(self, nodes, passwords):
        (self.folder / "patroni.json").write_text(json.dumps(self.settings(nodes, passwords)))
        self.spawn("etcd", *self.etcd_arguments(nodes))
        self.spawn("patroni", self.folder / "patroni.json")

    def spawn(self, program, *arguments):
        with open(self.folder / f"{program}.log", "ab") as log:
            command = [*self.network.inside(self.name), *as_someone_else(), shutil.which(program), *map(str, arguments)]
            self.processes.append(
                subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=self.folder,
                                 start_new_session=True)
            )  # fmt: skip

    def etcd_arguments(self, nodes):
        # Slow machines hold elections too often with the defaults of 0.1 s and 1 s.
        client, peer = self.url(self.client), self.url(self.peer)
        return [
            "--name", self.name, "--data-dir", self.folder / "etcd", "--heartbeat-interval", "250",
            "--election-timeout", "2500", "--initial-cluster-state", "new", "--enable-v2",
            "--listen-client-urls", client, "--advertise-client-urls", client,
            "--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer,
            "--initial-cluster", ",".join(f"{node.name}={node.url(node.peer)}" for node in nodes),
        ]  # fmt: skip

    def settings(self, nodes, passwords):
        at = {"listen": f"{self.address}:{self.port}", "connect_address": f"{self.address}:{self.port}"}
        api, subnet = f"{self.address}:{self.api}", self.network.subnet
        names = {"superuser": "postgres", "replication": "replicator", "rewind": "rewinder"}
        return {
            "scope": "stator",
            "name": self.name,
            "restapi": {"listen": api, "connect_address": api},
            # By version 3 of etcd's protocol, Patroni 3.0 takes the lock from another node without looking, once it has
            # stood still for longer than its own was good.
            "etcd": {"hosts": [f"{node.address}:{node.client}" for node in nodes]},
            "bootstrap": {
                "dcs": {
                    "ttl": 20, "loop_wait": 2, "retry_timeout": 5,
                    # No commit is acknowledged that only one machine has, even if that means to wait for a second one.
                    "synchronous_mode": True, "synchronous_mode_strict": True,
                    "postgresql": {
                        "use_pg_rewind": False,
                        "parameters": {"max_connections": 200, "shared_buffers": "64MB", "wal_log_hints": "on"},
                    },
                },
                "initdb": [{"encoding": "UTF8"}, {"locale": "C"}, "data-checksums"],
            },
            "postgresql": {
                **at,
                "data_dir": str(self.folder / "data"),
                "bin_dir": str(postgresql()),
                "pgpass": str(self.folder / "pgpass"),
                # A primary that comes back behind another one is made anew from that, which has all that was
                # acknowledged. pg_rewind would be quicker with much data, but leaves nodes that stay away until
                # somebody helps: it may fail and leave a directory that does not start, and it may succeed from a
                # primary that is itself a recent copy and has not the log that the rewound node then asks for.
                "remove_data_directory_on_diverged_timelines": True,
                "basebackup": {"checkpoint": "fast"},
                # Here it is written at each start: a rewind that is interrupted may leave the file empty.
                "pg_hba": [
                    "local all all trust",
                    f"host all all {subnet} scram-sha-256",
                    f"host replication replicator {subnet} scram-sha-256",
                ],
                "authentication": {
                    role: {"username": name, "password": passwords[role]} for role, name in names.items()
                },
                "parameters": {"unix_socket_directories": str(self.folder), "password_encryption": "scram-sha-256"},
            },
        }  # fmt: skip

    def kill(self):
        self.signal(signal.SIGKILL)
        for process in self.processes:
            process.wait()
        self.processes.clear()

    def pause(self):
        """The machine stands still, and knows nothing of it."""
        self.signal(signal.SIGSTOP)

    def resume(self):
        self.signal(signal.SIGCONT)

    def signal(self, number):
        for pid in [*(process.pid for process in self.processes), *self.postgres()]:
            send(number, pid)

    def signal_postgres(self, number):
        """Patroni and etcd go on."""
        for pid in self.postgres():
            send(number, pid)

    def url(self, port):
        return f"http://{self.address}:{port}"

    def postgres(self):
        """The processes of PostgreSQL: the one that starts the others comes first, so that it starts no more."""
        if not self.processes:
            return  # it was killed, and its file names whatever has its number now
        try:
            first = int((self.folder / "data" / "postmaster.pid").read_text().split()[0])
        except (FileNotFoundError, IndexError):
            return
        yield first
        for stat in Path("/proc").glob("[0-9]*/stat"):
            try:
                parent = stat.read_text().rsplit(")", 1)[1].split()[1]
            except OSError:
                continue
            if int(parent) == first:
                yield int(stat.parent.name)


def send(number, pid):
    try:
        os.kill(pid, number)
    except ProcessLookupError:
        pass  # it has ended with its parent


class Database:
    """The three of them, which servers see as one."""

    def __init__(self, folder, network=None):
        self.nodes = [Node(name, Path(folder) / name, network or Loopback()) for name in NAMES]
        self.passwords = {role: secrets.token_hex(16) for role in ("superuser", "replication", "rewind", "stator")}

    @property
    def url(self):
        """All hosts: a server finds the one that takes writes."""
        hosts = ",".join(f"{node.address}:{node.port}" for node in self.nodes)
        return f"postgres://stator:{self.passwords['stator']}@{hosts}/stator"

    def start(self):
        for node in self.nodes:
            node.start(self.nodes, self.passwords)
        until(self.is_whole, "three nodes, one of them the leader and one synchronous")
        self.run("postgres", f"CREATE ROLE stator LOGIN PASSWORD '{self.passwords['stator']}' IN ROLE pg_monitor")
        self.run("postgres", "CREATE DATABASE stator OWNER stator")
        return self

    def switch_on(self, *nodes):
        for node in nodes:
            node.start(self.nodes, self.passwords)
        until(self.is_whole, "three nodes again, one of them the leader and one synchronous")

    def members(self):
        """Name and role of each node that Patroni knows to run, as any node that runs has it."""
        for node in self.nodes:
            try:
                with urllib.request.urlopen(f"{node.url(node.api)}/cluster", timeout=5) as answer:
                    members = json.load(answer)["members"]
            except OSError:
                continue
            # Patroni 4 says streaming where Patroni 3 says running.
            up = [member for member in members if member["state"] in ("running", "streaming")]
            return {member["name"]: member["role"] for member in up}
        return {}

    def is_whole(self):
        roles = sorted(self.members().values())
        return roles == ["leader", "replica", "sync_standby"]

    def leader(self):
        """The node that takes writes; None while there is none."""
        names = [name for name, role in self.members().items() if role == "leader"]
        return next((node for node in self.nodes if node.name in names), None)

    def run(self, database, sql):
        """A statement on the leader."""
        leader = until(self.leader, "a leader")
        target = f"host={leader.address} port={leader.port} user=postgres dbname={database}"
        environment = {**os.environ, "PGPASSWORD": self.passwords["superuser"]}
        command = [postgresql() / "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-c", sql, target]
        subprocess.run(command, env=environment, check=True)

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.__exit__()
            raise

    def __exit__(self, *_):
        for node in self.nodes:
            node.kill()
