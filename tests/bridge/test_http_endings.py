"""Each way in which an exchange can end, what the client then sees, and the one line of the access log."""

import asyncio
import gc
import logging
from collections.abc import Callable
from typing import Any

import pytest
from tests.support.wired import Record, Server, get, post, settled

from penstock.base.asgi import Message, Receive, Scope, Send
from penstock.bridge.http import HttpExchange

Serve = Callable[..., Server]

START: Message = {"type": "http.response.start", "status": 201, "headers": [(b"a", b"b")]}
BODY: Message = {"type": "http.response.body", "body": b"done"}
PART: Message = {"type": "http.response.body", "body": b"part", "more_body": True}


class Held:
    """An application that sends some messages, waits to be released, and then does `end`."""

    def __init__(self, *messages: Message, end: Callable[[Receive, Send], Any] | None = None) -> None:
        self.messages = messages
        self.end = end
        self.cancelled = 0
        self.release = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        for message in self.messages:
            await send(message)
        while not self.release.is_set():
            try:
                await self.release.wait()
            except asyncio.CancelledError:
                self.cancelled += 1
                raise
        if self.end is not None:
            await self.end(receive, send)


async def fail(receive: Receive, send: Send) -> None:
    raise RuntimeError("a bug")


async def answer(receive: Receive, send: Send) -> None:
    await send(START)
    await send(BODY)


async def go_on(receive: Receive, send: Send) -> None:
    await send(PART)


def errors(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [each.getMessage() for each in caplog.records if each.levelno >= logging.WARNING]


async def finish(app: Held) -> None:
    app.release.set()
    await settled()


async def test_a_complete_exchange_is_recorded_once_with_what_was_sent(serve: Serve) -> None:
    server = serve(Held(START, PART, BODY))
    client = server.connect()
    await client.ask(get(b"/there"))
    assert server.log == [Record("/there", 201, [(b"a", b"b")], 8)]
    client.transport.lose()
    await settled()
    assert len(server.log) == 1


async def test_asgi_069_an_application_that_fails_before_the_head_is_out_becomes_a_500(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    app = Held(START, end=fail)
    server = serve(app)
    client = server.connect()
    await client.ask(get(b"/x"))
    await finish(app)
    assert client.read().startswith(b"HTTP/1.1 500 Internal Server Error\r\n")
    assert client.transport.eof_written
    assert [(each.path, each.status, each.fields) for each in server.log] == [("/x", 500, [])]
    assert errors(caplog) == ["the application failed in 'GET /x'"]
    assert caplog.records[0].exc_info is not None


async def test_asgi_069_an_application_that_fails_behind_the_head_cuts_the_connection(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    app = Held(START, PART, end=fail)
    server = serve(app)
    client = server.connect()
    await client.ask(get())
    await finish(app)
    assert client.ended == "aborted"
    assert server.log.statuses == [201]
    assert errors(caplog) == ["the application failed in 'GET /'"]


async def test_asgi_070_an_application_that_returns_without_a_response_becomes_a_500(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    app = Held()
    server = serve(app)
    client = server.connect()
    await client.ask(get())
    await finish(app)
    assert client.read().startswith(b"HTTP/1.1 500 ")
    assert server.log.statuses == [500]
    assert errors(caplog) == ["the application failed in 'GET /'"]


async def test_asgi_070_an_application_that_returns_inside_its_body_cuts_the_connection(serve: Serve) -> None:
    app = Held(START, PART)
    server = serve(app)
    client = server.connect()
    await client.ask(get())
    await finish(app)
    assert client.ended == "aborted"
    assert server.log.statuses == [201]


async def test_an_application_that_fails_behind_its_response_is_told_and_the_connection_lives_on(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    app = Held(START, BODY, end=fail)
    server = serve(app)
    client = server.connect()
    await client.ask(get())
    await finish(app)
    assert client.ended == ""
    assert server.log.statuses == [201]
    assert errors(caplog) == ["the application failed in 'GET /'"]


async def test_a_task_that_still_receives_when_the_application_has_failed_goes_on(serve: Serve) -> None:
    tasks: list[asyncio.Task[Message]] = []

    async def leave_a_task(receive: Receive, send: Send) -> None:
        await receive()
        tasks.append(asyncio.ensure_future(receive()))
        await asyncio.sleep(0)
        raise RuntimeError("a bug")

    for messages in ((), (START, PART)):
        app = Held(*messages, end=leave_a_task)
        client = serve(app).connect()
        await client.ask(get())
        await finish(app)
        assert (await tasks.pop())["type"] == "http.disconnect"


async def test_a_cancelled_application_is_answered_for_when_nothing_was_sent(serve: Serve) -> None:
    app = Held(START)
    server = serve(app)
    client = server.connect()
    await client.ask(get())
    for each in server.service.running:
        assert each.task is not None
        each.task.cancel()
    await settled()
    assert client.read().startswith(b"HTTP/1.1 500 ")
    assert server.log.statuses == [500]


async def test_an_application_that_is_cancelled_before_its_first_step_is_answered_for_too(
    serve: Serve,
) -> None:
    app = Held(START)
    server = serve(app, max_concurrent_requests=1)
    clients = [server.connect() for _ in range(2)]
    for client in clients:
        client.send(get())
    for each in list(server.service.running):
        assert each.task is not None
        each.task.cancel()
    await settled()
    assert clients[0].read().startswith(b"HTTP/1.1 500 ")
    assert len(server.service.running) == 1
    await finish(app)
    assert server.log.statuses[0] == 500


async def test_an_application_that_the_end_of_the_server_cancels_is_answered_for_with_a_503(
    serve: Serve,
) -> None:
    app = Held(START)
    server = serve(app)
    client = server.connect()
    await client.ask(get())
    server.drain()
    for each in server.service.running:
        assert each.task is not None
        each.task.cancel()
    await settled()
    assert client.read().startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
    assert server.log.statuses == [503]


def test_a_keyboard_interrupt_goes_through_and_leaves_nothing_running(serve: Serve) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise KeyboardInterrupt

    servers: list[Server] = []

    async def scenario() -> None:
        servers.append(serve(app))
        servers[0].connect().send(get())
        await asyncio.Event().wait()

    with pytest.raises(KeyboardInterrupt), asyncio.Runner() as runner:
        runner.run(scenario())
    assert not servers[0].service.running
    assert servers[0].log.statuses == [500]


async def test_a_finished_exchange_and_its_connection_are_freed_without_the_garbage_collector(
    serve: Serve,
) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send(START)
        await send(PART)
        await asyncio.sleep(0)
        await send(BODY)

    server = serve(app)
    gc.collect()
    before = exchanges()
    gc.disable()
    try:
        client = server.connect()
        await client.ask(get())
        await client.ask(post(b"abc"))
        client.transport.lose()
        await settled()
        del client
        assert exchanges() == before
    finally:
        gc.enable()


def exchanges() -> int:
    return sum(type(each) is HttpExchange for each in gc.get_objects())
