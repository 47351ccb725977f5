"""The opening of a WebSocket: accepted, refused, denied with a response, or never answered."""

import asyncio
import logging
from collections.abc import Callable

import pytest
from tests.support.wired import Server, get, handshake, settled

from penstock.base.asgi import Message, Receive, Scope, Send
from penstock.base.errors import ClientDisconnected, LocalProtocolError

Serve = Callable[..., Server]

ACCEPT: Message = {"type": "websocket.accept"}
CLOSE: Message = {"type": "websocket.close"}
DENY: Message = {"type": "websocket.http.response.start", "status": 401, "headers": [(b"a", b"b")]}
DENY_BODY: Message = {"type": "websocket.http.response.body", "body": b"who are you?"}
ACCEPT_FIELD = b"sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
OFFER = b"sec-websocket-protocol: chat, superchat\r\n"


class Session:
    """An application that hands its `receive` and `send` to the test, and ends when it is told to."""

    def __init__(self) -> None:
        self.receive: Receive
        self.send: Send
        self.scope: Scope
        self.returned = False
        self.end = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scope, self.receive, self.send = scope, receive, send
        await self.end.wait()
        self.returned = True

    async def finish(self) -> None:
        self.end.set()
        await settled()


async def test_asgi_091_the_handshake_is_answered_when_the_application_accepts(serve: Serve) -> None:
    app = Session()
    client = serve(app).connect()
    assert await client.ask(handshake()) == b""
    assert await app.receive() == {"type": "websocket.connect"}
    await app.send(ACCEPT)
    answer = client.read()
    assert answer.startswith(b"HTTP/1.1 101 Switching Protocols\r\n")
    assert ACCEPT_FIELD in answer
    assert b"sec-websocket-protocol" not in answer
    await app.finish()


async def test_an_application_may_accept_before_it_receives(serve: Serve) -> None:
    app = Session()
    client = serve(app).connect()
    await client.ask(handshake())
    await app.send(ACCEPT)
    assert client.read().startswith(b"HTTP/1.1 101 ")
    assert await app.receive() == {"type": "websocket.connect"}
    await app.finish()


async def test_asgi_094_095_a_subprotocol_and_fields_go_into_the_answer(serve: Serve) -> None:
    app = Session()
    client = serve(app).connect()
    await client.ask(handshake(fields=OFFER))
    assert app.scope["subprotocols"] == ["chat", "superchat"]
    fields = [(b"x", b"1"), (b"set-cookie", b"a"), (b"x", b"2")]
    await app.send({**ACCEPT, "subprotocol": "superchat", "headers": fields})
    answer = client.read()
    assert b"\r\nsec-websocket-protocol: superchat\r\n" in answer
    assert b"\r\nx: 1\r\nset-cookie: a\r\nx: 2\r\n" in answer
    await app.finish()


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ({**ACCEPT, "subprotocol": "soap"}, "did not offer the subprotocol 'soap'"),
        ({**ACCEPT, "headers": [(b"Sec-WebSocket-Protocol", b"chat")]}, "name it as subprotocol"),
        ({**ACCEPT, "headers": [("a", "b")]}, "has to be bytes"),
        ({**ACCEPT, "headers": [(b"a", b"b\r\nc: d")]}, "field value"),
        ({"type": "websocket.send", "text": "early"}, "'websocket.send' has no place here"),
        ({"type": "websocket.http.response.body"}, "'websocket.http.response.body' has no place here"),
        ({"type": "http.response.start", "status": 200}, "no message of a WebSocket"),
        ({"type": "websocket.ping"}, "no message of a WebSocket"),
        ({"text": "a"}, "a message has to have a type"),
        ({"type": "websocket.http.response.start"}, "websocket.http.response.start: status is missing"),
        ({**DENY, "status": "401"}, "websocket.http.response.start: status is '401'"),
        ({**DENY, "headers": [("a", "b")]}, "has to be bytes"),
    ],
)
async def test_asgi_096_098_a_wrong_answer_is_raised_and_a_right_one_can_follow(
    serve: Serve, message: Message, words: str
) -> None:
    app = Session()
    client = serve(app).connect()
    await client.ask(handshake(fields=OFFER))
    with pytest.raises(LocalProtocolError, match=words):
        await app.send(message)
    assert client.read() == b""
    await app.send(ACCEPT)
    assert client.read().startswith(b"HTTP/1.1 101 ")
    await app.finish()


async def test_asgi_097_a_close_before_the_accept_is_a_403(serve: Serve) -> None:
    app = Session()
    server = serve(app)
    client = server.connect()
    await client.ask(handshake())
    await app.send(CLOSE)
    assert client.read().startswith(b"HTTP/1.1 403 Forbidden\r\n")
    assert client.transport.eof_written
    assert await app.receive() == {"type": "websocket.connect"}
    assert await app.receive() == {"type": "websocket.disconnect", "code": 1006, "reason": ""}
    with pytest.raises(ClientDisconnected):
        await app.send(ACCEPT)
    assert server.log.statuses == [403]
    await app.finish()
    assert len(server.log) == 1


async def test_asgi_112_a_denial_is_a_response_of_the_applications_own_and_ends_the_connection(
    serve: Serve,
) -> None:
    app = Session()
    server = serve(app)
    client = server.connect()
    await client.ask(handshake())
    await app.send(DENY)
    assert client.read() == b""
    await app.send(DENY_BODY)
    answer = client.read()
    assert answer.startswith(b"HTTP/1.1 401 Unauthorized\r\na: b\r\ncontent-length: 12\r\n")
    assert answer.endswith(b"\r\n\r\nwho are you?")
    assert b"connection: close\r\n" in answer
    assert client.ended == "closed"
    assert server.log.statuses == [401]
    assert server.log[0].fields == [(b"a", b"b")]
    assert server.log[0].body_bytes == 12
    await app.finish()
    assert len(server.log) == 1


async def test_asgi_112_a_denial_can_be_streamed_and_waits_for_a_slow_client(serve: Serve) -> None:
    app = Session()
    server = serve(app, write_buffer_bytes=1000)
    client = server.connect()
    await client.ask(handshake())
    await app.send(DENY)
    client.transport.fill()
    sending = asyncio.ensure_future(app.send({**DENY_BODY, "body": b"x" * 2000, "more_body": True}))
    await settled()
    assert not sending.done()
    client.transport.take()
    await sending
    await app.send(DENY_BODY)
    assert client.read().endswith(b"x\r\nc\r\nwho are you?\r\n0\r\n\r\n")
    await app.finish()


@pytest.mark.parametrize("message", [ACCEPT, CLOSE, DENY, {"type": "websocket.send", "text": "a"}])
async def test_asgi_112_a_denial_that_has_begun_admits_no_other_message(
    serve: Serve, message: Message
) -> None:
    app = Session()
    client = serve(app).connect()
    await client.ask(handshake())
    await app.send(DENY)
    with pytest.raises(LocalProtocolError, match=r"expected websocket\.http\.response\.body"):
        await app.send(message)
    await app.send(DENY_BODY)
    await app.finish()


async def test_frames_behind_a_denied_handshake_are_not_read_as_a_request(serve: Serve) -> None:
    paths: list[str] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        paths.append(scope["path"])
        await send(DENY)
        await send(DENY_BODY)

    client = serve(app).connect()
    await client.ask(handshake(b"/socket") + get(b"/smuggled"))
    assert paths == ["/socket"]
    assert client.transport.eof_written


@pytest.mark.parametrize(
    ("fields", "start"),
    [
        (b"sec-websocket-version: 12\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n", b"HTTP/1.1 426 "),
        (b"sec-websocket-version: 13\r\n", b"HTTP/1.1 400 "),
        (b"sec-websocket-version: 13\r\nsec-websocket-key: short\r\n", b"HTTP/1.1 400 "),
    ],
)
async def test_a_bad_handshake_is_refused_without_the_application(
    serve: Serve, fields: bytes, start: bytes
) -> None:
    server = serve(Session())
    client = server.connect()
    answer = await client.ask(get(fields=b"upgrade: websocket\r\nconnection: Upgrade\r\n" + fields))
    assert answer.startswith(start)
    assert [(each.path, each.status) for each in server.log] == [("/", int(start.split()[1]))]
    assert (b"sec-websocket-version: 13\r\n" in answer) == (b" 426 " in start)
    assert (b"upgrade: websocket\r\n" in answer) == (b" 426 " in start)
    assert client.transport.eof_written


async def test_a_handshake_that_announces_a_body_is_refused(serve: Serve) -> None:
    client = serve(Session()).connect()
    answer = await client.ask(handshake(fields=b"content-length: 3\r\n") + b"abc")
    assert answer.startswith(b"HTTP/1.1 400 ")


async def test_asgi_110_an_application_that_fails_before_its_answer_becomes_a_500(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        raise RuntimeError("a bug")

    server = serve(app)
    client = server.connect()
    assert (await client.ask(handshake(b"/x"))).startswith(b"HTTP/1.1 500 ")
    assert server.log.statuses == [500]
    assert "the application failed in 'websocket /x'" in caplog.text


@pytest.mark.parametrize("messages", [[], [DENY]])
async def test_an_application_that_returns_without_its_answer_becomes_a_500(
    serve: Serve, caplog: pytest.LogCaptureFixture, messages: list[Message]
) -> None:
    app = Session()
    server = serve(app)
    client = server.connect()
    await client.ask(handshake())
    for message in messages:
        await app.send(message)
    await app.finish()
    assert client.read().startswith(b"HTTP/1.1 500 ")
    assert server.log.statuses == [500]
    assert "returned without an answer" in caplog.text


async def test_an_application_that_leaves_a_denial_unfinished_cuts_the_connection(serve: Serve) -> None:
    app = Session()
    server = serve(app)
    client = server.connect()
    await client.ask(handshake())
    await app.send(DENY)
    await app.send({**DENY_BODY, "more_body": True})
    await app.finish()
    assert client.ended == "aborted"
    assert server.log.statuses == [401]


async def test_a_handshake_that_is_not_answered_in_time_is_refused_and_told(serve: Serve) -> None:
    app = Session()
    server = serve(app, websocket_handshake_seconds=20)
    client = server.connect()
    await client.ask(handshake())
    await app.receive()
    waiting = asyncio.ensure_future(app.receive())
    server.at(100)
    server.at(119.9)
    await settled()
    assert client.read() == b""
    server.at(120)
    answer = client.read()
    assert answer.startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
    assert b"retry-after: 1\r\n" in answer
    assert (await waiting)["type"] == "websocket.disconnect"
    with pytest.raises(ClientDisconnected):
        await app.send(ACCEPT)
    assert server.log.statuses == [503]
    await app.finish()


async def test_the_deadline_of_the_handshake_ends_with_its_answer(serve: Serve) -> None:
    app = Session()
    server = serve(app, websocket_handshake_seconds=20, ping_seconds=None)
    client = server.connect()
    await client.ask(handshake())
    server.at(0)
    await app.send(ACCEPT)
    client.read()
    server.at(1000)
    assert client.read() == b""
    assert client.ended == ""
    await app.finish()


@pytest.mark.parametrize("denying", [False, True])
async def test_a_client_that_closes_during_the_handshake_is_let_go_and_the_application_told(
    serve: Serve, caplog: pytest.LogCaptureFixture, denying: bool
) -> None:
    caplog.set_level(logging.INFO)
    app = Session()
    server = serve(app)
    client = server.connect()
    await client.ask(handshake())
    await app.receive()
    if denying:
        await app.send(DENY)
    waiting = asyncio.ensure_future(app.receive())
    client.transport.feed_eof()
    assert await waiting == {"type": "websocket.disconnect", "code": 1006, "reason": ""}
    await settled()
    assert client.ended
    assert len(server.sweep) == 0
    assert server.log.statuses == [499]
    with pytest.raises(ClientDisconnected):
        await app.send(ACCEPT)
    await app.finish()
    assert len(server.log) == 1
    assert caplog.records == []


async def test_a_client_that_is_lost_during_the_handshake_is_told_to_the_application(serve: Serve) -> None:
    app = Session()
    server = serve(app)
    client = server.connect()
    await client.ask(handshake())
    await app.receive()
    client.transport.lose(ConnectionResetError())
    assert (await app.receive())["code"] == 1006
    await app.finish()
    assert server.log.statuses == [499]


async def test_a_client_that_closes_right_behind_its_handshake_is_let_go(serve: Serve) -> None:
    app = Session()
    server = serve(app)
    client = server.connect()
    client.transport.pause_reading()
    client.send(handshake())
    client.transport.feed_eof()
    client.transport.resume_reading()
    await settled()
    assert client.ended
    assert len(server.sweep) == 0
    assert server.log.statuses == [499]
    await app.finish()


async def test_a_drain_refuses_a_handshake_that_is_not_answered_yet(serve: Serve) -> None:
    app = Session()
    server = serve(app)
    client = server.connect()
    await client.ask(handshake())
    server.drain()
    assert client.read().startswith(b"HTTP/1.1 503 ")
    assert client.transport.eof_written
    with pytest.raises(ClientDisconnected):
        await app.send(ACCEPT)
    await app.finish()


async def test_a_websocket_waits_for_no_turn(serve: Serve) -> None:
    app = Session()
    server = serve(app, max_concurrent_requests=1)
    clients = [server.connect() for _ in range(3)]
    for client in clients:
        await client.ask(handshake())
        await app.send(ACCEPT)
        assert client.read().startswith(b"HTTP/1.1 101 ")
    await app.finish()
