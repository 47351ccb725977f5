"""What one idle connection costs a server in resident memory: the growth over thousands, for each.

A few connections come and go first, so that what is imported and cached once is not counted as theirs.
"""

import contextlib
import resource
import time

from bench.apps import GREETING
from bench.http1_works import get
from bench.kinds import MemoryWork
from bench.measure import resident_bytes
from bench.wire import exchange, open_connection, upgrade

FIRST_CONNECTIONS = 10
SPARE_FILES = 200
SETTLE_SECONDS = 0.5


def allow_open_files(count: int) -> None:
    """Raises the soft limit of this process, and of the servers that it starts, to `count` and some more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = count + SPARE_FILES
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def bytes_per_connection(work: MemoryWork, port: int, server_pid: int) -> float:
    _hold(work, port, FIRST_CONNECTIONS).close()
    time.sleep(SETTLE_SECONDS)
    before = resident_bytes(server_pid)
    with _hold(work, port, work.connections):
        time.sleep(SETTLE_SECONDS)
        after = resident_bytes(server_pid)
    return (after - before) / work.connections


def _hold(work: MemoryWork, port: int, count: int) -> contextlib.ExitStack:
    """Connections that were used once; they stay open until the stack is closed."""
    with contextlib.ExitStack() as opened:
        for _ in range(count):
            connection = opened.enter_context(open_connection(port, work.tls))
            if work.websocket:
                upgrade(connection)
            else:
                exchange(connection, get(), GREETING)
        return opened.pop_all()
