"""The connections of one server, and the one timer that serves all their deadlines.

A timer per request would cost more than parsing it. Instead one sweep per loop visits every connection at
each tick, and engines keep their clocks by it (ARCHITECTURE.md, "Deadlines"). A tick is a quarter of the
shortest deadline, at most a second. The same tick renews the `Date` field and the clock of the access log.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from email.utils import formatdate

from penstock.base.limits import Limits
from penstock.bridge.service import Service
from penstock.transport.connection import Connection
from penstock.transport.outbox import Outbox

LOGGER = logging.getLogger("penstock.server")
LONGEST_TICK_SECONDS = 1.0
SHORTEST_TICK_SECONDS = 0.02  # 10000 idle connections take about 4 ms a tick


class Sweep:
    """`on_tick(unix_seconds)` is called at each tick as well, behind the connections."""

    def __init__(self, service: Service, on_tick: Callable[[float], None]) -> None:
        self.service = service
        self.outbox = Outbox()
        self._on_tick = on_tick
        self._connections: set[Connection] = set()
        self._most = service.limits.max_connections
        self._tick_seconds = tick_seconds(service.limits)
        self._timer: asyncio.TimerHandle | None = None
        self._emptied: asyncio.Event = asyncio.Event()

    def start(self) -> None:
        self._tick(asyncio.get_running_loop())

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def add(self, connection: Connection) -> bool:
        self._connections.add(connection)
        return self._most is None or len(self._connections) <= self._most

    def discard(self, connection: Connection) -> None:
        self._connections.discard(connection)
        if not self._connections:
            self._emptied.set()

    def drain(self) -> None:
        """Ask every connection to end when what runs on it is finished."""
        for connection in list(self._connections):
            connection.drain()

    def abort(self) -> None:
        for connection in list(self._connections):
            connection.abort()

    async def wait_empty(self) -> None:
        while self._connections:
            self._emptied.clear()
            await self._emptied.wait()

    def handle_deadline(self, now: float) -> None:
        """Let everybody who waits for something look at the clock."""
        if self.service.turns is not None:
            self.service.turns.handle_deadline(now)
        for connection in list(self._connections):
            try:
                connection.handle_deadline(now)
            except Exception:  # a fault of ours on one connection is not to stop the clocks of the others
                LOGGER.exception("a connection is given up: its deadline could not be handled")
                connection.abort()

    def __len__(self) -> int:
        return len(self._connections)

    def _tick(self, loop: asyncio.AbstractEventLoop) -> None:
        self._timer = loop.call_later(self._tick_seconds, self._tick, loop)
        unix_seconds = time.time()
        self.service.defaults.set_date(formatdate(unix_seconds, usegmt=True).encode())
        self.handle_deadline(loop.time())
        self._on_tick(unix_seconds)


def tick_seconds(limits: Limits) -> float:
    """How often the sweep runs: often enough that no deadline is late by more than a quarter of itself."""
    deadlines = (
        limits.head_seconds,
        limits.keep_alive_seconds,
        limits.body_grace_seconds,
        limits.waiting_seconds,
        limits.tls_handshake_seconds,
        limits.write_stall_seconds,
        limits.close_seconds,
        limits.websocket_handshake_seconds,
        limits.ping_seconds,
        limits.pong_seconds,
        limits.settings_seconds,
    )
    shortest = min(seconds for seconds in deadlines if seconds is not None)
    return min(LONGEST_TICK_SECONDS, max(SHORTEST_TICK_SECONDS, shortest / 4))
