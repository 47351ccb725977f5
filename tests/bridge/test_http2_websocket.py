"""WebSocket over HTTP/2 (RFC 8441): the same session as over HTTP/1.1, on a stream of its own."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from tests.support.held_calls import Calls
from tests.support.http2_wire import ACK, frame, reset, window_update
from tests.support.wired import Server, settled
from tests.support.wired_http2 import CONNECT, Answer, Peer

from penstock.base.asgi import Message
from penstock.base.errors import ClientDisconnected
from penstock.testing.wire import (
    ServerFrame,
    read_server_frames,
    websocket_binary,
    websocket_close,
    websocket_text,
)

Serve = Callable[..., Server]

ACCEPT: Message = {"type": "websocket.accept"}
TEXT, CLOSE, PING = 1, 8, 9
INITIAL_WINDOW = 4


class Socket:
    """A WebSocket on a stream; `call` is the application's end once `opened` or `asked`."""

    def __init__(self, app: Calls, server: Server, *settings: tuple[int, int]) -> None:
        self.app = app
        self.peer = Peer(server, *settings)

    async def asked(self, *fields: tuple[bytes, bytes], early: bytes = b"") -> "Socket":
        self.stream_id = await self.peer.opens([*CONNECT, *fields])
        if early:
            await self.peer.sends(self.stream_id, early)
        return self

    async def opened(self, *fields: tuple[bytes, bytes], early: bytes = b"") -> "Socket":
        await self.asked(*fields, early=early)
        assert await self.call.receive() == {"type": "websocket.connect"}
        await self.call.send(ACCEPT)
        await self.peer.settled()
        assert self.answer.status == 200
        return self

    @property
    def call(self) -> Any:
        return self.app[-1]

    @property
    def answer(self) -> Answer:
        return self.peer.answers[self.stream_id]

    async def says(self, octets: bytes, end: bool = False) -> None:
        await self.peer.sends(self.stream_id, octets, end)

    async def frames(self) -> list[ServerFrame]:
        """All frames that came."""
        await self.peer.settled()
        return read_server_frames(self.answer.body)


def sent(text: str) -> Message:
    return {"type": "websocket.send", "text": text}


async def test_the_scope_is_that_of_a_websocket_over_http_2(serve: Serve) -> None:
    app = Calls()
    socket = await Socket(app, serve(app)).asked((b"sec-websocket-protocol", b"chat, superchat"))
    scope = socket.call.scope
    assert (scope["type"], scope["http_version"], scope["scheme"]) == ("websocket", "2", "ws")
    assert scope["subprotocols"] == ["chat", "superchat"]
    assert scope["extensions"] == {"websocket.http.response": {}}
    await app.finish()


async def test_messages_go_both_ways_and_the_access_log_has_one_line(serve: Serve) -> None:
    app = Calls()
    server = serve(app)
    socket = await Socket(app, server).opened()
    await socket.says(websocket_text("grün") + websocket_binary(b"\0"))
    assert await socket.call.receive() == {"type": "websocket.receive", "text": "grün"}
    assert await socket.call.receive() == {"type": "websocket.receive", "bytes": b"\0"}
    await socket.call.send(sent("back"))
    assert await socket.frames() == [ServerFrame(TEXT, b"back")]
    await socket.says(websocket_close(1000))
    assert await socket.call.receive() == {"type": "websocket.disconnect", "code": 1000, "reason": ""}
    await socket.frames()
    assert socket.answer.ended
    assert server.log.statuses == [200]
    await app.finish()


async def test_the_chosen_subprotocol_and_deflate_are_told_and_no_key(serve: Serve) -> None:
    app = Calls()
    offers = ((b"sec-websocket-protocol", b"chat"), (b"sec-websocket-extensions", b"permessage-deflate"))
    socket = await Socket(app, serve(app)).asked(*offers)
    await socket.call.send({**ACCEPT, "subprotocol": "chat", "headers": [(b"x", b"y")]})
    await socket.peer.settled()
    names = [name for name, _ in socket.answer.fields]
    assert names == [b"sec-websocket-protocol", b"sec-websocket-extensions", b"x"]
    await app.finish()


async def test_what_comes_before_the_answer_is_kept(serve: Serve) -> None:
    app = Calls()
    socket = await Socket(app, serve(app)).opened(early=websocket_text("early"))
    assert (await socket.call.receive())["text"] == "early"
    await app.finish()


async def test_other_streams_are_not_touched(serve: Serve) -> None:
    app = Calls()
    socket = await Socket(app, serve(app)).opened()
    websocket = socket.call
    await socket.peer.get(b"/beside")
    await app[1].respond(b"beside")
    await websocket.send(sent("still open"))
    assert await socket.frames() == [ServerFrame(TEXT, b"still open")]
    assert socket.peer.answers[3].body == b"beside"
    await app.finish()


async def test_a_refusal_is_a_403(serve: Serve) -> None:
    app = Calls()
    server = serve(app)
    socket = await Socket(app, server).asked()
    await socket.call.send({"type": "websocket.close"})
    await socket.peer.settled()
    assert (socket.answer.status, socket.answer.ended, server.log.statuses) == (403, True, [403])
    await app.finish()


async def test_a_denial_is_a_response_of_the_application(serve: Serve) -> None:
    app = Calls()
    socket = await Socket(app, serve(app)).asked()
    start = {"type": "websocket.http.response.start", "status": 401, "headers": [(b"a", b"b")]}
    await socket.call.send(start)
    await socket.call.send({"type": "websocket.http.response.body", "body": b"who ", "more_body": True})
    await socket.call.send({"type": "websocket.http.response.body", "body": b"are you?"})
    await socket.peer.settled()
    assert (socket.answer.status, socket.answer.body) == (401, b"who are you?")
    assert socket.answer.fields[0] == (b"a", b"b")
    await app.finish()


@pytest.mark.parametrize(
    "changed", [(b"sec-websocket-version", b"12"), (b"sec-websocket-protocol", b"bad protocol")]
)
async def test_a_bad_offer_is_refused_and_reaches_no_application(
    serve: Serve, changed: tuple[bytes, bytes]
) -> None:
    app = Calls()
    peer = Peer(serve(app))
    fields = [field for field in CONNECT if field[0] != changed[0]]
    stream_id = await peer.opens([*fields, changed])
    answer = peer.answers[stream_id]
    assert (answer.status, len(app)) == (400, 0)
    assert answer.fields[0] == (b"content-type", b"text/plain; charset=utf-8")
    assert (b"sec-websocket-version", b"13") in answer.fields


async def test_an_application_that_fails_closes_with_1011(serve: Serve) -> None:
    app = Calls()
    socket = await Socket(app, serve(app)).opened()
    await socket.call.fail()
    assert await socket.frames() == [ServerFrame(CLOSE, (1011).to_bytes(2))]


async def test_a_reset_is_a_websocket_cut_off(serve: Serve) -> None:
    app = Calls()
    socket = await Socket(app, serve(app)).opened()
    await socket.peer.tells(reset(socket.stream_id))
    assert (await socket.call.receive())["code"] == 1006
    with pytest.raises(ClientDisconnected):
        await socket.call.send(sent("too late"))
    await app.finish()


async def test_the_end_of_the_stream_without_a_close_is_1006(serve: Serve) -> None:
    app = Calls()
    socket = await Socket(app, serve(app)).opened()
    await socket.says(b"", end=True)
    assert (await socket.call.receive())["code"] == 1006
    await socket.peer.settled()
    assert socket.answer.ended
    await app.finish()


async def test_a_client_that_ends_its_half_before_the_answer_gets_none(serve: Serve) -> None:
    app = Calls()
    socket = await Socket(app, serve(app)).asked()
    await socket.says(b"", end=True)
    assert await socket.call.receive() == {"type": "websocket.connect"}
    assert (await socket.call.receive())["code"] == 1006
    await socket.peer.settled()
    assert socket.answer.reset == "INTERNAL_ERROR"
    await app.finish()


async def test_the_end_of_the_connection_ends_it(serve: Serve) -> None:
    app = Calls()
    socket = await Socket(app, serve(app)).opened()
    socket.peer.transport.lose()
    await settled()
    assert (await socket.call.receive())["code"] == 1006
    await app.finish()


async def test_a_sender_waits_for_the_window(serve: Serve) -> None:
    app = Calls()
    socket = await Socket(app, serve(app, write_buffer_bytes=100), (INITIAL_WINDOW, 50)).opened()
    sending = asyncio.ensure_future(socket.call.send(sent("x" * 200)))
    await settled()
    assert not sending.done()
    await socket.peer.tells(window_update(socket.stream_id, 1000))
    await sending
    assert await socket.frames() == [ServerFrame(TEXT, b"x" * 200)]
    await app.finish()


async def test_a_sender_that_waits_is_told_of_the_reset(serve: Serve) -> None:
    app = Calls()
    socket = await Socket(app, serve(app, write_buffer_bytes=100), (INITIAL_WINDOW, 50)).opened()
    sending = asyncio.ensure_future(socket.call.send(sent("x" * 200)))
    await settled()
    await socket.peer.tells(reset(socket.stream_id))
    with pytest.raises(ClientDisconnected):
        await sending
    await app.finish()


async def test_an_application_that_does_not_receive_closes_the_window(serve: Serve) -> None:
    app = Calls()
    server = serve(app, stream_window_bytes=1000, read_buffer_bytes=100)
    socket = await Socket(app, server).opened()
    message = websocket_text("x" * 94)
    assert len(message) == 100
    before = len(socket.peer.collect())
    for _ in range(10):
        await socket.says(message)
    given = [each.number for each in socket.peer.collect()[before:] if each.name == "WINDOW_UPDATE"]
    assert sum(given) < 1000
    for _ in range(10):
        assert len((await socket.call.receive())["text"]) == 94
    frames = socket.peer.read()
    given += [
        each.number for each in frames if each.name == "WINDOW_UPDATE" and each.stream_id == socket.stream_id
    ]
    assert sum(given) >= 900
    await app.finish()


async def test_a_drain_closes_it_with_1012_and_ends_the_connection(serve: Serve) -> None:
    app = Calls()
    server = serve(app)
    socket = await Socket(app, server).opened()
    server.drain()
    frames = await socket.frames()
    assert frames[0].payload[:2] == (1012).to_bytes(2)
    await socket.says(websocket_close(1012), end=True)
    await app.finish()
    ping = next(each for each in reversed(socket.peer.control) if each.name == "PING")
    await socket.peer.tells(frame("PING", payload=ping.payload, flags=ACK))
    assert socket.peer.network.far.ended == "closed"


async def test_a_handshake_that_is_never_answered_ends(serve: Serve) -> None:
    app = Calls()
    server = serve(app, websocket_handshake_seconds=5)
    socket = await Socket(app, server).asked()
    for seconds in (0, 6):
        server.at(seconds)
    await socket.peer.settled()
    assert socket.answer.status == 503
    await app.finish()


async def test_a_silent_client_is_pinged_and_given_up(serve: Serve) -> None:
    app = Calls()
    server = serve(app, ping_seconds=5, pong_seconds=5)
    socket = await Socket(app, server).opened()
    for seconds in (0, 6, 7):
        server.at(seconds)
    assert [each.opcode for each in await socket.frames()] == [PING]
    for seconds in (13, 20):
        server.at(seconds)
    await socket.peer.settled()
    assert (await socket.call.receive())["code"] == 1006
    assert socket.answer.ended
    await app.finish()


async def test_a_client_that_does_not_end_its_half_is_given_up(serve: Serve) -> None:
    app = Calls()
    server = serve(app, close_seconds=5)
    socket = await Socket(app, server).opened()
    await socket.says(websocket_close(1000))
    await socket.frames()
    assert (socket.answer.ended, socket.answer.reset) == (True, "")
    for seconds in (0, 6):
        server.at(seconds)
    await socket.peer.settled()
    assert socket.answer.reset == "ENHANCE_YOUR_CALM"
    await app.finish()
