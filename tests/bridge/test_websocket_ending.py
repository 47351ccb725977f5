"""Each way in which an open WebSocket can end: for the client, for the application, in the log."""

import asyncio
import gc
import logging
from collections.abc import Callable
from typing import Any

import pytest
from tests.bridge.test_websocket_handshake import Session
from tests.bridge.test_websocket_messages import opened
from tests.support.wired import Client, Server, handshake, settled, timers_fired

from penstock.base.asgi import Message, Receive, Scope, Send
from penstock.base.errors import ClientDisconnected, LocalProtocolError
from penstock.bridge.websocket import WebSocketSession
from penstock.testing.wire import ServerFrame, websocket_close, websocket_frame, websocket_text

Serve = Callable[..., Server]

CLOSE = 8


def disconnect(code: int, reason: str = "") -> Message:
    return {"type": "websocket.disconnect", "code": code, "reason": reason}


def close_frame(code: int, reason: str = "") -> ServerFrame:
    return ServerFrame(CLOSE, code.to_bytes(2, "big") + reason.encode())


def code_of(client: Client) -> int:
    (frame,) = client.frames()
    assert frame.opcode == CLOSE
    return int.from_bytes(frame.payload[:2], "big")


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (websocket_close(4002, "bye"), disconnect(4002, "bye")),
        (websocket_close(1000), disconnect(1000)),
        (websocket_close(), disconnect(1005)),
    ],
)
async def test_asgi_107_108_a_close_of_the_client_is_told_with_its_code_and_reason(
    serve: Serve, frame: bytes, message: Message
) -> None:
    app = Session()
    server = serve(app)
    client = await opened(app, server)
    await client.say(frame)
    assert await app.receive() == message
    assert await app.receive() == message
    assert client.ended == "closed"
    assert server.log.statuses == [101]
    await app.finish()
    assert len(server.log) == 1


async def test_messages_in_front_of_the_clients_close_are_received_first(serve: Serve) -> None:
    app = Session()
    client = await opened(app, serve(app))
    client.send(websocket_text("last words") + websocket_close(1000))
    assert (await app.receive())["text"] == "last words"
    assert await app.receive() == disconnect(1000)
    await app.finish()


@pytest.mark.parametrize("how", ["eof", "reset"])
async def test_asgi_107_a_lost_connection_is_1006(serve: Serve, how: str) -> None:
    app = Session()
    server = serve(app)
    client = await opened(app, server)
    waiting = asyncio.ensure_future(app.receive())
    if how == "eof":
        client.transport.feed_eof()
    else:
        client.transport.lose(ConnectionResetError())
    assert await waiting == disconnect(1006)
    await settled()
    assert len(server.sweep) == 0
    assert server.log.statuses == [101]
    await app.finish()
    assert len(server.log) == 1


async def test_asgi_109_a_send_after_the_end_raises_an_oserror(serve: Serve) -> None:
    app = Session()
    client = await opened(app, serve(app))
    client.send(websocket_close(1000))
    for message in ({"type": "websocket.send", "text": "a"}, {"type": "websocket.close"}):
        with pytest.raises(ClientDisconnected) as raised:
            await app.send(message)
        assert isinstance(raised.value, OSError)
    await app.finish()


@pytest.mark.parametrize(
    ("message", "frame"),
    [
        ({}, close_frame(1000)),
        ({"code": 4001, "reason": "grün"}, close_frame(4001, "grün")),
        ({"code": 1001, "reason": None}, close_frame(1001)),
    ],
)
async def test_asgi_106_the_application_closes_with_its_code_and_reason(
    serve: Serve, message: dict[str, Any], frame: ServerFrame
) -> None:
    app = Session()
    server = serve(app)
    client = await opened(app, server)
    await app.send({"type": "websocket.close", **message})
    assert client.frames() == [frame]
    assert client.ended == ""
    await client.say(websocket_close(int.from_bytes(frame.payload[:2], "big")))
    assert client.ended == "closed"
    assert (await app.receive())["type"] == "websocket.disconnect"
    assert server.log.statuses == [101]
    await app.finish()


@pytest.mark.parametrize("code", [999, 1005, 1006, 1016, 5000, "1000"])
async def test_a_close_code_that_may_not_be_sent_is_an_error_and_the_websocket_lives_on(
    serve: Serve, code: Any
) -> None:
    app = Session()
    client = await opened(app, serve(app))
    with pytest.raises(LocalProtocolError, match="close code"):
        await app.send({"type": "websocket.close", "code": code})
    await app.send({"type": "websocket.send", "text": "still here"})
    assert client.frames() == [ServerFrame(1, b"still here")]
    await app.finish()


async def test_nothing_can_be_sent_behind_the_applications_own_close(serve: Serve) -> None:
    app = Session()
    await opened(app, serve(app))
    await app.send({"type": "websocket.close"})
    for message in ({"type": "websocket.send", "text": "a"}, {"type": "websocket.close"}):
        with pytest.raises(LocalProtocolError, match=r"nothing behind websocket\.close"):
            await app.send(message)
    await app.finish()


async def test_a_client_that_does_not_answer_a_close_is_let_go_in_time(serve: Serve) -> None:
    app = Session()
    server = serve(app, close_seconds=5)
    client = await opened(app, server)
    await app.send({"type": "websocket.close"})
    server.at(0)
    server.at(4.9)
    assert client.ended == ""
    server.at(5)
    assert client.ended == "closed"
    assert (await app.receive())["code"] == 1006
    await app.finish()


async def test_a_full_inbox_does_not_keep_the_clients_answer_to_a_close_unread(serve: Serve) -> None:
    app = Session()
    client = await opened(app, serve(app, read_buffer_bytes=1000))
    client.send(websocket_text("a" * 1000))
    client.send(websocket_text("b" * 1000) + websocket_close(1000))
    assert not client.transport.reading
    await app.send({"type": "websocket.close"})
    await settled()
    assert client.ended == "closed"
    assert (await app.receive())["text"] == "a" * 1000
    assert await app.receive() == disconnect(1000)
    await app.finish()


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (websocket_frame(1, b"a", key=None), 1002),
        (websocket_frame(1, b"\xff"), 1007),
        (websocket_frame(1, b"a" * 2000), 1009),
    ],
)
async def test_asgi_101_a_fault_of_the_client_is_closed_with_its_code_and_told_as_1006(
    serve: Serve, frame: bytes, code: int
) -> None:
    app = Session()
    server = serve(app, max_message_bytes=1000)
    client = await opened(app, server)
    client.send(frame)
    assert code_of(client) == code
    assert client.transport.eof_written
    assert (await app.receive())["code"] == 1006
    assert server.log.statuses == [101]
    client.transport.feed_eof()
    await settled()
    assert len(server.sweep) == 0
    await app.finish()
    assert len(server.log) == 1


async def test_a_client_that_lingers_behind_its_fault_is_cut_in_time(serve: Serve) -> None:
    app = Session()
    server = serve(app, close_seconds=5)
    client = await opened(app, server)
    client.send(websocket_frame(1, b"a", key=None))
    server.at(0)
    client.send(b"more of it")
    server.at(4.9)
    assert client.ended == ""
    server.at(5)
    assert client.ended == "aborted"
    await app.finish()


async def test_asgi_110_an_application_that_returns_closes_with_1000(serve: Serve) -> None:
    app = Session()
    server = serve(app)
    client = await opened(app, server)
    await app.finish()
    assert code_of(client) == 1000
    assert not server.service.running
    assert len(server.log) == 0
    await client.say(websocket_close(1000))
    assert client.ended == "closed"
    assert server.log.statuses == [101]


async def test_asgi_110_an_application_that_fails_closes_with_1011(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await session(scope, receive, send)
        raise RuntimeError("a bug")

    session = Session()
    client = await opened(session, serve(app))
    await session.finish()
    assert code_of(client) == 1011
    assert "the application failed in 'websocket /'" in caplog.text


async def test_messages_for_an_application_that_has_ended_are_dropped(serve: Serve) -> None:
    app = Session()
    client = await opened(app, serve(app, read_buffer_bytes=1000))
    client.send(websocket_text("a" * 1000))
    assert not client.transport.reading
    await app.finish()
    assert client.transport.reading
    for _ in range(10):
        client.send(websocket_text("b" * 1000))
    assert client.transport.reading
    await client.say(websocket_close(1000))
    assert client.ended == "closed"


async def test_a_disconnect_that_escapes_the_application_is_not_logged(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await session(scope, receive, send)
        await send({"type": "websocket.send", "text": "a"})

    session = Session()
    client = await opened(session, serve(app))
    client.transport.lose()
    await session.finish()
    assert [each for each in caplog.records if each.levelno >= logging.WARNING] == []


async def test_a_cancelled_application_closes_with_1011(serve: Serve) -> None:
    app = Session()
    server = serve(app)
    client = await opened(app, server)
    for each in server.service.running:
        assert each.task is not None
        each.task.cancel()
    await settled()
    assert code_of(client) == 1011
    assert not server.service.running


async def test_asgi_111_an_application_whose_client_has_gone_runs_on(serve: Serve) -> None:
    app = Session()
    server = serve(app)
    client = await opened(app, server)
    client.transport.lose()
    await settled()
    assert len(server.service.running) == 1
    await app.finish()
    assert app.returned


async def test_an_application_that_ignores_the_end_is_cancelled_when_its_time_is_over(serve: Serve) -> None:
    app = Session()
    server = serve(app, cancel_on_disconnect_seconds=0)
    client = await opened(app, server)
    client.transport.lose()
    await timers_fired()
    assert not server.service.running
    assert not app.returned


async def test_a_client_that_closes_right_behind_its_handshake_counts_as_gone_too(serve: Serve) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "websocket.accept"})
        await session(scope, receive, send)

    session = Session()
    server = serve(app, cancel_on_disconnect_seconds=0)
    client = server.connect()
    client.send(handshake() + websocket_close(1000))
    await timers_fired()
    assert not server.service.running
    assert not session.returned


async def test_a_drain_closes_an_open_websocket_with_1012_and_tells_the_application(serve: Serve) -> None:
    app = Session()
    server = serve(app)
    client = await opened(app, server)
    waiting = asyncio.ensure_future(app.receive())
    server.drain()
    assert code_of(client) == 1012
    with pytest.raises(ClientDisconnected):
        await app.send({"type": "websocket.send", "text": "a"})
    server.drain()
    assert client.frames() == []
    await client.say(websocket_close(1012))
    assert await waiting == disconnect(1012)
    assert client.ended == "closed"
    await app.finish()
    assert server.log.statuses == [101]


async def test_a_drain_leaves_a_websocket_that_is_closing_alone(serve: Serve) -> None:
    app = Session()
    server = serve(app)
    client = await opened(app, server)
    await app.send({"type": "websocket.close"})
    server.drain()
    assert code_of(client) == 1000
    await app.finish()


async def test_what_the_log_counts_are_the_bytes_of_all_frames(serve: Serve) -> None:
    app = Session()
    server = serve(app)
    client = await opened(app, server)
    await app.send({"type": "websocket.send", "text": "12345"})
    client.send(websocket_close(1000))
    assert server.log[0].body_bytes == len(client.read()) == 7 + 4
    await app.finish()


@pytest.mark.parametrize("first", ["client", "application"])
async def test_an_ended_websocket_is_freed_without_the_garbage_collector(serve: Serve, first: str) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await session(scope, receive, send)
        del session.scope, session.receive, session.send

    session = Session()
    server = serve(app)
    gc.collect()
    before = sessions()
    gc.disable()
    try:
        client = await opened(session, server)
        if first == "client":
            await client.say(websocket_close(1000))
            await session.finish()
        else:
            await session.finish()
            await client.say(websocket_close(1000))
        await settled()
        del client
        assert sessions() == before
    finally:
        gc.enable()


def sessions() -> int:
    return sum(type(each) is WebSocketSession for each in gc.get_objects())
