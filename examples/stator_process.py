"""A Stator server as a context manager: started on a free port, killed or stopped on demand.

    with StatorProcess(data_dir) as server:
        boto3.resource("dynamodb", endpoint_url=server.url, ...)
"""

import json
import os
import subprocess
import tempfile
import time
from contextlib import nullcontext
from pathlib import Path

READY_SECONDS = 30
ROOT = Path(__file__).resolve().parent.parent


def stator_binary():
    """$STATOR_BIN, else what cargo built last in this checkout; None when there is none."""
    if named := os.environ.get("STATOR_BIN"):
        return Path(named)
    target = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
    built = [path for profile in ("release", "debug") if (path := target / profile / "stator").exists()]
    return max(built, key=lambda path: path.stat().st_mtime, default=None)


class StatorProcess:
    """One server over one data directory, or over what its environment names where that is None. `kill` is kill -9,
    `stop` asks it to leave. `prefix` is what its command begins with, to run it on another network.
    """

    def __init__(self, data_dir, binary=None, arguments=(), environment=None, log=None, prefix=()):
        self.data = () if data_dir is None else ("--data-dir", Path(data_dir))
        self.arguments, self.prefix = arguments, prefix
        self.log = log  # a file for what it says on stderr
        self.environment = {**os.environ, **(environment or {})}
        self.binary = Path(binary) if binary else stator_binary()
        self.process = None
        self.url = None
        self.dax_url = None  # with --dax among the arguments
        if self.binary is None:
            raise FileNotFoundError("no stator binary: run `cargo build --release` or set STATOR_BIN")

    def start(self, port=0):
        with tempfile.TemporaryDirectory() as scratch:
            ready = Path(scratch) / "ready.json"
            command = [*self.prefix, self.binary, "--port", port, *self.data, "--ready-file", ready, *self.arguments]
            command = [str(part) for part in command]
            with open(self.log, "ab") if self.log else nullcontext() as log:
                self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=log, env=self.environment)
            self.url = self._await_url(ready)
        return self

    def _await_url(self, ready):
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            if (code := self.process.poll()) is not None:
                raise RuntimeError(f"{self.binary} left with exit code {code} before it was ready")
            try:
                announced = json.loads(ready.read_text())
                self.dax_url = announced.get("dax")
                return announced["url"]
            except (FileNotFoundError, json.JSONDecodeError):
                time.sleep(0.005)
        self.kill()
        raise TimeoutError(f"{self.binary} was not ready after {READY_SECONDS} s")

    def kill(self):
        """kill -9: the server gets no chance to write anything more."""
        self.process.kill()
        self.process.wait()

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(timeout=READY_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.stop()
