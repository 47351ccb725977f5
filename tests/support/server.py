"""A real server in a process of its own, for tests that speak to it over sockets.

`running_server("module:app")` runs `python -m penstock run module:app --bind 127.0.0.1:0`, with the same
Penstock that the test imports. Nothing here sleeps or polls: it reads the process's output until the line
that tells the address, and whoever needs to know of something later waits for the line that tells it. The
process is always stopped, whatever the test does.
"""

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import penstock

ROOT = Path(__file__).parents[2]
ADDRESS = re.compile(
    r"(?P<scheme>https?)://(?P<host>\[[^\]]+\]|[^\s:/\[\]]+):(?P<port>\d+)|unix:(?P<path>[^\s,;]+)"
)
START_LINE = re.compile(r"\bon (https?://|unix:)")
PENSTOCK = (sys.executable, "-m", "penstock", "run")


class Output:
    """What a process printed, growing; a thread empties the pipe so that the process never waits for it."""

    def __init__(self, pipe: IO[str]) -> None:
        self._lines: list[str] = []
        self._ended = False
        self._grew = threading.Condition()
        self._pipe = pipe
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def text(self) -> str:
        with self._grew:
            return "".join(self._lines)

    def wait_line(self, pattern: str | re.Pattern[str], seconds: float) -> str:
        """The first line, past or future, in which the pattern is found.

        Raises AssertionError with all the output when the process ends or the time is over without it.
        """
        with self._grew:
            self._grew.wait_for(lambda: self._ended or self._find(pattern) is not None, seconds)
            line = self._find(pattern)
            if line is None:
                reason = "the process ended" if self._ended else f"{seconds:g} seconds passed"
                raise AssertionError(f"{reason} without a line like {pattern!r}:\n{''.join(self._lines)}")
            return line

    def wait_end(self) -> None:
        self._reader.join()
        self._pipe.close()

    def _find(self, pattern: str | re.Pattern[str]) -> str | None:
        return next((line for line in self._lines if re.search(pattern, line)), None)

    def _read(self) -> None:
        for line in self._pipe:
            with self._grew:
                self._lines.append(line)
                self._grew.notify_all()
        with self._grew:
            self._ended = True
            self._grew.notify_all()


class RunningServer:
    """A server that has printed its address and accepts connections."""

    def __init__(self, process: subprocess.Popen[str], output: Output, start_line: str) -> None:
        self.process = process
        self.start_line = start_line
        self.addresses = [found.group() for found in ADDRESS.finditer(start_line)]
        self._first = next(ADDRESS.finditer(start_line))
        self._output = output

    @property
    def url(self) -> str:
        """The first address, as `http://127.0.0.1:45123`, or `unix:/path`."""
        return self.addresses[0]

    @property
    def address(self) -> tuple[str, int]:
        return self._first["host"].strip("[]"), self.port

    @property
    def port(self) -> int:
        return int(self._first["port"])

    @property
    def output(self) -> str:
        """Everything printed so far, standard output and standard error in one."""
        return self._output.text

    def wait_line(self, pattern: str | re.Pattern[str], seconds: float = 10) -> str:
        return self._output.wait_line(pattern, seconds)

    def wait_exit(self, seconds: float = 20) -> int:
        """The exit code, when the process ends by itself; raises TimeoutExpired when it does not."""
        code = self.process.wait(seconds)
        self._output.wait_end()
        return code

    def stop(self, number: int = signal.SIGTERM, seconds: float = 20) -> int:
        """Sends the signal and returns the exit code; raises TimeoutExpired when the server does not end."""
        self.process.send_signal(number)
        return self.wait_exit(seconds)


@contextmanager
def running_server(
    target: str,
    *options: str,
    bind: Sequence[str] = ("127.0.0.1:0",),
    folder: Path = ROOT,
    environment: dict[str, str] | None = None,
    command: Sequence[str] = PENSTOCK,
) -> Iterator[RunningServer]:
    """A server of `target`, started in `folder`, that is gone when the block ends."""
    binds = [word for address in bind for word in ("--bind", address)]
    words = [*command, target, *binds, *options]
    with running_process(words, folder, environment) as (process, output):
        yield RunningServer(process, output, output.wait_line(START_LINE, seconds=20))


@contextmanager
def running_process(
    command: Sequence[str], folder: Path = ROOT, environment: dict[str, str] | None = None
) -> Iterator[tuple[subprocess.Popen[str], Output]]:
    """A process and its output; killed at the end of the block if it still runs then."""
    process = subprocess.Popen(
        command,
        cwd=folder,
        env={**_environment(folder), **(environment or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert process.stdout is not None
    output = Output(process.stdout)
    try:
        yield process, output
    finally:
        process.kill()
        process.wait()
        output.wait_end()


def _environment(folder: Path) -> dict[str, str]:
    """Finds the Penstock of this test first, then the application; prints lines when they are written."""
    places = [str(Path(str(penstock.__file__)).resolve().parents[1]), str(folder)]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(places), "PYTHONUNBUFFERED": "1"}
