"""What an application receives: the body in its parts, and the end of the client, each at its time."""

import asyncio
from collections.abc import Callable

import pytest
from tests.support.wired import Client, Server, get, post, settled

from penstock.base.asgi import Message, Receive, Scope, Send

Serve = Callable[..., Server]

START: Message = {"type": "http.response.start", "status": 200}
BODY: Message = {"type": "http.response.body", "body": b"done"}
EXPECT = b"expect: 100-continue\r\n"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
DISCONNECT: Message = {"type": "http.disconnect"}


def request(body: bytes, more: bool = False) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


class Reader:
    """An application that receives each time it is told to, and answers when it is told to."""

    def __init__(self) -> None:
        self.received: list[Message] = []
        self.receive: Receive
        self.send: Send
        self._end = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.receive, self.send = receive, send
        await self._end.wait()

    async def answer(self) -> None:
        await self.send(START)
        await self.send(BODY)

    def return_(self) -> None:
        self._end.set()


class Upload:
    """A client that announces a body of `size` bytes, and sends of it what it is told to."""

    def __init__(self, client: Client, size: int, fields: bytes = b"") -> None:
        self.client = client
        client.send(b"POST / HTTP/1.1\r\nhost: test\r\ncontent-length: %d\r\n%b\r\n" % (size, fields))

    async def send(self, data: bytes) -> None:
        self.client.send(data)
        await settled()


async def test_asgi_047_a_request_without_a_body_is_one_empty_event(serve: Serve) -> None:
    app = Reader()
    client = serve(app).connect()
    await client.ask(get())
    assert await app.receive() == request(b"")
    await app.answer()
    app.return_()
    await settled()
    assert client.read().endswith(b"done")


async def test_asgi_048_050_a_body_is_received_as_it_comes_and_its_last_event_says_so(serve: Serve) -> None:
    app = Reader()
    upload = Upload(serve(app).connect(), 9)
    await upload.send(b"abc")
    assert await app.receive() == request(b"abc", more=True)
    waiting = asyncio.ensure_future(app.receive())
    await settled()
    assert not waiting.done()
    await upload.send(b"def")
    assert await waiting == request(b"def", more=True)
    await upload.send(b"ghi")
    assert await app.receive() == request(b"ghi")
    app.return_()


async def test_a_body_that_is_already_there_comes_in_one_event(serve: Serve) -> None:
    app = Reader()
    client = serve(app).connect()
    await client.ask(post(b"whole"))
    assert await app.receive() == request(b"whole")
    app.return_()


async def test_parts_that_waited_are_put_together(serve: Serve) -> None:
    app = Reader()
    upload = Upload(serve(app).connect(), 6)
    await upload.send(b"ab")
    await upload.send(b"cd")
    assert await app.receive() == request(b"abcd", more=True)
    app.return_()


async def test_asgi_049_a_chunked_body_comes_without_its_chunks_and_with_its_trailers(serve: Serve) -> None:
    app = Reader()
    client = serve(app).connect()
    head = b"POST / HTTP/1.1\r\nhost: test\r\ntransfer-encoding: chunked\r\n\r\n"
    await client.ask(head + b"3\r\nabc\r\n2\r\nde\r\n0\r\nx: 1\r\n\r\n")
    assert await app.receive() == {**request(b"abcde"), "trailers": [(b"x", b"1")]}
    app.return_()


async def test_asgi_052_receive_behind_the_body_waits_and_ends_with_the_response(serve: Serve) -> None:
    app = Reader()
    client = serve(app).connect()
    await client.ask(get())
    await app.receive()
    waiting = asyncio.ensure_future(app.receive())
    await settled()
    assert not waiting.done()
    await app.answer()
    assert await waiting == DISCONNECT
    app.return_()


async def test_asgi_053_receive_behind_the_response_says_disconnect_each_time(serve: Serve) -> None:
    app = Reader()
    upload = Upload(serve(app).connect(), 6)
    await upload.send(b"ab")
    await app.answer()
    assert [await app.receive(), await app.receive()] == [DISCONNECT, DISCONNECT]
    app.return_()


async def test_asgi_053_a_lost_connection_ends_the_wait(serve: Serve) -> None:
    app = Reader()
    client = serve(app).connect()
    await client.ask(get())
    await app.receive()
    waiting = asyncio.ensure_future(app.receive())
    await settled()
    client.transport.lose(ConnectionResetError())
    assert await waiting == DISCONNECT
    assert await app.receive() == DISCONNECT
    app.return_()


async def test_asgi_054_a_body_cut_short_is_a_disconnect_and_never_a_shorter_body(serve: Serve) -> None:
    app = Reader()
    server = serve(app)
    client = server.connect()
    upload = Upload(client, 6)
    await upload.send(b"abc")
    client.transport.feed_eof()
    await settled()
    assert await app.receive() == request(b"abc", more=True)
    assert await app.receive() == DISCONNECT
    assert client.ended
    assert server.log.statuses == [499]
    app.return_()


async def test_a_whole_body_is_still_received_when_the_client_is_gone(serve: Serve) -> None:
    app = Reader()
    client = serve(app).connect()
    await client.ask(post(b"whole"))
    client.transport.lose()
    assert await app.receive() == request(b"whole")
    assert await app.receive() == DISCONNECT
    app.return_()


async def test_a_client_that_closes_its_half_is_told_as_gone_and_still_gets_its_answer(serve: Serve) -> None:
    app = Reader()
    server = serve(app)
    client = server.connect()
    await client.ask(get())
    await app.receive()
    waiting = asyncio.ensure_future(app.receive())
    client.transport.feed_eof()
    assert await waiting == DISCONNECT
    assert client.ended == ""
    await app.answer()
    assert client.read().endswith(b"\r\n\r\ndone")
    assert client.ended == "closed"
    assert server.log.statuses == [200]
    app.return_()


async def test_a_request_and_the_end_of_the_clients_half_may_come_together(serve: Serve) -> None:
    app = Reader()
    client = serve(app).connect()
    client.transport.pause_reading()
    client.send(get())
    client.transport.feed_eof()
    client.transport.resume_reading()
    await settled()
    assert await app.receive() == request(b"")
    assert await app.receive() == DISCONNECT
    await app.answer()
    assert client.read().endswith(b"done")
    app.return_()


async def test_a_cancelled_receive_loses_nothing(serve: Serve) -> None:
    app = Reader()
    upload = Upload(serve(app).connect(), 6)
    await settled()
    first = asyncio.ensure_future(app.receive())
    second = asyncio.ensure_future(app.receive())
    await settled()
    first.cancel()
    await upload.send(b"abcdef")
    assert await second == request(b"abcdef")
    assert first.cancelled()
    app.return_()


async def test_of_two_that_receive_each_part_goes_to_one(serve: Serve) -> None:
    app = Reader()
    upload = Upload(serve(app).connect(), 6)
    await settled()
    both = [asyncio.ensure_future(app.receive()) for _ in range(2)]
    await settled()
    await upload.send(b"abc")
    assert sum(each.done() for each in both) == 1
    await upload.send(b"def")
    got = [await each for each in both]
    assert sorted(each["body"] for each in got) == [b"abc", b"def"]
    app.return_()


async def test_a_receive_cancelled_in_the_moment_its_part_arrives_leaves_the_part_to_the_next(
    serve: Serve,
) -> None:
    app = Reader()
    upload = Upload(serve(app).connect(), 3)
    await settled()
    first = asyncio.ensure_future(app.receive())
    await settled()
    upload.client.send(b"abc")
    first.cancel()
    await asyncio.wait([first])
    assert await app.receive() == request(b"abc")
    app.return_()


async def test_asgi_050_an_application_that_does_not_receive_stops_the_reading_until_it_does(
    serve: Serve,
) -> None:
    app = Reader()
    upload = Upload(serve(app, read_buffer_bytes=1000).connect(), 3000)
    transport = upload.client.transport
    await upload.send(b"x" * 999)
    assert transport.reading
    await upload.send(b"x")
    assert not transport.reading
    await upload.send(b"y" * 1500)
    assert await app.receive() == request(b"x" * 1000, more=True)
    await settled()
    assert not transport.reading
    assert await app.receive() == request(b"y" * 1500, more=True)
    assert transport.reading
    await upload.send(b"z" * 500)
    assert await app.receive() == request(b"z" * 500)
    app.return_()


async def test_an_answer_without_reading_the_body_resumes_the_reading_to_drop_it(serve: Serve) -> None:
    app = Reader()
    upload = Upload(serve(app, read_buffer_bytes=1000).connect(), 3000)
    client = upload.client
    await upload.send(b"x" * 2000)
    assert not client.transport.reading
    await app.answer()
    await settled()
    assert client.transport.reading
    await upload.send(b"y" * 1000)
    client.read()
    client.send(get())
    await settled()
    assert await app.receive() == request(b"")
    app.return_()


async def test_asgi_055_a_client_is_asked_for_its_body_when_the_application_receives(serve: Serve) -> None:
    app = Reader()
    upload = Upload(serve(app).connect(), 3, EXPECT)
    await settled()
    assert upload.client.read() == b""
    waiting = asyncio.ensure_future(app.receive())
    await settled()
    assert upload.client.read() == CONTINUE
    await upload.send(b"abc")
    assert await waiting == request(b"abc")
    assert upload.client.read() == b""
    app.return_()


async def test_a_client_is_not_asked_for_a_body_that_nobody_wants(serve: Serve) -> None:
    app = Reader()
    upload = Upload(serve(app).connect(), 3, EXPECT)
    await settled()
    await app.answer()
    assert await app.receive() == DISCONNECT
    answer = upload.client.read()
    assert CONTINUE not in answer
    assert b"connection: close\r\n" in answer
    app.return_()


async def test_a_finished_application_that_receives_asks_nothing_of_the_next_request(serve: Serve) -> None:
    apps = [Reader(), Reader()]
    order = iter(apps)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await next(order)(scope, receive, send)

    client = serve(app).connect()
    await client.ask(post(b"abc"))
    await apps[0].answer()
    Upload(client, 3, EXPECT)
    await settled()
    client.read()
    assert await apps[0].receive() == DISCONNECT
    assert client.read() == b""
    waiting = asyncio.ensure_future(apps[1].receive())
    await settled()
    assert client.read() == CONTINUE
    waiting.cancel()
    for each in apps:
        each.return_()
    await settled()


async def test_an_application_that_receives_from_a_client_that_never_sent_its_body_is_told_so(
    serve: Serve,
) -> None:
    app = Reader()
    upload = Upload(serve(app).connect(), 3, EXPECT)
    await settled()
    upload.client.transport.feed_eof()
    await settled()
    assert await app.receive() == DISCONNECT
    app.return_()


async def test_a_fault_in_the_body_is_answered_and_told_as_a_disconnect(serve: Serve) -> None:
    app = Reader()
    server = serve(app)
    client = server.connect()
    await client.ask(b"POST / HTTP/1.1\r\nhost: test\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n")
    answer = await client.ask(b"nonsense\r\n")
    assert answer.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert await app.receive() == request(b"abc", more=True)
    assert await app.receive() == DISCONNECT
    with pytest.raises(OSError, match=r"http\.response\.start: the client has disconnected"):
        await app.send(START)
    assert server.log.statuses == [400]
    app.return_()


async def test_a_fault_in_the_body_cuts_a_response_that_has_begun(serve: Serve) -> None:
    app = Reader()
    server = serve(app)
    client = server.connect()
    await client.ask(b"POST / HTTP/1.1\r\nhost: test\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n")
    await app.send({**START, "status": 201})
    await app.send({**BODY, "more_body": True})
    client.read()
    assert await client.ask(b"nonsense\r\n") == b""
    assert client.ended == "aborted"
    assert server.log.statuses == [201]
    app.return_()
