"""A PostgreSQL of a test's own, in a new folder and reached by a socket in it."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

SETTINGS = "shared_buffers = 64MB\nmax_wal_size = 256MB\nlisten_addresses = ''\n"
NOBODY = 65_534


def programs():
    """The folder of its programs, if there is one: named, Debian's newest, or in the path."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    path = [Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep)]
    named = [Path(folder) for folder in [os.environ.get("STATOR_POSTGRES_BIN")] if folder]
    are_in = lambda folder: all((folder / name).is_file() for name in ("initdb", "postgres"))
    return next(filter(are_in, [*named, *debian, *path]), None)


@contextmanager
def serving():
    """The URL of one. It refuses to run as root, so then it runs as nobody."""
    user = {"user": NOBODY, "group": NOBODY} if os.geteuid() == 0 else {}
    folder = Path(tempfile.mkdtemp(prefix="stator-postgres-"))
    folder.chmod(0o755)
    if user:
        os.chown(folder, NOBODY, NOBODY)
    data, quiet = folder / "data", {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": "/", **user}
    made = ["-A", "trust", "-U", "stator", "-E", "UTF8", "--no-locale", "--no-sync", "-D", data]
    subprocess.run([programs() / "initdb", *made], check=True, **quiet)
    with (data / "postgresql.conf").open("a") as settings:
        settings.write(SETTINGS)
    server = subprocess.Popen([programs() / "postgres", "-D", data, "-k", folder], **quiet)
    try:
        wait_until_ready(server, data / "postmaster.pid")
        yield f"postgres:///postgres?user=stator&host={folder}"
    finally:
        server.send_signal(signal.SIGQUIT)
        server.wait()
        shutil.rmtree(folder, ignore_errors=True)


def wait_until_ready(server, told):
    """The server writes how far it has come into the last line of a file."""
    end = time.monotonic() + 120
    while not (told.exists() and told.read_text().rstrip().endswith("ready")):
        assert server.poll() is None and time.monotonic() < end, "PostgreSQL does not start"
        time.sleep(0.05)
