"""The ASGI server that stands before the adapter, by hand: one request, its messages, its client that may
leave.

`raises_from_send` is the difference between servers of ASGI HTTP 2.4 and older ones: what they do with a
message for a client who has gone.
"""

import asyncio
from collections.abc import Callable, Coroutine
from contextvars import copy_context
from functools import partial
from typing import Any

from penstock.base.direct import DirectApp

Fields = list[tuple[bytes, bytes]]


def http_scope(**changes: Any) -> dict[str, Any]:
    """The scope of a GET request, but for the changes."""
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.5"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": "/",
        "raw_path": b"/",
        "query_string": b"",
        "root_path": "",
        "headers": [(b"host", b"testserver")],
        "client": ("192.0.2.7", 54321),
        "server": ("192.0.2.1", 8080),
        "extensions": {},
    }
    return scope | changes


def upload_scope(length: int | None = None, **changes: Any) -> dict[str, Any]:
    """The scope of a POST request whose body has that length, or is chunked."""
    framing = (b"transfer-encoding", b"chunked") if length is None else (b"content-length", b"%d" % length)
    return http_scope(**{"method": "POST", "headers": [(b"host", b"testserver"), framing]} | changes)


class Signal:
    """Set by a thread, awaited by a loop."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._event = asyncio.Event()

    def set(self) -> None:
        self._loop.call_soon_threadsafe(self._event.set)

    async def wait(self) -> None:
        await self._event.wait()


class Client:
    """One request to `app`. The body comes by `give`, the answer is in `sent`, and `run` awaits the
    application.
    """

    directly = False  # whether the server offers what it has as a whole (`penstock.base.direct`)

    def __init__(
        self, app: Any, scope: dict[str, Any] | None = None, *, raises_from_send: bool = True
    ) -> None:
        self.app = app
        self.scope = scope or http_scope()
        if not raises_from_send:
            self.scope["asgi"] = {"version": "3.0", "spec_version": "2.3"}
        self.sent: list[dict[str, Any]] = []
        self.received = 0  # messages that the application took
        self.slow = False  # while it is, `send` waits
        self._raises = raises_from_send
        self._gone = False
        self._messages: list[dict[str, Any]] = []
        self._changed = asyncio.Event()

    # What the client does.

    def give(self, body: bytes, *, more: bool = False) -> None:
        self._messages.append({"type": "http.request", "body": body, "more_body": more})
        self._tell()

    def leave(self) -> None:
        self._gone = True
        self._tell()

    def read_on(self) -> None:
        self.slow = False
        self._tell()

    # What it has got.

    @property
    def status(self) -> int:
        status: int = self.sent[0]["status"]
        return status

    @property
    def fields(self) -> dict[str, str]:
        return {name.decode(): value.decode("latin-1") for name, value in self.sent[0]["headers"]}

    @property
    def body(self) -> bytes:
        return b"".join(each.get("body", b"") for each in self.sent[1:])

    @property
    def is_complete(self) -> bool:
        return len(self.sent) > 1 and not self.sent[-1].get("more_body", False)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait until it holds; it is looked at after every message in either direction."""
        while not condition():
            await self._changed.wait()

    # The application's side.

    async def run(self) -> None:
        if self.directly and self._is_whole() and isinstance(self.app, DirectApp):
            await DirectlyAsked(self).run()
        else:
            await self.app(self.scope, self.receive, self.send)

    def start(self) -> asyncio.Task[None]:
        return asyncio.get_running_loop().create_task(self.run())

    async def receive(self) -> dict[str, Any]:
        await self.until(lambda: bool(self._messages) or self._gone)
        self.received += 1
        self._tell()
        return self._messages.pop(0) if self._messages else {"type": "http.disconnect"}

    async def send(self, message: dict[str, Any]) -> None:
        await self.until(lambda: not self.slow or self._gone)
        if not self._gone:
            self.sent.append(message)
            self._tell()
        elif self._raises:
            raise OSError("the client has gone")

    # Below.

    def _is_whole(self) -> bool:
        """Whether the request is here to its end before the application is called."""
        fields = self.scope.get("headers")
        names = {name for name, _ in fields} if isinstance(fields, list) else set()  # an iterable serves once
        if self.scope["type"] != "http" or b"expect" in names or self._gone:
            return False
        if self._messages:  # of a long body a server holds a part only
            return len(self._messages) == 1 and not self._messages[0]["more_body"]
        has_framing = self.scope["http_version"] in {"1.0", "1.1"}
        return has_framing and not names & {b"content-length", b"transfer-encoding"}

    def take_body(self) -> bytes:
        messages, self._messages = self._messages, []
        self.received += len(messages)
        return b"".join(each["body"] for each in messages)

    def _tell(self) -> None:
        """Wake everybody who waits now; whoever waits later waits for the next change."""
        self._changed.set()
        self._changed = asyncio.Event()


class DirectlyAsked:
    """A client's request as a server offers it to a `DirectApp`."""

    def __init__(self, client: Client) -> None:
        self.scope = client.scope
        self.abandoned = False
        self.take_body = client.take_body
        self._client = client
        self._ended: asyncio.Future[Coroutine[Any, Any, None]] = asyncio.get_running_loop().create_future()

    async def run(self) -> None:
        self._client.app.begin(self, copy_context())
        try:
            rest = await self._ended
        except asyncio.CancelledError:
            self.abandoned = True
            raise
        await rest

    def answer(self, status: int, fields: Fields, body: bytes) -> None:
        self.go_on(partial(_answer, status, fields, body))

    def go_on(self, rest: Callable[..., Coroutine[Any, Any, None]]) -> None:
        coroutine = rest(self.scope, self._client.receive, self._client.send)
        if self._ended.done():
            coroutine.close()
        else:
            self._ended.set_result(coroutine)


async def _answer(status: int, fields: Fields, body: bytes, scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": status, "headers": fields})
    await send({"type": "http.response.body", "body": body})


async def ask(app: Any, scope: dict[str, Any] | None = None, body: bytes = b"") -> Client:
    """A request whose body comes at once; returns when it is answered."""
    client = Client(app, scope)
    client.give(body)
    await client.run()
    assert client.is_complete
    return client
