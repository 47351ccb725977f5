"""Whatever a client, an application and the clock do, in whatever order: nothing escapes, nothing is left
over, and each request that reached an application has exactly one line in the access log.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.support.wired import Client, Server, handshake, settled

from penstock.base.asgi import Message, Receive, Scope, Send
from penstock.base.errors import LocalProtocolError
from penstock.testing.wire import websocket_close, websocket_frame, websocket_ping, websocket_text

CLIENTS = 2
CHUNKED = b"POST /%d HTTP/1.1\r\nhost: test\r\ntransfer-encoding: chunked\r\n%b\r\n"
LENGTH = b"POST /%d HTTP/1.1\r\nhost: test\r\ncontent-length: 1500\r\n%b\r\n"
EXPECT = b"expect: 100-continue\r\n"
SEEDS = st.sampled_from(
    [
        b"GET /%d HTTP/1.1\r\nhost: test\r\n\r\n",
        b"GET /%d HTTP/1.1\r\nhost: test\r\nte: trailers\r\n\r\n",
        b"GET /%d HTTP/1.0\r\n\r\n",
        LENGTH,
        LENGTH.replace(b"%b", EXPECT + b"%b"),
        CHUNKED,
        b"HANDSHAKE",
    ]
)
PIECES = st.sampled_from(
    [
        b"x" * 1500,
        b"x" * 300,
        b"5\r\nhello\r\n",
        b"0\r\n\r\n",
        b"nonsense\r\n\r\n",
        websocket_text("hello") * 3,
        websocket_text("h" * 900),
        websocket_ping(b"p" * 100) * 10,
        websocket_frame(0, b"odd"),
        websocket_close(1000),
    ]
)
CLIENT = st.one_of(
    st.tuples(st.just("request"), SEEDS),
    st.tuples(st.just("send"), PIECES),
    st.sampled_from(["eof", "lose", "break", "fill", "take", "take some", "drain", "cancel", "turn"]).map(
        lambda name: (name, b"")
    ),
    st.tuples(st.just("wait"), st.sampled_from([b"1", b"6", b"100"])),
)
STEPS = st.sampled_from(
    [
        "receive",
        "receive beside",
        "turn",
        "wait",
        "raise",
        "http.response.early_hint",
        "http.response.start",
        "http.response.body",
        "more",
        "much more",
        "http.response.trailers",
        "websocket.accept",
        "websocket.send",
        "websocket.close",
        "websocket.http.response.start",
        "websocket.http.response.body",
        "nonsense",
    ]
)
MESSAGES: dict[str, Message] = {
    "http.response.start": {"status": 200, "trailers": True},
    "http.response.early_hint": {"links": [b"</a>"]},
    "http.response.body": {"body": b"end"},
    "http.response.trailers": {"headers": [(b"x", b"y")]},
    "more": {"type": "http.response.body", "body": b"part", "more_body": True},
    "much more": {"type": "http.response.body", "body": b"p" * 2000, "more_body": True},
    "websocket.send": {"text": "t" * 200},
    "websocket.http.response.start": {"status": 401},
}


class Actor:
    """An application whose n-th call plays the n-th script; it waits until the play is over."""

    def __init__(self, scripts: list[list[str]]) -> None:
        self.scripts = scripts
        self.paths: list[str] = []
        self.over = asyncio.Event()
        self.beside: list[asyncio.Future[Any]] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.paths.append(scope["path"])
        for step in self.scripts[len(self.paths) % len(self.scripts)]:
            await self.play(step, receive, send)

    async def play(self, step: str, receive: Receive, send: Send) -> None:
        if step == "receive":
            await self.patiently(receive())
        elif step == "receive beside":
            self.beside.append(asyncio.ensure_future(receive()))
        elif step == "turn":
            await asyncio.sleep(0)
        elif step == "wait":
            await self.over.wait()
        elif step == "raise":
            raise RuntimeError("as the script says")
        else:
            await self.patiently(send({"type": step, **MESSAGES.get(step, {})}))

    async def patiently(self, waiting: Awaitable[Any]) -> None:
        """Until it is done, or the play is over."""
        task = asyncio.ensure_future(waiting)
        over = asyncio.ensure_future(self.over.wait())
        try:
            await asyncio.wait([task, over], return_when=asyncio.FIRST_COMPLETED)
            if task.done():
                task.result()
        finally:
            over.cancel()
            task.cancel()


class Play:
    def __init__(self, scripts: list[list[str]], limits: dict[str, Any]) -> None:
        self.app = Actor(scripts)
        self.server = Server(self.app, read_buffer_bytes=1000, write_buffer_bytes=1000, **limits)
        self.clients: list[Client] = [self.server.connect() for _ in range(CLIENTS)]
        self.now = 0.0
        self.requests = 0

    async def act(self, client: Client, name: str, data: bytes) -> None:
        acts: dict[str, Callable[[], None]] = {
            "send": lambda: client.send(data),
            "eof": client.transport.feed_eof,
            "lose": client.transport.lose,
            "break": client.transport.break_off,
            "fill": client.transport.fill,
            "take": client.transport.take,
            "take some": lambda: client.transport.take(500),
            "drain": self.server.drain,
            "cancel": self.cancel,
        }
        if name == "turn":
            await settled()
        elif name == "wait":
            self.now += float(data)
            self.server.at(self.now)
        elif name == "request":
            self.request(client, data)
        else:
            acts[name]()

    def request(self, client: Client, seed: bytes) -> None:
        """Each has a path of its own."""
        self.requests += 1
        path = b"/%d" % self.requests
        if seed == b"HANDSHAKE":
            client.send(handshake(path))
        else:
            client.send(seed.replace(b"/%d", path).replace(b"%b", b""))

    def cancel(self) -> None:
        for each in list(self.server.service.running):
            if each.task is not None:
                each.task.cancel()

    async def end(self) -> None:
        await settled()
        self.app.over.set()
        await settled()
        for client in self.clients:
            client.transport.take()
            client.transport.lose()
        await settled()
        await settled()


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.large_base_example],
)
@given(
    acts=st.lists(st.tuples(st.integers(0, CLIENTS - 1), CLIENT), min_size=1, max_size=14),
    scripts=st.lists(st.lists(STEPS, max_size=7), min_size=1, max_size=3),
    eager=st.booleans(),
    turns=st.booleans(),
    gone=st.sampled_from([None, 0.0]),
)
def test_no_order_of_events_leaves_anything_behind(
    acts: list[tuple[int, tuple[str, bytes]]],
    scripts: list[list[str]],
    eager: bool,
    turns: bool,
    gone: float | None,
) -> None:
    unexpected: list[Any] = []

    async def scenario() -> Play:
        asyncio.get_running_loop().set_exception_handler(lambda loop, context: unexpected.append(context))
        limits = {"max_concurrent_requests": 1} if turns else {}
        play = Play(scripts, {"eager_tasks": eager, "cancel_on_disconnect_seconds": gone, **limits})
        for number, (name, data) in acts:
            await play.act(play.clients[number], name, data)
        await play.end()
        return play

    logging.getLogger("penstock.application").disabled = True
    try:
        play = asyncio.run(scenario())
    finally:
        logging.getLogger("penstock.application").disabled = False
    assert unexpected == []
    assert not play.server.service.running
    assert len(play.server.sweep) == 0
    paths = [each.path for each in play.server.log if each.path]  # without one it was no request
    assert len(set(paths)) == len(paths)
    assert all(each.status >= 400 for each in play.server.log if not each.path)
    assert set(play.app.paths) <= set(paths)
    assert len(set(play.app.paths)) == len(play.app.paths)
    assert all(each.status for each in play.server.log)
    for task in play.app.beside:
        assert task.done()
        assert task.cancelled() or not isinstance(task.exception(), LocalProtocolError)
