"""How the machines of a cluster reach each other: by ports of 127.0.0.1, or as hosts of a network of their own that can
be cut.
"""

import itertools
import os
import shutil
import subprocess

SUBNET = "10.213.71"
NOBODY = "02:00:00:00:00:99"  # no host has it: what is sent there is lost without a word


class Loopback:
    """All of them on 127.0.0.1. Nothing can be cut."""

    subnet = "127.0.0.1/32"

    def address(self, _name):
        return "127.0.0.1"

    def inside(self, _name):
        """What a command begins with that runs on this host."""
        return []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass


class Namespaces:
    """A network namespace for each host, on one bridge. Two hosts are cut from each other by sending what they have for
    each other to an address that nobody has: neither is told, as with a cable that is broken.
    """

    subnet = f"{SUBNET}.0/24"

    def __init__(self, hosts):
        self.bridge = f"stator{os.getpid()}"
        self.hosts = {name: f"{SUBNET}.{number}" for number, name in enumerate(hosts, start=11)}
        self.cuts = []

    @staticmethod
    def missing():
        """Why there cannot be any; None where there can."""
        if lacking := [program for program in ("ip", "nsenter") if shutil.which(program) is None]:
            return f"{' and '.join(lacking)} missing: apt-get install iproute2 util-linux"
        probe = f"stator{os.getpid()}"
        if subprocess.run(["ip", "netns", "add", probe], capture_output=True, check=False).returncode != 0:
            return "network namespaces need root"
        ip("netns", "del", probe)
        return None

    def address(self, name):
        return self.hosts[name]

    def inside(self, name):
        return ["nsenter", f"--net=/run/netns/{self.namespace(name)}"]

    def namespace(self, name):
        return f"{self.bridge}-{name}"

    def cut(self, some, others):
        """Nothing passes between a host of these and one of those, in either direction."""
        for one, other in itertools.product(some, others):
            for here, there in ((one, other), (other, one)):
                entry = (self.hosts[there], "dev", "eth0")
                ip("-n", self.namespace(here), "neigh", "replace", *entry, "lladdr", NOBODY, "nud", "permanent")
                self.cuts.append((self.namespace(here), *entry))

    def heal(self):
        for namespace, *entry in self.cuts:
            ip("-n", namespace, "neigh", "del", *entry)
        self.cuts.clear()

    def __enter__(self):
        try:
            self.build()
        except BaseException:
            self.__exit__()
            raise
        return self

    def build(self):
        ip("link", "add", self.bridge, "type", "bridge")
        ip("addr", "add", f"{SUBNET}.1/24", "dev", self.bridge)
        ip("link", "set", self.bridge, "up")
        for number, (name, address) in enumerate(self.hosts.items()):
            namespace, cable = self.namespace(name), f"st{os.getpid()}v{number}"
            ip("netns", "add", namespace)
            ip("link", "add", cable, "type", "veth", "peer", "name", "eth0", "netns", namespace)
            ip("link", "set", cable, "master", self.bridge, "up")
            ip("-n", namespace, "addr", "add", f"{address}/24", "dev", "eth0")
            for device in ("eth0", "lo"):
                ip("-n", namespace, "link", "set", device, "up")

    def __exit__(self, *_):
        for name in self.hosts:
            ip("netns", "del", self.namespace(name), check=False)
        ip("link", "del", self.bridge, check=False)


def ip(*arguments, check=True):
    subprocess.run(["ip", *arguments], check=check, capture_output=True)
