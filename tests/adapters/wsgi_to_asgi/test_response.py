"""`start_response`, `write`, the iterable and what becomes of them (wsgi-bridges 5.1)."""

import sys
import threading
from collections.abc import Iterable, Iterator
from itertools import repeat
from typing import Any

import pytest
from tests.adapters.wsgi_to_asgi.asgi_side import Client, Signal, ask, http_scope
from tests.adapters.wsgi_to_asgi.thread_log import heard

from penstock import LocalProtocolError
from penstock.adapters import WsgiToAsgi

SECONDS = 10


class Parts:
    """An iterable that tells when it was closed."""

    def __init__(self, parts: Iterable[bytes]) -> None:
        self._parts = parts
        self.closed = Signal()
        self.close_count = 0

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._parts)

    def close(self) -> None:
        self.close_count += 1
        self.closed.set()


def answering(body: Any, status: str = "200 OK", headers: Any = ()) -> WsgiToAsgi:
    def app(environ, start_response):
        start_response(status, list(headers))
        return body

    return WsgiToAsgi(app)


async def fails(app: Any, error: type[BaseException], text: str) -> None:
    """The application's error reaches the server before anything was sent, so that it answers with a 500."""
    client = Client(app)
    client.give(b"")
    with pytest.raises(error, match=text):
        await client.run()
    assert client.sent == []


async def test_status_headers_and_body_arrive():
    client = await ask(answering([b"hello"], "201 Created", [("Content-Type", "text/plain"), ("X-A", "1")]))
    assert client.status == 201
    assert client.sent[0]["headers"][:2] == [(b"content-type", b"text/plain"), (b"x-a", b"1")]
    assert client.body == b"hello"


async def test_a_header_may_be_there_twice():
    client = await ask(answering([], headers=[("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")]))
    assert client.sent[0]["headers"][:2] == [(b"set-cookie", b"a=1"), (b"set-cookie", b"b=2")]


@pytest.mark.parametrize("body", [[b"one", b"two"], (b"one", b"two"), [b"onetwo"]])
async def test_a_list_is_sent_with_its_length_in_one_message(body: Any):
    client = await ask(answering(body))
    assert client.fields == {"content-length": "6"}
    assert [each["type"] for each in client.sent] == ["http.response.start", "http.response.body"]
    assert client.body == b"onetwo"


async def test_an_empty_body_is_a_response():
    assert (await ask(answering([]))).fields == {"content-length": "0"}
    assert (await ask(answering([b""]))).body == b""
    assert (await ask(answering(iter([])))).body == b""


@pytest.mark.parametrize("count", [1, 2, 20])
@pytest.mark.parametrize("way", ["list", "iterator", "write"])
async def test_parts_may_be_of_a_subclass_of_bytes(way: str, count: int):
    class Part(bytes):
        pass

    parts = [Part(b"x" * 5000) for _ in range(count)]

    def app(environ, start_response):
        write = start_response("200 OK", [])
        if way == "write":
            for part in parts:
                write(part)
            return []
        return parts if way == "list" else iter(parts)

    client = await ask(WsgiToAsgi(app))
    assert client.body == b"x" * 5000 * count
    assert {type(each["body"]) for each in client.sent[1:]} == {bytes}


async def test_a_large_list_keeps_its_bytes():
    parts = [bytes([number]) * 10000 for number in range(100)]
    assert (await ask(answering(parts))).body == b"".join(parts)


async def test_a_generator_may_call_start_response_when_it_is_started():
    def app(environ, start_response):
        start_response("200 OK", [])
        yield b"one"
        yield b"two"

    assert (await ask(WsgiToAsgi(app))).body == b"onetwo"


async def test_a_class_may_be_the_application():
    class App:
        def __init__(self, environ: Any, start_response: Any) -> None:
            self.start_response = start_response

        def __iter__(self) -> Iterator[bytes]:
            self.start_response("200 OK", [])
            yield b"from a class"

    assert (await ask(WsgiToAsgi(App))).body == b"from a class"


async def test_many_small_parts_share_messages_and_keep_their_order():
    """wsgi-bridges: 1 KB chunks/s: batch small chunks."""
    client = await ask(answering(b"%d," % number for number in range(10000)))
    assert client.body == b"".join(b"%d," % number for number in range(10000))
    assert len(client.sent) < 5000


async def test_a_part_leaves_before_the_next_is_made():
    may_go_on = threading.Event()

    def app(environ, start_response):
        start_response("200 OK", [])
        yield b"first"
        assert may_go_on.wait(SECONDS)
        yield b"second"

    client = Client(WsgiToAsgi(app))
    running = client.start()
    await client.until(lambda: client.body == b"first")
    may_go_on.set()
    await running
    assert client.body == b"firstsecond"


async def test_the_head_waits_for_a_part_that_is_not_empty():
    """wsgi-bridges: start_response deferred to first non-empty chunk."""

    def app(environ, start_response):
        start_response("200 OK", [("X-First", "1")])
        yield b""
        try:
            raise LookupError("found out late")
        except LookupError:
            start_response("404 Not Found", [("X-Second", "2")], sys.exc_info())
        yield b"sorry"

    client = await ask(WsgiToAsgi(app))
    assert (client.status, client.fields, client.body) == (404, {"x-second": "2"}, b"sorry")


async def test_exc_info_before_the_head_is_sent_replaces_it():
    """wsgi-bridges: exc_info before headers sent."""

    def app(environ, start_response):
        start_response("200 OK", [("Content-Length", "100")])
        try:
            raise LookupError
        except LookupError:
            start_response("500 Oops", [("X-A", "1")], sys.exc_info())
        return [b"oops"]

    client = await ask(WsgiToAsgi(app))
    assert (client.status, client.fields, client.body) == (500, {"x-a": "1", "content-length": "4"}, b"oops")


async def test_exc_info_behind_the_head_is_raised_again():
    """wsgi-bridges: exc_info after headers sent. The client must see that its body is cut."""

    def app(environ, start_response):
        write = start_response("200 OK", [])
        write(b"half")
        try:
            raise LookupError("too late")
        except LookupError:
            start_response("500 Oops", [], sys.exc_info())
        return [b"never"]

    client = Client(WsgiToAsgi(app))
    with pytest.raises(LookupError, match="too late"):
        await client.run()
    assert not client.is_complete


@pytest.mark.parametrize("exc_info", [(None, None, None), (LookupError, None, None)])
@pytest.mark.parametrize("is_sent", [True, False])
async def test_exc_info_without_an_exception_is_none(exc_info: Any, is_sent: bool):
    """`sys.exc_info()` outside of an `except`. It replaces no head, sent or not."""
    raised: list[str] = []

    def app(environ, start_response):
        write = start_response("200 OK", [("Content-Length", "4")])
        if is_sent:
            write(b"ha")
        try:
            start_response("500 Oops", [], exc_info)
        except AssertionError as error:
            raised.append(str(error))
        return [b"lf"] if is_sent else [b"half"]

    client = await ask(WsgiToAsgi(app))
    assert (client.status, client.fields, client.body) == (200, {"content-length": "4"}, b"half")
    assert raised == ["start_response was called twice; the second call needs exc_info"]


async def test_exc_info_without_an_exception_goes_with_the_first_call():
    def app(environ, start_response):
        start_response("200 OK", [], sys.exc_info())
        return [b"fine"]

    assert (await ask(WsgiToAsgi(app))).body == b"fine"


async def test_start_response_is_not_to_be_called_twice():
    """wsgi-bridges: 2nd start_response without exc_info."""

    def app(environ, start_response):
        start_response("200 OK", [])
        start_response("200 OK", [])
        return []

    await fails(WsgiToAsgi(app), AssertionError, "start_response was called twice")


@pytest.mark.parametrize("body", [[], [b"body"], iter([b"body"]), iter([])])
async def test_a_body_without_start_response_is_an_error(body: Any):
    """wsgi-bridges: no start_response."""
    await fails(
        WsgiToAsgi(lambda environ, start_response: body), AssertionError, "did not call start_response"
    )


async def test_write_sends_before_the_iterable():
    """wsgi-bridges: write() callable."""

    def app(environ, start_response):
        write = start_response("200 OK", [])
        write(b"one")
        write(b"")
        write(b"two")
        return [b"three"]

    assert (await ask(WsgiToAsgi(app))).body == b"onetwothree"


async def test_write_may_be_all_there_is():
    def app(environ, start_response):
        start_response("200 OK", [("Content-Length", "3")])(b"one")
        return []

    assert (await ask(WsgiToAsgi(app))).body == b"one"


async def test_what_write_sends_leaves_at_once():
    may_go_on = threading.Event()

    def app(environ, start_response):
        start_response("200 OK", [])(b"first")
        assert may_go_on.wait(SECONDS)
        return [b"second"]

    client = Client(WsgiToAsgi(app))
    running = client.start()
    await client.until(lambda: client.body == b"first")
    may_go_on.set()
    await running


async def test_write_beyond_the_content_length_raises():
    raised = []

    def app(environ, start_response):
        write = start_response("200 OK", [("Content-Length", "5")])
        write(b"123")
        try:
            write(b"456")
        except LocalProtocolError as error:
            raised.append(str(error))
        return [b"45"]

    assert (await ask(WsgiToAsgi(app))).body == b"12345"
    assert "expected no more than the 2 that are left" in raised[0]


@pytest.mark.parametrize("body", [[b"123", b"4567"], [b"1234567"]], ids=["in parts", "at once"])
@pytest.mark.parametrize("kind", [list, iter], ids=["list", "iterator"])
async def test_a_body_is_cut_at_its_content_length(body: Any, kind: Any):
    """wsgi-bridges: content-length clamp / stop iterating."""
    with heard() as log:
        client = await ask(answering(kind(body), headers=[("Content-Length", "5")]))
        assert client.body == b"12345"
        await log.wait("GET /: more came than the content-length says")


async def test_nothing_is_taken_from_an_endless_body_behind_its_content_length():
    taken = []

    def parts():
        while True:
            taken.append(1)
            yield b"12"

    assert (await ask(answering(parts(), headers=[("Content-Length", "4")]))).body == b"1212"
    assert len(taken) <= 3


async def test_the_end_of_the_content_length_is_the_end_for_the_client():
    may_go_on = threading.Event()

    def app(environ, start_response):
        start_response("200 OK", [("Content-Length", "3")])
        yield b"all"
        may_go_on.wait(SECONDS)

    client = await ask(WsgiToAsgi(app))
    assert client.body == b"all"
    may_go_on.set()


@pytest.mark.parametrize("body", [[b"123"], iter([b"123"]), [], iter([])], ids=["list", "iterator"] * 2)
async def test_a_body_that_is_shorter_than_its_content_length_is_an_error(body: Any):
    client = Client(answering(body, headers=[("Content-Length", "5")]))
    with pytest.raises(Exception, match="bytes before its content-length"):
        await client.run()
    assert not client.is_complete


@pytest.mark.parametrize(
    ("method", "status"), [("HEAD", "200 OK"), ("GET", "304 Not Modified"), ("GET", "204 No")]
)
async def test_where_there_is_no_body_the_content_length_promises_nothing(method: str, status: str):
    headers = [("Content-Length", "5")] if status != "204 No" else []
    client = await ask(answering([], status, headers), http_scope(method=method))
    assert client.sent[0]["headers"] == [(name.lower().encode(), value.encode()) for name, value in headers]


@pytest.mark.parametrize("status", ["204 No Content", "304 Not Modified"])
@pytest.mark.parametrize("way", ["list", "iterator", "endless", "write"])
async def test_a_body_where_there_can_be_none_is_left_out(status: str, way: str):
    """RFC 9110 sections 15.3.5 and 15.4.5: the client would take it for the next response."""
    bodies = {
        "list": [b"one", b"two"],
        "iterator": iter([b"one", b"two"]),
        "endless": repeat(b"x"),
        "write": [],
    }

    def app(environ, start_response):
        write = start_response(status, [])
        if way == "write":
            write(b"one")
        return bodies[way]

    client = await ask(WsgiToAsgi(app))
    assert (client.status, client.fields, client.body) == (int(status[:3]), {}, b"")


async def test_a_response_without_content_has_no_length():
    """RFC 9110 section 8.6."""
    client = await ask(answering([b"none"], "204 No Content", [("Content-Length", "4"), ("X-A", "1")]))
    assert (client.fields, client.body) == ({"x-a": "1"}, b"")


@pytest.mark.parametrize("status", ["200", "200 ", "200 OK", "200 Very Long Reason: with, marks"])
async def test_a_status_needs_no_reason(status: str):
    """wsgi-bridges: status "200" without reason."""
    assert (await ask(answering([], status))).status == 200


async def test_header_values_are_latin_1():
    """wsgi-bridges: latin-1 header values."""
    client = await ask(answering([], headers=[("X-Name", "caf\xe9"), ("X-Tab", "a\tb")]))
    assert client.sent[0]["headers"][:2] == [(b"x-name", b"caf\xe9"), (b"x-tab", b"a\tb")]


async def test_fields_of_the_connection_are_left_to_the_server():
    client = await ask(
        answering([], headers=[("Connection", "keep-alive"), ("Transfer-Encoding", "chunked")])
    )
    assert client.fields == {"content-length": "0"}


@pytest.mark.parametrize("kind", [list, iter], ids=["list", "iterator"])
async def test_the_iterable_is_closed_when_it_is_sent(kind: Any):
    """wsgi-bridges: close() on iterable."""
    parts = Parts(kind([b"one", b"two"]))
    assert (await ask(answering(parts))).body == b"onetwo"
    await parts.closed.wait()
    assert parts.close_count == 1


async def test_the_iterable_is_closed_when_iterating_fails():
    def broken() -> Iterator[bytes]:
        yield b"half"
        raise LookupError("as asked for")

    parts = Parts(broken())
    client = Client(answering(parts))
    with pytest.raises(LookupError, match="as asked for"):
        await client.run()
    assert not client.is_complete
    await parts.closed.wait()


async def test_the_iterable_is_closed_when_start_response_was_not_called():
    parts = Parts([b"body"])
    await fails(WsgiToAsgi(lambda environ, start_response: parts), AssertionError, "start_response")
    await parts.closed.wait()


async def test_an_error_in_close_is_logged_and_spoils_nothing():
    class Broken(Parts):
        def close(self) -> None:
            super().close()
            raise LookupError("close failed as asked for")

    adapter = answering(Broken([b"fine"]))
    with heard() as log:
        for _ in range(2):
            assert (await ask(adapter)).body == b"fine"
            assert "close failed as asked for" in await log.wait("GET /: close() failed")
            log.messages.clear()


async def test_an_error_in_the_application_is_raised_to_the_server():
    def app(environ, start_response):
        raise LookupError("as asked for")

    await fails(WsgiToAsgi(app), LookupError, "as asked for")


async def test_an_error_behind_a_first_part_leaves_the_response_incomplete():
    may_fail = threading.Event()

    def app(environ, start_response):
        start_response("200 OK", [])
        yield b"half"
        assert may_fail.wait(SECONDS)
        raise LookupError("as asked for")

    client = Client(WsgiToAsgi(app))
    running = client.start()
    await client.until(lambda: client.body == b"half")
    may_fail.set()
    with pytest.raises(LookupError):
        await running
    assert not client.is_complete


@pytest.mark.parametrize("error", [SystemExit, KeyboardInterrupt, GeneratorExit])
async def test_an_exit_in_a_thread_does_not_end_the_server(error: type[BaseException]):
    def app(environ, start_response):
        raise error

    await fails(WsgiToAsgi(app), RuntimeError, error.__name__)


async def test_a_stop_iteration_in_the_application_is_an_error_like_others():
    def app(environ, start_response):
        raise StopIteration

    await fails(WsgiToAsgi(app), RuntimeError, "StopIteration")
