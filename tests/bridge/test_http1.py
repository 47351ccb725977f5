"""Requests one behind the other on a connection, and how a connection ends."""

import asyncio
import logging
import sys
from collections.abc import Callable

import pytest
from tests.support.wired import Server, get, post, settled

from penstock.base.asgi import Message, Receive, Scope, Send

Serve = Callable[..., Server]

START: Message = {"type": "http.response.start", "status": 200}
BODY: Message = {"type": "http.response.body", "body": b"done"}
ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ndone"


class Router:
    """Answers at once, except below /wait: there it waits until the test releases it."""

    def __init__(self, body: bytes = b"done") -> None:
        self.paths: list[str] = []
        self.release = asyncio.Event()
        self.body = body

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.paths.append(scope["path"])
        if scope["path"].startswith("/wait"):
            await self.release.wait()
        await send(START)
        await send({"type": "http.response.body", "body": self.body})
        if scope["path"].startswith("/background"):
            await self.release.wait()


async def test_asgi_073_a_connection_serves_request_behind_request(serve: Serve) -> None:
    app = Router()
    client = serve(app).connect()
    for _ in range(3):
        assert await client.ask(get()) == ANSWER
        assert await client.ask(post(b"body")) == ANSWER
    assert client.ended == ""


async def test_pipelined_requests_are_answered_in_their_order_one_at_a_time(serve: Serve) -> None:
    app = Router()
    client = serve(app).connect()
    assert await client.ask(get(b"/1") + get(b"/wait") + get(b"/3")) == ANSWER
    assert app.paths == ["/1", "/wait"]
    app.release.set()
    await settled()
    assert client.read() == ANSWER * 2
    assert app.paths == ["/1", "/wait", "/3"]


async def test_any_number_of_pipelined_requests_is_answered_without_nesting(serve: Serve) -> None:
    app = Router()
    client = serve(app).connect()
    count = sys.getrecursionlimit() * 2
    client.send(get() * count)
    while len(app.paths) < count:
        await settled()
    await settled()
    assert client.read() == ANSWER * count


async def test_a_client_that_pipelines_and_reads_nothing_is_held_back(serve: Serve) -> None:
    app = Router(b"x" * 1000)
    client = serve(app, write_buffer_bytes=5000, read_buffer_bytes=5000).connect()
    client.transport.fill()
    request = get()
    for _ in range(1000):
        client.send(request)
        await asyncio.sleep(0)
    await settled()
    # Answers leave at the end of a turn: a task that the loop starts is one request ahead of the full buffer.
    assert len(app.paths) == (5 if serve.keywords["eager_tasks"] else 6)
    assert not client.transport.reading
    assert client.transport.get_write_buffer_size() < 7000
    while len(app.paths) < 1000:
        client.transport.take()
        client.transport.fill()
        await settled()
    client.transport.take()
    await settled()
    assert client.read().count(b"200 OK") == 1000
    assert client.transport.reading


async def test_work_behind_a_response_does_not_hold_the_next_request(serve: Serve) -> None:
    app = Router()
    server = serve(app)
    client = server.connect()
    assert await client.ask(get(b"/background")) == ANSWER
    assert await client.ask(get(b"/next")) == ANSWER
    assert len(server.service.running) == 1
    app.release.set()
    await settled()
    assert not server.service.running
    assert client.read() == b""


async def test_a_client_that_pipelines_and_closes_its_half_gets_all_its_answers(serve: Serve) -> None:
    app = Router()
    client = serve(app).connect()
    client.send(get(b"/1") + get(b"/wait") + get(b"/3"))
    client.transport.feed_eof()
    await settled()
    app.release.set()
    await settled()
    answer = client.read()
    assert answer.startswith(ANSWER * 2)
    assert answer.count(b"\r\n\r\ndone") == 3
    assert client.ended == "closed"


async def test_an_idle_connection_ends_with_the_clients_half(serve: Serve) -> None:
    server = serve(Router())
    client = server.connect()
    await client.ask(get())
    client.transport.feed_eof()
    await settled()
    assert client.ended == "closed"
    assert len(server.sweep) == 0


async def test_a_bad_request_is_answered_and_told_to_whoever_looks(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    app = Router()
    server = serve(app)
    client = server.connect()
    answer = await client.ask(b"nonsense\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert client.transport.eof_written
    assert app.paths == []
    (line,) = server.log
    assert (line.status, line.path, line.body_bytes) == (400, "", len(answer.partition(b"\r\n\r\n")[2]))
    assert [(each.levelname, each.getMessage()[:11]) for each in caplog.records] == [("DEBUG", "192.0.2.1: ")]


async def test_a_bad_request_behind_a_good_one_is_answered_behind_its_answer(serve: Serve) -> None:
    app = Router()
    server = serve(app)
    client = server.connect()
    client.send(get(b"/wait") + b"nonsense\r\n\r\n")
    await settled()
    app.release.set()
    await settled()
    answer = client.read()
    assert answer.startswith(ANSWER + b"HTTP/1.1 400 ")
    assert server.log.statuses == [200, 400]


async def test_a_request_whose_body_is_wrong_from_the_start_reaches_no_application(serve: Serve) -> None:
    app = Router()
    server = serve(app)
    head = b"POST / HTTP/1.1\r\nhost: test\r\ntransfer-encoding: chunked\r\n\r\n"
    answer = await server.connect().ask(head + b"nonsense\r\n")
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert app.paths == []
    assert server.log.statuses == [400]


async def test_a_head_that_takes_too_long_is_answered_with_408(serve: Serve) -> None:
    server = serve(Router(), head_seconds=10)
    client = server.connect()
    client.send(b"GET / HT")
    server.at(0)
    client.send(b"TP/1.1\r\n")
    server.at(9.9)
    assert client.read() == b""
    server.at(10)
    assert client.read().startswith(b"HTTP/1.1 408 ")
    assert server.log.statuses == [408]


async def test_a_body_that_comes_too_slowly_is_answered_told_and_logged_as_408(serve: Serve) -> None:
    app = Router()
    server = serve(app, min_body_bytes_per_second=100, body_grace_seconds=10)
    client = server.connect()
    await client.ask(b"POST /wait HTTP/1.1\r\nhost: test\r\ncontent-length: 5\r\n\r\nabc")
    server.at(0)
    server.at(10)
    assert client.read().startswith(b"HTTP/1.1 408 ")
    assert server.log.statuses == [408]
    app.release.set()
    await settled()
    assert len(server.log) == 1


async def test_a_body_that_the_application_does_not_take_is_not_called_slow(serve: Serve) -> None:
    app = Router()
    server = serve(app, min_body_bytes_per_second=100, body_grace_seconds=10, read_buffer_bytes=1000)
    client = server.connect()
    await client.ask(b"POST /wait HTTP/1.1\r\nhost: test\r\ncontent-length: 5000\r\n\r\n" + b"x" * 1000)
    assert not client.transport.reading
    for seconds in range(0, 100, 5):
        server.at(seconds)
    assert client.read() == b""
    app.release.set()
    await settled()
    assert client.read().startswith(b"HTTP/1.1 200 OK\r\n")


async def test_an_idle_connection_is_closed_when_its_time_is_over(serve: Serve) -> None:
    server = serve(Router(), keep_alive_seconds=75)
    client = server.connect()
    await client.ask(get())
    server.at(0)
    server.at(74)
    assert client.ended == ""
    server.at(75)
    assert client.ended == "closed"
    assert client.read() == b""


async def test_a_drain_closes_an_idle_connection_and_lets_a_running_request_end(serve: Serve) -> None:
    app = Router()
    server = serve(app)
    idle, busy = server.connect(), server.connect()
    await idle.ask(get())
    await busy.ask(get(b"/wait"))
    server.drain()
    assert idle.ended == "closed"
    assert busy.ended == ""
    app.release.set()
    await settled()
    assert busy.read() == b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\nconnection: close\r\n\r\ndone"
    assert busy.ended == "closed"


async def test_a_drain_leaves_pipelined_requests_to_the_clients_next_connection(serve: Serve) -> None:
    app = Router()
    server = serve(app)
    client = server.connect()
    await client.ask(get(b"/wait") + get(b"/2"))
    server.drain()
    app.release.set()
    await settled()
    assert client.read().count(b"HTTP/1.1 200 OK\r\n") == 1
    assert app.paths == ["/wait"]
    assert client.transport.eof_written or client.ended


async def test_one_connection_too_many_is_answered_with_503(serve: Serve) -> None:
    app = Router()
    server = serve(app, max_connections=1)
    first, second = server.connect(), server.connect()
    answer = second.read()
    assert answer.startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
    assert b"retry-after: 1\r\n" in answer
    assert server.log.statuses == [503]
    assert second.transport.eof_written
    second.send(get())
    assert await first.ask(get()) == ANSWER
    second.transport.feed_eof()
    first.transport.lose()
    await settled()
    assert await server.connect().ask(get()) == ANSWER
    assert app.paths == ["/", "/"]
