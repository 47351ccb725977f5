"""The messages of an open WebSocket, both ways, and what holds either side back."""

import asyncio
import tracemalloc
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from tests.bridge.test_websocket_handshake import ACCEPT, Session
from tests.support.wired import Client, Server, handshake, settled

from penstock.base.asgi import Message
from penstock.base.errors import LocalProtocolError
from penstock.testing.wire import (
    ServerFrame,
    websocket_binary,
    websocket_close,
    websocket_fragments,
    websocket_frame,
    websocket_ping,
    websocket_pong,
    websocket_text,
)

Serve = Callable[..., Server]

TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
DEFLATE = b"sec-websocket-extensions: permessage-deflate\r\n"


def text(value: str) -> Message:
    return {"type": "websocket.receive", "text": value}


async def opened(app: Session, server: Server, fields: bytes = b"", early: bytes = b"") -> Client:
    """A client whose handshake the application has accepted; what it reads next are frames."""
    client = server.connect()
    await client.ask(handshake(fields=fields) + early)
    assert await app.receive() == {"type": "websocket.connect"}
    await app.send(ACCEPT)
    head, _, frames = client.read().partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 101 ")
    client.transport.written += frames
    return client


def deflated(data: bytes) -> bytes:
    """A text frame of a client with permessage-deflate, one byte of which may stand for a thousand."""
    deflater = zlib.compressobj(wbits=-15)
    payload = deflater.compress(data) + deflater.flush(zlib.Z_SYNC_FLUSH)
    return websocket_frame(TEXT, payload[:-4], reserved=4)


async def test_asgi_099_101_text_is_str_and_binary_is_bytes(serve: Serve) -> None:
    app = Session()
    client = await opened(app, serve(app))
    client.send(websocket_text("grün") + websocket_binary(b"\0\xff"))
    client.send(websocket_text("") + websocket_binary(b""))
    assert await app.receive() == text("grün")
    assert await app.receive() == {"type": "websocket.receive", "bytes": b"\0\xff"}
    assert await app.receive() == text("")
    assert await app.receive() == {"type": "websocket.receive", "bytes": b""}
    await app.finish()


async def test_asgi_102_fragments_are_one_event(serve: Serve) -> None:
    app = Session()
    client = await opened(app, serve(app))
    client.send(b"".join(websocket_fragments(TEXT, [b"one ", b"", b"message"])))
    assert await app.receive() == text("one message")
    await app.finish()


@pytest.mark.parametrize(
    ("message", "frame"),
    [
        ({"text": "grün"}, ServerFrame(TEXT, "grün".encode())),
        ({"text": "a", "bytes": None}, ServerFrame(TEXT, b"a")),
        ({"bytes": b"\0"}, ServerFrame(BINARY, b"\0")),
        ({"bytes": bytearray(b"a")}, ServerFrame(BINARY, b"a")),
        ({"bytes": memoryview(b"a"), "text": None}, ServerFrame(BINARY, b"a")),
        ({"text": ""}, ServerFrame(TEXT, b"")),
        ({"bytes": b""}, ServerFrame(BINARY, b"")),
    ],
)
async def test_asgi_100_what_the_application_sends_is_one_frame(
    serve: Serve, message: dict[str, Any], frame: ServerFrame
) -> None:
    app = Session()
    client = await opened(app, serve(app))
    await app.send({"type": "websocket.send", **message})
    assert client.frames() == [frame]
    await app.finish()


@pytest.mark.parametrize("message", [{}, {"text": "a", "bytes": b"a"}, {"text": None, "bytes": None}])
async def test_asgi_100_neither_or_both_of_text_and_bytes_is_an_error(
    serve: Serve, message: dict[str, Any]
) -> None:
    app = Session()
    client = await opened(app, serve(app))
    with pytest.raises(LocalProtocolError, match="exactly one of text and bytes"):
        await app.send({"type": "websocket.send", **message})
    assert client.frames() == []
    await app.finish()


async def test_what_is_wrong_is_raised_where_the_sending_is_awaited(serve: Serve) -> None:
    app = Session()
    client = await opened(app, serve(app))
    sending = asyncio.ensure_future(app.send({"type": "websocket.send"}))
    with pytest.raises(LocalProtocolError):
        await sending
    await asyncio.gather(*(app.send({"type": "websocket.send", "text": each}) for each in "ab"))
    assert [each.payload for each in client.frames()] == [b"a", b"b"]
    await app.finish()


@pytest.mark.parametrize(
    "message",
    [{"text": b"a"}, {"text": 5}, {"bytes": "a"}, {"bytes": 5}, {"bytes": [1, 2]}, {"text": "\ud800"}],
)
async def test_asgi_012_a_value_of_a_wrong_type_is_raised_and_nothing_is_sent(
    serve: Serve, message: dict[str, Any]
) -> None:
    app = Session()
    client = await opened(app, serve(app))
    with pytest.raises(LocalProtocolError):
        await app.send({"type": "websocket.send", **message})
    assert client.frames() == []
    await app.finish()


@pytest.mark.parametrize("message", [ACCEPT, {"type": "websocket.http.response.start", "status": 401}])
async def test_asgi_098_112_a_second_answer_to_the_handshake_is_an_error(
    serve: Serve, message: Message
) -> None:
    app = Session()
    await opened(app, serve(app))
    with pytest.raises(LocalProtocolError, match=r"expected websocket\.send or websocket\.close"):
        await app.send(message)
    await app.finish()


async def test_asgi_092_frames_that_come_with_the_handshake_are_received_behind_the_accept(
    serve: Serve,
) -> None:
    app = Session()
    client = serve(app).connect()
    await client.ask(handshake() + websocket_text("early"))
    client.send(websocket_text("later"))
    await app.receive()
    waiting = asyncio.ensure_future(app.receive())
    await settled()
    assert not waiting.done()
    await app.send(ACCEPT)
    assert await waiting == text("early")
    assert await app.receive() == text("later")
    await app.finish()


async def test_early_frames_over_the_bounds_of_both_buffers_arrive_in_order(serve: Serve) -> None:
    app = Session()
    client = serve(app, read_buffer_bytes=1000).connect()
    await client.ask(handshake())
    sent = [f"{number}" * 300 for number in range(10)]
    for each in sent:
        client.send(websocket_text(each))
    assert not client.transport.reading
    await app.receive()
    await app.send(ACCEPT)
    received = [(await app.receive())["text"] for _ in sent]
    assert received == sent
    assert client.transport.reading
    await app.finish()


async def test_asgi_103_a_ping_is_answered_without_the_application(serve: Serve) -> None:
    app = Session()
    client = await opened(app, serve(app))
    assert await client.say(websocket_ping(b"are you there")) == [ServerFrame(PONG, b"are you there")]
    await app.finish()


async def test_asgi_103_a_silent_client_is_pinged_and_closed_when_it_stays_silent(serve: Serve) -> None:
    app = Session()
    server = serve(app, ping_seconds=20, pong_seconds=10)
    client = await opened(app, server)
    server.at(0)
    server.at(20)
    (ping,) = client.frames()
    assert ping.opcode == PING
    client.send(websocket_pong(ping.payload))
    server.at(21)
    server.at(41)
    assert [each.opcode for each in client.frames()] == [PING]
    server.at(51)
    (close,) = client.frames()
    assert close.payload[:2] == (1011).to_bytes(2, "big")
    assert (await app.receive())["code"] == 1006
    await app.finish()


async def test_asgi_105_a_full_inbox_stops_the_reading_until_the_application_receives(serve: Serve) -> None:
    app = Session()
    client = await opened(app, serve(app, read_buffer_bytes=1000))
    client.send(websocket_text("a" * 500))
    assert client.transport.reading
    client.send(websocket_text("b" * 500))
    assert not client.transport.reading
    client.send(websocket_text("c" * 500))
    assert await app.receive() == text("a" * 500)
    assert client.transport.reading
    await settled()
    assert not client.transport.reading
    assert await app.receive() == text("b" * 500)
    assert await app.receive() == text("c" * 500)
    await app.finish()


async def test_tiny_messages_fill_the_inbox_too(serve: Serve) -> None:
    app = Session()
    client = await opened(app, serve(app, read_buffer_bytes=6400))
    client.send(websocket_text("") * 99)
    assert client.transport.reading
    client.send(websocket_text(""))
    assert not client.transport.reading
    await app.finish()


async def test_a_client_that_was_not_read_is_not_taken_for_dead(serve: Serve) -> None:
    app = Session()
    server = serve(app, read_buffer_bytes=1000, ping_seconds=20, pong_seconds=10)
    client = await opened(app, server)
    server.at(0)
    server.at(20)
    (ping,) = client.frames()
    client.send(websocket_text("a" * 1000))
    client.send(websocket_pong(ping.payload))
    for seconds in range(21, 200, 5):
        server.at(seconds)
    assert client.frames() == []
    assert await app.receive() == text("a" * 1000)
    await settled()
    server.at(200)
    server.at(219)
    assert client.frames() == []
    await app.finish()


async def test_messages_that_inflate_to_more_than_a_batch_are_all_received(serve: Serve) -> None:
    app = Session()
    server = serve(app)
    client = await opened(app, server, DEFLATE)
    sent = [f"{number}" * 700_000 for number in range(6)]
    client.send(b"".join(deflated(each.encode()) for each in sent))
    assert not client.transport.reading
    server.at(0)
    server.at(1)
    received = [(await app.receive())["text"] for _ in sent]
    assert received == sent
    assert client.transport.reading
    await app.finish()


async def test_what_would_inflate_stays_as_it_came_until_the_application_receives(serve: Serve) -> None:
    app = Session()
    server = serve(app)
    client = await opened(app, server, DEFLATE)
    bomb = deflated(b"a" * 1_000_000)
    tracemalloc.start()
    client.send(bomb * 40)
    for seconds in range(40):
        server.at(seconds)
    await settled()
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held < 8_000_000
    await app.finish()


async def test_the_end_of_a_connection_is_told_though_messages_are_held_back(serve: Serve) -> None:
    app = Session()
    server = serve(app)
    client = await opened(app, server, DEFLATE)
    client.send(b"".join(deflated(b"%d" % number * 700_000) for number in range(4)))
    client.transport.lose(ConnectionResetError())
    assert server.log.statuses == [101]
    with pytest.raises(OSError, match="the WebSocket is closed"):
        await app.send({"type": "websocket.send", "text": "a"})
    kinds = [(await app.receive())["type"] for _ in range(5)]
    assert kinds == ["websocket.receive"] * 4 + ["websocket.disconnect"]
    assert len(server.log) == 1
    await app.finish()


async def test_an_application_that_closes_while_messages_are_held_back_gets_the_clients_close(
    serve: Serve,
) -> None:
    app = Session()
    server = serve(app)
    client = await opened(app, server, DEFLATE)
    frames = [deflated(b"%d" % number * 700_000) for number in range(4)]
    client.send(b"".join(frames) + websocket_close(1000))
    assert not client.transport.reading
    await app.send({"type": "websocket.close"})
    await settled()
    assert client.ended == "closed"
    while (message := await app.receive())["type"] == "websocket.receive":
        pass
    assert message["code"] == 1000
    await app.finish()


async def test_asgi_104_a_sender_waits_while_the_client_takes_nothing(serve: Serve) -> None:
    app = Session()
    client = await opened(app, serve(app, write_buffer_bytes=1000))
    client.transport.fill()
    await app.send({"type": "websocket.send", "text": "a" * 600})
    sending = [
        asyncio.ensure_future(app.send({"type": "websocket.send", "bytes": b"b" * 600})) for _ in range(2)
    ]
    await settled()
    assert not any(each.done() for each in sending)
    client.transport.take()
    await asyncio.gather(*sending)
    assert len(client.frames()) == 3
    await app.finish()


async def test_a_waiting_sender_is_told_when_the_client_has_gone(serve: Serve) -> None:
    app = Session()
    client = await opened(app, serve(app, write_buffer_bytes=1000))
    client.transport.fill()
    sending = asyncio.ensure_future(app.send({"type": "websocket.send", "text": "a" * 2000}))
    await settled()
    client.transport.lose(ConnectionResetError())
    with pytest.raises(OSError, match="went away"):
        await sending
    await app.finish()


async def test_a_client_that_is_broken_off_is_noticed_by_one_that_only_sends(serve: Serve) -> None:
    app = Session()
    server = serve(app)
    client = await opened(app, server)
    client.transport.break_off()
    with pytest.raises(OSError, match="went away"):
        while True:
            await app.send({"type": "websocket.send", "text": "tick"})
    assert server.log.statuses == [101]
    await app.finish()


async def test_a_client_that_pings_and_reads_nothing_is_not_read_either(serve: Serve) -> None:
    app = Session()
    client = await opened(app, serve(app, write_buffer_bytes=1000))
    client.transport.fill()
    for _ in range(1000):
        client.send(websocket_ping(b"x" * 100))
    assert not client.transport.reading
    assert client.transport.get_write_buffer_size() < 2000
    client.transport.take()
    await settled()
    assert len(client.frames()) == 1000
    assert client.transport.reading
    await app.finish()


async def test_a_slow_reader_of_what_the_application_sends_is_still_read(serve: Serve) -> None:
    app = Session()
    client = await opened(app, serve(app, write_buffer_bytes=1000))
    client.transport.fill()
    sending = asyncio.ensure_future(app.send({"type": "websocket.send", "text": "a" * 2000}))
    await settled()
    client.send(websocket_text("stop"))
    assert await app.receive() == text("stop")
    assert client.transport.reading
    sending.cancel()
    await app.finish()


async def test_of_two_that_receive_each_message_goes_to_one(serve: Serve) -> None:
    app = Session()
    client = await opened(app, serve(app))
    both = [asyncio.ensure_future(app.receive()) for _ in range(2)]
    await settled()
    client.send(websocket_text("a"))
    await settled()
    assert sum(each.done() for each in both) == 1
    client.send(websocket_text("b"))
    assert sorted([(await each)["text"] for each in both]) == ["a", "b"]
    await app.finish()


async def test_a_cancelled_receive_loses_nothing(serve: Serve) -> None:
    app = Session()
    client = await opened(app, serve(app))
    first, second = (asyncio.ensure_future(app.receive()) for _ in range(2))
    await settled()
    first.cancel()
    client.send(websocket_text("a"))
    assert await second == text("a")
    await app.finish()
