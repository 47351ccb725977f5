"""Requests that wait for their turn, as clients and applications see it."""

import asyncio
from collections.abc import Callable

from tests.support.wired import Client, Server, get, settled

from penstock.base.asgi import Message, Receive, Scope, Send

Serve = Callable[..., Server]

START: Message = {"type": "http.response.start", "status": 200}
BODY: Message = {"type": "http.response.body", "body": b"done"}


class Gates:
    """Each request waits until the test opens the gate of its path."""

    def __init__(self) -> None:
        self.started: list[str] = []
        self.gates: dict[str, asyncio.Event] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        self.started.append(path)
        await self.gates.setdefault(path, asyncio.Event()).wait()
        await receive()
        await send(START)
        await send(BODY)

    async def open(self, path: str) -> None:
        self.gates.setdefault(path, asyncio.Event()).set()
        await settled()


async def ask(server: Server, *paths: bytes) -> list[Client]:
    clients = [server.connect() for _ in paths]
    for client, path in zip(clients, paths, strict=True):
        client.send(get(path))
    await settled()
    return clients


async def test_requests_wait_for_their_turn_in_the_order_of_arrival(serve: Serve) -> None:
    app = Gates()
    server = serve(app, max_concurrent_requests=2)
    await ask(server, b"/a", b"/b", b"/c", b"/d")
    assert app.started == ["/a", "/b"]
    await app.open("/b")
    assert app.started == ["/a", "/b", "/c"]
    await app.open("/a")
    assert app.started == ["/a", "/b", "/c", "/d"]
    await app.open("/c")
    await app.open("/d")
    assert server.log.statuses == [200] * 4


async def test_a_full_waiting_room_answers_503_with_retry_after(serve: Serve) -> None:
    app = Gates()
    server = serve(app, max_concurrent_requests=1, max_waiting_requests=1)
    clients = await ask(server, b"/a", b"/b", b"/c")
    answer = clients[2].read()
    assert answer.startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
    assert b"retry-after: 1\r\n" in answer
    await app.open("/a")
    await app.open("/b")
    assert [(each.path, each.status) for each in server.log] == [("/c", 503), ("/a", 200), ("/b", 200)]


async def test_a_request_that_waited_too_long_is_answered_with_503(serve: Serve) -> None:
    app = Gates()
    server = serve(app, max_concurrent_requests=1, waiting_seconds=10)
    _, waiting = await ask(server, b"/a", b"/b")
    server.at(0)
    server.at(9.9)
    assert waiting.read() == b""
    server.at(10)
    answer = waiting.read()
    assert answer.startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
    assert b"retry-after: 1\r\n" in answer
    await app.open("/a")
    assert app.started == ["/a"]
    assert server.log.statuses == [503, 200]


async def test_a_client_that_goes_while_it_waits_is_never_served_and_gives_its_place_away(
    serve: Serve,
) -> None:
    app = Gates()
    server = serve(app, max_concurrent_requests=1, max_waiting_requests=1)
    _, gone = await ask(server, b"/a", b"/gone")
    gone.transport.lose()
    await ask(server, b"/c")
    await app.open("/a")
    await app.open("/c")
    assert app.started == ["/a", "/c"]
    assert server.log.statuses == [499, 200, 200]


async def test_a_client_that_closes_its_half_while_it_waits_is_served(serve: Serve) -> None:
    app = Gates()
    server = serve(app, max_concurrent_requests=1)
    _, half = await ask(server, b"/a", b"/b")
    half.transport.feed_eof()
    await app.open("/a")
    await app.open("/b")
    assert half.read().endswith(b"\r\n\r\ndone")


async def test_work_behind_a_response_keeps_its_turn(serve: Serve) -> None:
    release = asyncio.Event()
    started: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        started.append(scope["path"])
        await send(START)
        await send(BODY)
        await release.wait()

    server = serve(app, max_concurrent_requests=1)
    await ask(server, b"/a", b"/b")
    assert started == ["/a"]
    release.set()
    await settled()
    assert started == ["/a", "/b"]


async def test_a_failed_and_a_cancelled_application_give_their_turns_away(serve: Serve) -> None:
    started: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        started.append(scope["path"])
        if scope["path"] == "/fail":
            raise RuntimeError("a bug")
        await asyncio.Event().wait()

    server = serve(app, max_concurrent_requests=1)
    await ask(server, b"/fail", b"/a", b"/b")
    assert started == ["/fail", "/a"]
    for each in list(server.service.running):
        assert each.task is not None
        each.task.cancel()
    await settled()
    assert started == ["/fail", "/a", "/b"]


async def test_hundreds_that_wait_are_answered_at_once_when_their_turn_comes(serve: Serve) -> None:
    first = asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/first":
            await first.wait()
        await send(START)
        await send(BODY)

    server = serve(app, max_concurrent_requests=1)
    clients = await ask(server, b"/first", *[b"/next"] * 600)
    first.set()
    while not clients[-1].transport.written:
        await settled()
    assert server.log.statuses == [200] * 601
