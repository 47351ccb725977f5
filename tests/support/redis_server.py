"""Real Redis servers for tests: `redis-server` on a free port, in a folder of its own, gone at the end.

Nothing here sleeps: a server's output is read until it says that it is ready.
"""

import contextlib
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from tests.support.server import Output

REDIS = shutil.which("redis-server") or shutil.which("valkey-server")
READY = r"Ready to accept connections|\+monitor master"
SLOTS = 16384  # of a cluster
NO_REDIS = "redis-server is not installed (apt-get install redis-server): the Redis layer is not tested"


def need_redis() -> None:
    if REDIS is None:
        pytest.skip(NO_REDIS)


class RedisServer:
    """One server. It can be stopped and started again on its port, with what it has saved or without."""

    def __init__(self, folder: Path, *options: str, tls: bool = False) -> None:
        self.port = free_port()
        ports = ("--port", "0", "--tls-port") if tls else ("--port",)
        self._options = (*ports, str(self.port), "--dir", str(folder), *options)
        self._process: subprocess.Popen[str] | None = None
        self._output: Output | None = None

    @property
    def address(self) -> tuple[str, int]:
        return "127.0.0.1", self.port

    def use_file(self, file: Path, mode: str) -> None:
        """Start from this file, as a sentinel must."""
        self._options = (str(file), mode, *self._options)

    def start(self) -> None:
        assert REDIS is not None
        self._process = subprocess.Popen(
            [REDIS, *self._options],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert self._process.stdout is not None
        self._output = Output(self._process.stdout)
        self._output.wait_line(READY, 10)

    def wait_line(self, pattern: str) -> str:
        assert self._output is not None
        return self._output.wait_line(pattern, 30)

    def stop(self, number: int = signal.SIGKILL) -> None:
        if self._process is not None and self._output is not None:
            self._process.send_signal(number)
            self._process.wait(10)
            self._output.wait_end()
            self._process = None

    def restart(self) -> None:
        """With nothing left of what it kept, unless its options say otherwise."""
        self.stop()
        self.start()


@dataclass
class Watched:
    master: RedisServer
    replica: RedisServer
    sentinel: RedisServer


@contextmanager
def redis_server(*options: str, tls: bool = False) -> Iterator[RedisServer]:
    with _folder() as folder, contextlib.ExitStack() as stack:
        yield _started(stack, folder, "--save", "", *options, tls=tls)


@contextmanager
def watched_redis() -> Iterator[Watched]:
    """A master called `penstock`, its replica, and a sentinel that watches them."""
    with _folder() as folder, contextlib.ExitStack() as stack:
        master = _started(stack, folder, "--save", "", "--repl-diskless-sync-delay", "0")
        replica = _started(stack, folder, "--save", "", "--replicaof", *map(str, master.address))
        replica.wait_line("Finished with success|successfully")
        (folder / "sentinel.conf").write_text(
            f"sentinel monitor penstock 127.0.0.1 {master.port} 1\n"
            "sentinel down-after-milliseconds penstock 60000\n"
        )
        sentinel = RedisServer(folder)
        sentinel.use_file(folder / "sentinel.conf", "--sentinel")
        stack.callback(sentinel.stop)
        sentinel.start()
        sentinel.wait_line(r"\+slave slave")
        yield Watched(master, replica, sentinel)


@contextmanager
def redis_cluster(count: int) -> Iterator[list[RedisServer]]:
    """Nodes that share out all slots, without replicas."""
    with _folder() as folder, contextlib.ExitStack() as stack:
        nodes = []
        for number in range(count):
            options = ("--cluster-enabled", "yes", "--cluster-config-file", f"nodes-{number}.conf")
            nodes.append(_started(stack, folder, "--save", "", *options))
        for number, node in enumerate(nodes):
            slots = map(str, range(number * SLOTS // count, (number + 1) * SLOTS // count))
            _cli(node, "CLUSTER", "ADDSLOTS", *slots)
            _cli(node, "CLUSTER", "SET-CONFIG-EPOCH", str(number + 1))
        for node in nodes[1:]:
            _cli(nodes[0], "CLUSTER", "MEET", "127.0.0.1", str(node.port))
        for node in nodes:
            node.wait_line("Cluster state changed: ok")
        yield nodes


@contextmanager
def _folder() -> Iterator[Path]:
    need_redis()
    with TemporaryDirectory(prefix="penstock-redis-") as folder:
        yield Path(folder)


def _started(stack: contextlib.ExitStack, folder: Path, *options: str, tls: bool = False) -> RedisServer:
    server = RedisServer(folder, *options, tls=tls)
    stack.callback(server.stop)
    server.start()
    return server


def _cli(server: RedisServer, *words: str) -> None:
    with socket.create_connection(server.address) as connection:
        connection.sendall((" ".join(words) + "\r\n").encode())
        answer = connection.recv(1000)
    assert answer == b"+OK\r\n", answer


def free_port() -> int:
    """One whose ten-thousandth next a cluster can use for its bus, too."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        if port < 65536 - 10_000:
            return port
