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
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from tests.support.server import Output

REDIS = shutil.which("redis-server") or shutil.which("valkey-server")
READY = r"Ready to accept connections|Sentinel ID is"
NO_REDIS = "redis-server is not installed (apt-get install redis-server): the Redis layer is not tested"


def need_redis() -> None:
    if REDIS is None:
        pytest.skip(NO_REDIS)


class RedisServer:
    """One server. It can be stopped and started again on its port, with what it has saved or without."""

    def __init__(self, folder: Path, *options: str, port: int = 0) -> None:
        self.port = port or free_port()
        self._folder = folder
        self._options = options
        self._process: subprocess.Popen[str] | None = None
        self._output: Output | None = None

    @property
    def address(self) -> tuple[str, int]:
        return "127.0.0.1", self.port

    def start(self) -> None:
        assert REDIS is not None
        words = [REDIS, *self._options[:1], "--port", str(self.port), "--dir", str(self._folder)]
        if "--sentinel" not in self._options:
            words = [
                REDIS,
                "--port",
                str(self.port),
                "--dir",
                str(self._folder),
                "--save",
                "",
                *self._options,
            ]
        self._process = subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        assert self._process.stdout is not None
        self._output = Output(self._process.stdout)
        self._output.wait_line(READY, 10)

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


@contextmanager
def redis_server(*options: str) -> Iterator[RedisServer]:
    need_redis()
    with TemporaryDirectory(prefix="penstock-redis-") as folder, contextlib.ExitStack() as stack:
        server = RedisServer(Path(folder), *options)
        stack.callback(server.stop)
        server.start()
        yield server


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
