"""What an application sends, as the client gets it: the order of messages, and what each has to hold."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from tests.support.wired import Server, get, settled

from penstock.base.asgi import Message, Receive, Scope, Send
from penstock.base.errors import LocalProtocolError

Serve = Callable[..., Server]

START: Message = {"type": "http.response.start", "status": 200}
BODY: Message = {"type": "http.response.body", "body": b"whole"}
TRAILING: Message = {"type": "http.response.start", "status": 200, "trailers": True}


def part(data: Any) -> Message:
    return {"type": "http.response.body", "body": data, "more_body": True}


def trailers(*fields: tuple[bytes, bytes], more: bool = False) -> Message:
    return {"type": "http.response.trailers", "headers": fields, "more_trailers": more}


class Sender:
    """An application that sends messages; an error that `send` raises is kept in `error` and ends it."""

    def __init__(self, *messages: Any) -> None:
        self.messages = messages
        self.error: Exception | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            for message in self.messages:
                await send(message)
        except Exception as error:
            self.error = error
            raise


async def test_asgi_061_the_head_waits_for_the_first_part_and_leaves_with_it(serve: Serve) -> None:
    release: list[Send] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(START)
        release.append(send)
        await receive()
        await receive()

    client = serve(app).connect()
    assert await client.ask(get()) == b""
    await release[0](BODY)
    assert client.read() == b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nwhole"


async def test_asgi_059_fields_keep_their_order_and_start_needs_none(serve: Serve) -> None:
    fields = [(b"b", b"1"), (b"a", b"2"), (b"b", b"3")]
    client = serve(Sender({**START, "headers": fields}, BODY)).connect()
    assert b"200 OK\r\nb: 1\r\na: 2\r\nb: 3\r\n" in await client.ask(get())


@pytest.mark.parametrize("data", [b"text", bytearray(b"text"), memoryview(b"text")])
async def test_a_body_may_be_any_kind_of_bytes(serve: Serve, data: Any) -> None:
    client = serve(Sender(START, {"type": "http.response.body", "body": data})).connect()
    assert (await client.ask(get())).endswith(b"\r\ncontent-length: 4\r\n\r\ntext")


async def test_asgi_066_an_empty_part_does_not_end_the_body(serve: Serve) -> None:
    client = serve(Sender(START, part(b""), part(b"a"), part(b""), BODY)).connect()
    answer = await client.ask(get())
    assert answer.endswith(b"transfer-encoding: chunked\r\n\r\n1\r\na\r\n5\r\nwhole\r\n0\r\n\r\n")


async def test_a_body_message_needs_no_body(serve: Serve) -> None:
    client = serve(Sender(START, {"type": "http.response.body"})).connect()
    assert await client.ask(get()) == b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"


async def test_asgi_065_messages_behind_the_end_are_ignored(serve: Serve) -> None:
    app = Sender(START, BODY, BODY, START, trailers())
    server = serve(app)
    client = server.connect()
    answer = await client.ask(get())
    assert app.error is None
    assert answer.endswith(b"\r\n\r\nwhole")
    assert server.log.statuses == [200]


@pytest.mark.parametrize(
    ("messages", "words"),
    [
        ([BODY], "'http.response.body' has no place here; expected http.response.start"),
        ([START, START], "'http.response.start' has no place here; expected http.response.body"),
        ([START, part(b"a"), START], "'http.response.start' has no place here"),
        ([START, part(b"a"), {"type": "http.response.pathsend", "path": "/x"}], "pathsend' has no place"),
        ([START, trailers()], "'http.response.trailers' has no place here"),
        ([{"type": "http.response.push", "path": "/"}], "'http.response.push' is no message"),
        ([START, {"type": "http.response.debug", "info": {}}], "'http.response.debug' is no message"),
        ([{"type": "websocket.accept"}], "'websocket.accept' is no message of an HTTP response"),
        ([{"status": 200}], "a message has to have a type"),
        ([{"type": "http.response.start"}], "http.response.start: status is missing"),
        ([{**START, "status": "200"}], "http.response.start: status is '200'"),
        ([{**START, "status": 99}], "status has to be a number from 200"),
        ([{**START, "headers": [("a", "b")]}], "a field name has to be bytes, not str"),
        ([{**START, "headers": [(b"a", b"b\r\nc: d")]}], "a"),
        ([{**START, "headers": None}], "http.response.start: headers is NoneType; expected an iterable"),
        ([{"type": "http.response.early_hint", "links": 5}], "links is int; expected an iterable"),
        ([5], "int was sent; expected a message, which is a dict"),
        ([START, {"type": "http.response.body", "body": "text"}], "bytes, bytearray or memoryview"),
        ([{"type": "http.response.early_hint"}], "http.response.early_hint: links is missing"),
        ([START, {"type": "http.response.pathsend"}], "http.response.pathsend: path is missing"),
        ([START, {"type": "http.response.zerocopysend"}], "http.response.zerocopysend: file is missing"),
    ],
)
async def test_asgi_010_011_012_057_a_wrong_message_is_raised_into_the_application_and_becomes_a_500(
    serve: Serve, caplog: pytest.LogCaptureFixture, messages: list[Message], words: str
) -> None:
    app = Sender(*messages)
    server = serve(app)
    answer = await server.connect().ask(get())
    assert isinstance(app.error, LocalProtocolError)
    assert words in str(app.error)
    if part(b"a") not in messages:
        assert answer.startswith(b"HTTP/1.1 500 Internal Server Error\r\n")
        assert server.log.statuses == [500]
    assert "the application failed in 'GET /'" in caplog.text


async def test_what_is_wrong_is_raised_where_the_sending_is_awaited(serve: Serve) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        sending = asyncio.ensure_future(send(BODY))
        with pytest.raises(LocalProtocolError):
            await sending
        results = await asyncio.gather(send(START), send({"type": "nonsense"}), return_exceptions=True)
        assert [type(each) for each in results] == [type(None), LocalProtocolError]
        async with asyncio.TaskGroup() as group:
            group.create_task(send(BODY))

    assert (await serve(app).connect().ask(get())).endswith(b"whole")


async def test_asgi_013_unknown_keys_never_raise(serve: Serve) -> None:
    client = serve(Sender({**START, "extra": 1}, {**BODY, "extra": 2})).connect()
    assert (await client.ask(get())).endswith(b"whole")


async def test_a_refused_start_can_be_followed_by_a_good_one(serve: Serve) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        with pytest.raises(LocalProtocolError):
            await send({**START, "headers": [("a", "b")]})
        await send({**START, "headers": [(b"a", b"b")]})
        await send(BODY)

    server = serve(app)
    assert (await server.connect().ask(get())).startswith(b"HTTP/1.1 200 OK\r\na: b\r\n")
    assert server.log[0].fields == [(b"a", b"b")]


async def test_asgi_068_a_body_longer_than_its_length_raises_and_nothing_of_it_is_sent(serve: Serve) -> None:
    fields = [(b"content-length", b"3")]
    app = Sender({**START, "headers": fields}, part(b"abc"), part(b"d"))
    server = serve(app)
    client = server.connect()
    answer = await client.ask(get())
    assert isinstance(app.error, LocalProtocolError)
    assert answer.endswith(b"\r\n\r\nabc")
    assert client.ended == "aborted"
    assert server.log.statuses == [200]


async def test_asgi_068_a_body_shorter_than_its_length_raises_and_cuts_the_connection(serve: Serve) -> None:
    fields = [(b"content-length", b"9")]
    app = Sender({**START, "headers": fields}, part(b"abc"), {"type": "http.response.body"})
    client = serve(app).connect()
    await client.ask(get())
    assert isinstance(app.error, LocalProtocolError)
    assert client.ended == "aborted"


async def test_asgi_080_trailers_end_the_response_when_the_client_asked_for_them(serve: Serve) -> None:
    messages = (TRAILING, part(b"a"), {"type": "http.response.body"}, trailers((b"x", b"1"), more=True))
    app = Sender(*messages, trailers((b"y", b"2")))
    server = serve(app)
    client = server.connect()
    answer = await client.ask(get(fields=b"te: trailers\r\n"))
    assert answer.endswith(b"\r\n\r\n1\r\na\r\n0\r\nx: 1\r\ny: 2\r\n\r\n")
    assert server.log.statuses == [200]
    assert client.ended == ""


async def test_asgi_081_trailers_are_dropped_when_the_client_did_not_ask(serve: Serve) -> None:
    app = Sender(TRAILING, BODY, trailers((b"x", b"1")))
    server = serve(app)
    answer = await server.connect().ask(get())
    assert app.error is None
    assert answer == b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nwhole"
    assert server.log.statuses == [200]


async def test_a_response_that_waits_for_its_trailers_is_not_complete(serve: Serve) -> None:
    app = Sender(TRAILING, BODY)
    server = serve(app)
    client = server.connect()
    await client.ask(get(fields=b"te: trailers\r\n"))
    assert client.ended == "aborted"
    assert server.log.statuses == [200]


async def test_a_field_that_has_no_place_in_trailers_is_raised_into_the_application(serve: Serve) -> None:
    app = Sender(TRAILING, BODY, trailers((b"content-length", b"1")))
    client = serve(app).connect()
    await client.ask(get(fields=b"te: trailers\r\n"))
    assert isinstance(app.error, LocalProtocolError)
    assert client.ended == "aborted"


async def test_refused_trailers_can_be_followed_by_good_ones(serve: Serve) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(TRAILING)
        await send(BODY)
        with pytest.raises(LocalProtocolError):
            await send(trailers((b"x", b"1\r\ny: 2")))
        await send(trailers((b"x", b"1")))

    client = serve(app).connect()
    assert (await client.ask(get(fields=b"te: trailers\r\n"))).endswith(b"0\r\nx: 1\r\n\r\n")


async def test_asgi_075_early_hints_go_out_before_the_held_head(serve: Serve) -> None:
    hint = {"type": "http.response.early_hint", "links": [b"</a>; rel=preload", b"</b>; rel=preload"]}
    client = serve(Sender(hint, START, hint, BODY)).connect()
    answer = await client.ask(get())
    early = b"HTTP/1.1 103 Early Hints\r\nlink: </a>; rel=preload\r\nlink: </b>; rel=preload\r\n\r\n"
    assert answer == early * 2 + b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nwhole"


async def test_an_early_hint_behind_the_head_comes_too_late_and_is_ignored(serve: Serve) -> None:
    app = Sender(START, part(b"a"), {"type": "http.response.early_hint", "links": [b"</a>"]}, BODY)
    answer = await serve(app).connect().ask(get())
    assert app.error is None
    assert b"103" not in answer


async def test_a_sender_waits_while_the_client_takes_nothing_and_goes_on_when_it_does(serve: Serve) -> None:
    sent: list[int] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(START)
        for number in range(10):
            await send(part(b"x" * 1000))
            sent.append(number)
        await send(BODY)

    client = serve(app, write_buffer_bytes=2500).connect()
    client.transport.fill()
    await client.ask(get())
    assert sent == [0, 1]
    client.transport.take()
    client.transport.fill()
    await settled()
    assert sent == [0, 1, 2, 3, 4]
    client.transport.take()
    await settled()
    assert len(sent) == 10
    assert client.read().endswith(b"0\r\n\r\n")


async def test_all_who_wait_for_a_slow_client_go_on_together(serve: Serve) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(START)
        await asyncio.gather(*(send(part(b"x" * 3000)) for _ in range(3)))
        await send(BODY)

    client = serve(app, write_buffer_bytes=1000).connect()
    client.transport.fill()
    assert (await client.ask(get())).count(b"x") == 9000
    client.transport.take()
    await settled()
    assert client.read().endswith(b"0\r\n\r\n")


async def test_a_send_that_is_cancelled_while_it_waits_has_sent_its_part(serve: Serve) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send(START)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0):
                await send(part(b"x" * 3000))
        await send(BODY)

    client = serve(app, write_buffer_bytes=1000).connect()
    client.transport.fill()
    answer = await client.ask(get())
    assert answer.count(b"x") == 3000
    assert answer.endswith(b"5\r\nwhole\r\n0\r\n\r\n")
