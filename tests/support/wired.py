"""A server without sockets: a real application on real sessions, engines and connections, on fake transports.

Bytes go in and bytes come out. `await settled()` lets the loop run until everybody waits; time passes only by
`server.at(seconds)`.
"""

import asyncio
import contextvars
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from penstock.base.asgi import App, Fields
from penstock.base.limits import Limits
from penstock.bridge.service import Service
from penstock.engine.defaults import ResponseDefaults
from penstock.testing.transport import FakeTransport
from penstock.testing.wire import ServerFrame, read_server_frames
from penstock.transport.connection import Connection
from penstock.transport.sweep import Sweep

KEY = b"dGhlIHNhbXBsZSBub25jZQ=="
TURNS = 50  # of the loop: more than any chain of callbacks in these tests


async def settled() -> None:
    """Let everything run that can run."""
    for _ in range(TURNS):
        await asyncio.sleep(0)


async def until(condition: Callable[[], bool]) -> None:
    """Let everything run until the condition holds."""
    loop = asyncio.get_running_loop()
    holds = loop.create_future()

    def look() -> None:
        if condition():
            holds.set_result(None)
        else:
            loop.call_soon(look)

    look()
    await holds


async def timers_fired() -> None:
    """Let timers of no seconds fire, and everything run that comes of it."""
    loop = asyncio.get_running_loop()
    fired = asyncio.Event()
    loop.call_later(0, loop.call_later, 0, fired.set)
    await fired.wait()
    await settled()


@dataclass(frozen=True)
class Record:
    """One line of the access log."""

    path: str
    status: int
    fields: Fields
    body_bytes: int


class Records(list[Record]):
    """An access log that keeps its lines."""

    def record(
        self,
        scope: dict[str, Any],
        status: int,
        response_fields: Fields,
        body_bytes: int,
        duration_seconds: float,
    ) -> None:
        assert duration_seconds >= 0
        self.append(Record(scope.get("path", ""), status, response_fields, body_bytes))

    @property
    def statuses(self) -> list[int]:
        return [each.status for each in self]


class Server:
    """`limits` are those of `Limits`; deadlines are off unless they are given."""

    def __init__(
        self,
        app: App,
        *,
        eager_tasks: bool = True,
        http: str = "auto",
        state: dict[str, Any] | None = None,
        root_path: str = "",
        cancel_on_disconnect_seconds: float | None = None,
        context: contextvars.Context | None = None,
        date_wanted: bool = False,
        **limits: Any,
    ) -> None:
        self.log = Records()
        self.service = Service(
            app=app,
            limits=Limits(**limits),
            defaults=ResponseDefaults(b"", (), date_wanted),
            http=http,
            root_path=root_path,
            access_log=self.log,
            cancel_on_disconnect_seconds=cancel_on_disconnect_seconds,
            eager_tasks=eager_tasks,
            state=state,
            context=context or contextvars.copy_context(),
        )
        self.sweep = Sweep(self.service, lambda unix_seconds: None)

    def connect(self, **addresses: Any) -> "Client":
        return Client(Connection(self.sweep), addresses)

    def at(self, seconds: float) -> None:
        """It is now `seconds`, and the sweep comes round."""
        self.sweep.handle_deadline(seconds)

    def drain(self) -> None:
        self.service.draining = True
        self.sweep.drain()


class Client:
    """The far end of a connection. `transport` plays the network."""

    def __init__(self, connection: Connection, addresses: dict[str, Any]) -> None:
        self.connection = connection
        self.transport = FakeTransport(connection, **addresses)
        self.transport.connect()

    @property
    def ended(self) -> str:
        return self.transport.ended

    def send(self, data: bytes) -> None:
        self.transport.feed(data)

    def read(self) -> bytes:
        """What came since the last reading, as if the turn of the loop had ended."""
        self.connection.flush()
        data = bytes(self.transport.written)
        self.transport.written.clear()
        return data

    async def ask(self, data: bytes) -> bytes:
        """Send, and read what comes of it."""
        self.send(data)
        await settled()
        return self.read()

    def frames(self) -> list[ServerFrame]:
        """The frames that came since the last reading."""
        return read_server_frames(self.read())

    async def say(self, data: bytes) -> list[ServerFrame]:
        """Send frames, and read those that come of it."""
        self.send(data)
        await settled()
        return self.frames()


def get(path: bytes = b"/", fields: bytes = b"") -> bytes:
    return b"GET %b HTTP/1.1\r\nhost: test\r\n%b\r\n" % (path, fields)


def post(body: bytes, path: bytes = b"/", fields: bytes = b"") -> bytes:
    head = b"POST %b HTTP/1.1\r\nhost: test\r\ncontent-length: %d\r\n%b\r\n"
    return head % (path, len(body), fields) + body


def handshake(path: bytes = b"/", fields: bytes = b"") -> bytes:
    head = (
        b"upgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-version: 13\r\nsec-websocket-key: %b\r\n"
    )
    return get(path, head % KEY + fields)
