"""Processes pinned to one core or more, and always stopped: after a block, an error, Ctrl-C or SIGTERM.

Each gets a session of its own, so that Ctrl-C reaches only the harness, which then stops the servers in its
own order, and so that a signal to the group ends every worker.
"""

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

START_SECONDS = 20
STOP_SECONDS = 5
POLL_SECONDS = 0.02


class StartError(Exception):
    """A server ended, or did not listen in time; holds the end of what it printed."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def pinned_server(
    command: Sequence[str], cores: Collection[int], port: int, log: Path, environment: Mapping[str, str]
) -> Iterator[int]:
    """The id of a process that accepts connections on `port`; it and its children end with the block."""
    with log.open("wb") as output:
        process = _spawn(command, cores, environment, output)
    try:
        if not _wait_listening(process, port):
            tail = log.read_text(errors="replace")[-2000:]
            raise StartError(f"{' '.join(command)} does not listen:\n{tail}")
        yield process.pid
    finally:
        _stop(process)
        log.unlink()


def run_pinned(command: Sequence[str], cores: Collection[int], environment: Mapping[str, str]) -> str:
    """What the command printed. Raises CalledProcessError with it when the exit code is not 0."""
    process = _spawn(command, cores, environment, subprocess.PIPE)
    try:
        output, _ = process.communicate()
    finally:
        _stop(process)
    text = output.decode(errors="replace")
    if process.returncode != 0:
        raise subprocess.CalledProcessError(process.returncode, list(command), text)
    return text


def end_on_sigterm() -> None:
    """Makes SIGTERM raise SystemExit, so that every `finally` runs."""

    def leave(number: int, frame: object) -> None:
        raise SystemExit(128 + number)

    signal.signal(signal.SIGTERM, leave)


def _spawn(
    command: Sequence[str], cores: Collection[int], environment: Mapping[str, str], output: IO[bytes] | int
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        env=dict(environment),
        start_new_session=True,
        preexec_fn=lambda: os.sched_setaffinity(0, cores),  # noqa: PLW1509 - no threads here
    )


def _wait_listening(process: subprocess.Popen[bytes], port: int) -> bool:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(ConnectionRefusedError), socket.create_connection(("127.0.0.1", port)):
            return True
        time.sleep(POLL_SECONDS)
    return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Asks the process to end, then ends its whole group: a worker may outlive the one that started it."""
    process.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(STOP_SECONDS)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
