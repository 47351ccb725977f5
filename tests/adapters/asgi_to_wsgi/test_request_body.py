"""The body of a request: read when the application asks for it, and never taken for whole when it is not."""

import asyncio
import io
import threading
from typing import Any

import pytest
from tests.adapters.asgi_to_wsgi.apps import part, read_body, respond, start
from tests.adapters.asgi_to_wsgi.conftest import Adapt
from tests.adapters.asgi_to_wsgi.wsgi_server import ask, begin

from penstock.adapters import AsgiToWsgiBounds
from penstock.base.errors import ClientDisconnected

CHUNKED = {"HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input_terminated": True}


async def echo(scope: Any, receive: Any, send: Any) -> None:
    await respond(send, await read_body(receive))


async def describe(scope: Any, receive: Any, send: Any) -> None:
    """Answers with the sizes of the messages that the body came in."""
    sizes, more = [], True
    while more:
        message = await receive()
        sizes.append(str(len(message["body"])))
        more = message["more_body"]
    await respond(send, " ".join(sizes).encode())


class Unread(io.RawIOBase):
    def read(self, size: int = -1) -> bytes:
        raise AssertionError("nobody asked for it")


class Broken(io.RawIOBase):
    def read(self, size: int = -1) -> bytes:
        raise TimeoutError("the server's own error")


class Available(io.BytesIO):
    """Gives by `read1` what is there: two octets at a time."""

    def read1(self, size: int | None = -1, /) -> bytes:
        return super().read(2)


def test_a_body_arrives_whole(adapt: Adapt):
    assert ask(adapt(echo), method="POST", body=b"abc").body == b"abc"


def test_a_large_body_arrives_in_parts_and_the_last_one_says_so(adapt: Adapt):
    adapter = adapt(describe, bounds=AsgiToWsgiBounds(read_bytes=4))
    assert ask(adapter, method="POST", body=bytes(10)).body == b"4 4 2"


def test_what_is_behind_the_length_is_not_read(adapt: Adapt):
    stream = io.BytesIO(b"abcGET /")
    assert ask(adapt(echo), method="POST", body=stream, CONTENT_LENGTH="3").body == b"abc"
    assert stream.read() == b"GET /"


def test_a_chunked_body_is_read_to_its_end(adapt: Adapt):
    assert ask(adapt(echo), method="POST", body=io.BytesIO(b"abc" * 50000), **CHUNKED).body == b"abc" * 50000


def test_a_body_of_http_2_needs_neither_length_nor_coding(adapt: Adapt):
    more = {"SERVER_PROTOCOL": "HTTP/2.0", "wsgi.input_terminated": True}
    assert ask(adapt(echo), method="POST", body=io.BytesIO(b"abc"), **more).body == b"abc"


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_a_body_that_the_server_ends_needs_neither_length_nor_coding(adapt: Adapt, method: str):
    """Whoever takes the coding off may take its field off, too."""
    more = {"wsgi.input_terminated": True}
    assert ask(adapt(echo), method=method, body=io.BytesIO(b"abc" * 50000), **more).body == b"abc" * 50000


def test_a_body_that_the_server_ends_may_be_empty(adapt: Adapt):
    more = {"wsgi.input_terminated": True}
    assert ask(adapt(describe), method="POST", body=io.BytesIO(), **more).body == b"0"


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize(
    "more", [{}, {"CONTENT_LENGTH": "0"}, {"CONTENT_LENGTH": ""}, {"wsgi.input_terminated": True}]
)
def test_a_request_without_a_body_is_one_empty_message_and_nothing_is_read(
    adapt: Adapt, more: dict[str, Any], method: str
):
    """A GET and a HEAD of HTTP/1 have a body only where a field says so."""
    body = ask(adapt(describe), strict=False, method=method, body=Unread(), **more).body
    assert body == (b"0" if method == "GET" else b"")


def test_a_chunked_body_of_a_get_is_read(adapt: Adapt):
    assert ask(adapt(echo), method="GET", body=io.BytesIO(b"abc"), **CHUNKED).body == b"abc"


def test_a_chunked_body_that_the_server_does_not_end_is_refused_with_411(adapt: Adapt):
    """An empty body in its place would look whole."""
    more = {"HTTP_TRANSFER_ENCODING": "chunked"}
    answer = ask(adapt(describe), strict=False, method="POST", body=Unread(), **more)
    assert answer.status == "411 Length Required"
    assert b"send one with its length" in answer.body


def test_a_body_that_nobody_asks_for_is_not_read(adapt: Adapt):
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await respond(send, b"no")

    assert ask(adapt(app), strict=False, method="POST", body=Unread(), CONTENT_LENGTH="5").body == b"no"


def test_what_is_available_arrives_before_the_rest(adapt: Adapt):
    assert (
        ask(adapt(describe), strict=False, method="POST", body=Available(b"abcde"), CONTENT_LENGTH="5").body
        == b"2 2 1"
    )


@pytest.mark.parametrize("length", ["x", "-1", "+1", "1, 1", "1" * 19, "²"])
def test_a_length_that_is_no_number_is_refused_with_400(adapt: Adapt, length: str):
    answer = ask(adapt(echo), strict=False, method="POST", body=b"a", CONTENT_LENGTH=length)
    assert answer.status == "400 Bad Request"


def test_request_and_response_alternate(adapt: Adapt):
    """Each part is answered before the next one is read."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(start())
        more = True
        while more:
            message = await receive()
            more = message["more_body"]
            await send(part(message["body"].upper(), more=more))

    adapter = adapt(app, bounds=AsgiToWsgiBounds(read_bytes=1))
    stream = io.BytesIO(b"abc")
    reply = begin(adapter, method="POST", body=stream, CONTENT_LENGTH="3")
    assert (reply.next(), stream.tell()) == (b"A", 1)
    assert (reply.next(), stream.tell()) == (b"B", 2)
    assert (reply.rest(), stream.tell()) == (b"C", 3)
    reply.close()


def told_of(adapt: Adapt, **keys: Any) -> tuple[BaseException, list[str]]:
    """What the server gets and what the application receives when a body breaks off."""
    received: list[str] = []
    ended = threading.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        try:
            while not received or received[-1] != "http.disconnect":
                received.append((await receive())["type"])
            await respond(send, b"never seen")
        finally:
            ended.set()

    with pytest.raises(OSError) as caught:
        begin(
            adapt(app, bounds=AsgiToWsgiBounds(cancel_seconds=60)), method="POST", CONTENT_LENGTH="5", **keys
        )
    assert ended.wait(10)
    return caught.value, received


def test_a_body_that_breaks_off_is_a_disconnect(adapt: Adapt):
    error, received = told_of(adapt, body=io.BytesIO(b"ab"))
    assert isinstance(error, ClientDisconnected)
    assert "3 octets" in str(error)
    assert received == ["http.request", "http.disconnect"]


def test_an_error_in_reading_goes_to_the_server_and_is_a_disconnect(adapt: Adapt):
    error, received = told_of(adapt, strict=False, body=Broken())
    assert isinstance(error, TimeoutError)
    assert received == ["http.disconnect"]


def test_a_receive_that_was_given_up_loses_nothing(adapt: Adapt):
    """The part that it had asked for is the next one's."""
    wanted, go = threading.Event(), threading.Event()

    class Slow(io.BytesIO):
        def read1(self, size: int | None = -1, /) -> bytes:
            wanted.set()
            assert go.wait(10)
            return super().read1(size)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        task = asyncio.create_task(receive())
        await asyncio.to_thread(wanted.wait, 10)
        task.cancel()
        await asyncio.wait([task])
        asyncio.get_running_loop().call_soon(go.set)
        await respond(send, await read_body(receive))

    assert ask(adapt(app), strict=False, method="POST", body=Slow(b"abc"), CONTENT_LENGTH="3").body == b"abc"


def test_behind_the_body_receive_waits_for_the_end_of_the_response(adapt: Adapt):
    received: list[str] = []
    ended = threading.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await read_body(receive)
        later = asyncio.create_task(receive())
        await asyncio.sleep(0)
        assert not later.done()
        await respond(send, b"done")
        received.append((await later)["type"])
        received.append((await receive())["type"])
        ended.set()

    assert ask(adapt(app), method="POST", body=b"abc").body == b"done"
    assert ended.wait(10)
    assert received == ["http.disconnect", "http.disconnect"]
