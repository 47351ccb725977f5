"""Applications that send nothing, too little, too much or the wrong thing: the client gets a 500 or a cut
connection, the log a reason, and no thread waits for good.
"""

import asyncio
import threading
from collections.abc import Callable
from typing import Any

import pytest
from tests.adapters.asgi_to_wsgi.apps import hello, part, respond, start
from tests.adapters.asgi_to_wsgi.conftest import Adapt
from tests.adapters.asgi_to_wsgi.wsgi_server import ask, begin

from penstock.adapters import AsgiToWsgi, AsgiToWsgiBounds
from penstock.base.errors import LocalProtocolError, SettingsError


async def nothing(scope: Any, receive: Any, send: Any) -> None:
    return


async def failing(scope: Any, receive: Any, send: Any) -> None:
    raise RuntimeError("as asked for")


async def leaving(scope: Any, receive: Any, send: Any) -> None:
    raise SystemExit("as asked for")


async def cancelled(scope: Any, receive: Any, send: Any) -> None:
    raise asyncio.CancelledError


async def only_head(scope: Any, receive: Any, send: Any) -> None:
    await send(start())


async def failing_behind_the_head(scope: Any, receive: Any, send: Any) -> None:
    await send(start())
    raise RuntimeError("as asked for")


@pytest.mark.parametrize("app", [nothing, failing, leaving, cancelled, only_head, failing_behind_the_head])
def test_an_application_that_does_not_respond_is_a_500_and_the_next_request_is_served(
    adapt: Adapt, app: Any, caplog: pytest.LogCaptureFixture
):
    async def first_so_then_well(scope: Any, receive: Any, send: Any) -> None:
        await (app if scope["path"] == "/first" else hello)(scope, receive, send)

    adapter = adapt(first_so_then_well)
    answer = ask(adapter, path="/first")
    assert (answer.status, answer.body) == ("500 Internal Server Error", b"Internal Server Error\n")
    assert "failed in 'GET /first'" in caplog.text
    assert ask(adapter).body == b"hello"


def test_an_error_behind_the_response_that_is_its_own_cause_holds_nobody_up(adapt: Adapt):
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await respond(send, b"answered")
        try:
            raise KeyError("odd")
        except KeyError as error:
            raise error from error

    adapted = adapt(app)
    for _ in range(2):
        assert ask(adapted).body == b"answered"


def test_a_response_without_an_end_is_cut(adapt: Adapt):
    taken = threading.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(start())
        await send(part(b"begun", more=True))
        await asyncio.to_thread(taken.wait, 10)

    reply = begin(adapt(app))
    assert reply.next() == b"begun"
    taken.set()
    with pytest.raises(LocalProtocolError, match="returned in the body; expected"):
        reply.next()
    reply.close()


def test_an_application_that_fails_in_the_body_is_cut_with_its_own_error(adapt: Adapt):
    taken = threading.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(start())
        await send(part(b"begun", more=True))
        await asyncio.to_thread(taken.wait, 10)
        raise RuntimeError("as asked for")

    reply = begin(adapt(app))
    assert reply.next() == b"begun"
    taken.set()
    with pytest.raises(RuntimeError, match="as asked for"):
        reply.next()
    reply.close()


def test_an_error_before_the_first_byte_replaces_the_head(adapt: Adapt, caplog: pytest.LogCaptureFixture):
    """`start_response` is called again, with exc_info."""
    go = threading.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(start())
        await send(part(more=True))
        await asyncio.to_thread(go.wait, 10)
        raise RuntimeError("as asked for")

    reply = begin(adapt(app))
    assert (reply.status, reply.next()) == ("200 OK", b"")
    go.set()
    assert reply.next() == b"Internal Server Error\n"
    assert (reply.status, reply.starts) == ("500 Internal Server Error", 2)
    assert reply.rest() == b""
    reply.close()
    assert "as asked for" in caplog.text


LENGTH = (b"content-length", b"5")


@pytest.mark.parametrize(("body", "words"), [(b"abc", "2 octets less"), (b"abcdef", "is more than")])
def test_a_body_of_another_length_at_once_is_a_500(
    adapt: Adapt, body: bytes, words: str, caplog: pytest.LogCaptureFixture
):
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await respond(send, body, LENGTH)

    assert ask(adapt(app)).status == "500 Internal Server Error"
    assert words in caplog.text


@pytest.mark.parametrize("second", [b"", b"c", b"cdef"])
def test_a_streamed_body_of_another_length_is_cut_whoever_catches_the_error(adapt: Adapt, second: bytes):
    taken = threading.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(start(LENGTH))
        await send(part(b"ab", more=True))
        await asyncio.to_thread(taken.wait, 10)
        with pytest.raises(LocalProtocolError, match="content-length of 5"):
            await send(part(second))
        await send(part(b"cde"))

    reply = begin(adapt(app))
    assert reply.next() == b"ab"
    taken.set()
    with pytest.raises(LocalProtocolError, match="content-length of 5"):
        reply.rest()
    reply.close()
    assert reply.sent == b"ab"


def head(**keys: Any) -> dict[str, Any]:
    return {"type": "http.response.start", "status": 200, "headers": [], **keys}


def headers(*pairs: Any) -> dict[str, Any]:
    return head(headers=list(pairs))


BAD_FIRST = {
    "a str": ("text", "'text' was sent; expected a dict with a type"),
    "no type": ({}, "expected a dict with a type"),
    "an unknown type": ({"type": "http.response.push"}, "expected http.response.start"),
    "a body before the head": (part(b"x"), "was sent before the response; expected http.response.start"),
    "no status": ({"type": "http.response.start"}, "status is None; expected a number from 200 to 999"),
    "a str as status": (head(status="200"), "status is '200'"),
    "an interim status": (head(status=103), "status is 103"),
    "a status of four digits": (head(status=1000), "status is 1000"),
    "a bool as status": (head(status=True), "status is True"),
    "headers that are None": (head(headers=None), "headers is None; expected pairs of bytes"),
    "headers in a dict": (head(headers={b"a": b"b"}), "headers is of type dict"),
    "an int as header": (headers(1), "1 in headers; expected a pair of bytes"),
    "a header of three": (headers((b"a", b"b", b"c")), "expected a pair of bytes"),
    "a str as name": (headers(("a", b"b")), "the header 'a' is b'b'; expected both to be bytes"),
    "an int as value": (headers((b"a", 1)), "the header b'a' is 1; expected both to be bytes"),
    "a name that is no token": (headers((b"a b", b"c")), "b'a b' is no name of a header"),
    "an empty name": (headers((b"", b"c")), "b'' is no name of a header"),
    "a line feed in a value": (headers((b"a", b"b\r\nc: d")), "b'a' has a control character"),
    "a length that is no number": (headers((b"content-length", b"x")), "the content-length is 'x'"),
    "a str as trailers": (head(trailers="no"), "trailers is str 'no'; expected True or False"),
    "a number as trailers": (head(trailers=0), "trailers is int 0; expected True or False"),
    "two lengths": (headers((b"content-length", b"1"), (b"content-length", b"1")), "expected one of them"),
}
BAD_SECOND = {
    "a str as body": (part("text"), "body is of type str; expected bytes"),  # type: ignore[arg-type]
    "None as body": (part(None), "body is None; expected bytes"),  # type: ignore[arg-type]
    "a str as more_body": (
        part(b"x", more="no"),  # type: ignore[arg-type]
        "http.response.body: more_body is str 'no'; expected True or False",
    ),
    "a number as more_body": (part(b"x", more=1), "more_body is int 1; expected True or False"),
    "a second head": (head(), "'http.response.start' was sent after the head; expected http.response.body"),
    "trailers": ({"type": "http.response.trailers", "headers": []}, "expected http.response.body"),
}


def judged(adapt: Adapt, words: str, *messages: Any) -> None:
    """The last message is raised where it is sent, and the client gets a 500."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        for message in messages[:-1]:
            await send(message)
        try:
            await send(messages[-1])
        except LocalProtocolError as error:
            assert words in str(error)
            raise

    assert ask(adapt(app)).status == "500 Internal Server Error"


@pytest.mark.parametrize(("message", "words"), BAD_FIRST.values(), ids=BAD_FIRST)
def test_a_wrong_first_message_is_raised_with_what_was_expected(
    adapt: Adapt, message: Any, words: str, caplog: pytest.LogCaptureFixture
):
    judged(adapt, words, message)
    assert words in caplog.text


@pytest.mark.parametrize(("message", "words"), BAD_SECOND.values(), ids=BAD_SECOND)
def test_a_wrong_second_message_is_raised_with_what_was_expected(
    adapt: Adapt, message: Any, words: str, caplog: pytest.LogCaptureFixture
):
    judged(adapt, words, start(), message)
    assert words in caplog.text


def test_a_wrong_message_may_be_mended(adapt: Adapt):
    async def app(scope: Any, receive: Any, send: Any) -> None:
        with pytest.raises(LocalProtocolError):
            await send(head(status="200"))
        await respond(send, b"mended")

    assert ask(adapt(app)).body == b"mended"


def test_an_error_behind_the_response_is_logged(adapt: Adapt, caplog: pytest.LogCaptureFixture):
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await respond(send, b"whole")
        raise RuntimeError("as asked for")

    adapter = adapt(app)
    assert ask(adapter).body == b"whole"
    adapter.close()
    assert "as asked for" in caplog.text


@pytest.mark.parametrize("stop", [lambda loop: loop.stop(), lambda loop: loop.create_task(failing_task())])
def test_a_loop_that_an_application_stops_runs_on(adapt: Adapt, stop: Callable[[Any], Any]):
    async def app(scope: Any, receive: Any, send: Any) -> None:
        stop(asyncio.get_running_loop())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        await respond(send, b"still here")

    adapter = adapt(app)
    assert [ask(adapter).body, ask(adapter).body] == [b"still here"] * 2


async def failing_task() -> None:
    raise SystemExit("as asked for")


def test_what_still_runs_at_the_end_is_cut_and_nobody_waits_for_it(adapt: Adapt):
    """Two applications that do not end: one lets itself be cancelled, one does not."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(start())
        await send(part(b"begun", more=True))
        while True:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                if scope["path"] == "/gentle":
                    raise

    adapter = adapt(app, bounds=AsgiToWsgiBounds(shutdown_seconds=0))
    replies = [begin(adapter, path=path) for path in ("/gentle", "/stubborn")]
    assert [reply.next() for reply in replies] == [b"begun", b"begun"]
    adapter.close()
    for reply in replies:
        with pytest.raises(LocalProtocolError, match="ended with CancelledError"):
            reply.next()
        reply.close()


def test_an_application_that_blocks_the_loop_does_not_hold_the_end_up(
    adapt: Adapt, caplog: pytest.LogCaptureFixture
):
    blocked, released = threading.Event(), threading.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await respond(send)
        blocked.set()
        released.wait(20)

    adapter = adapt(app, bounds=AsgiToWsgiBounds(shutdown_seconds=0))
    ask(adapter)
    assert blocked.wait(10)
    adapter.close()
    released.set()
    assert "blocks its event loop" in caplog.text


@pytest.mark.parametrize(
    "keys",
    [
        {"path": "/fails"},
        {"HTTP_UPGRADE": "websocket"},
        {"CONTENT_LENGTH": "x"},
    ],
)
def test_a_refusal_has_no_body_for_head(adapt: Adapt, keys: dict[str, Any]):
    answer = ask(adapt(failing), strict=False, method="HEAD", **keys)
    assert answer.status[0] in "45"
    assert answer.body == b""
    assert int(answer.values("content-length")[0]) > 0


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"lifespan": "maybe"}, "lifespan: 'maybe' is not known"),
        ({"app": 1}, "1 cannot be called"),
    ],
)
def test_a_setting_that_cannot_be_used_is_refused(keys: dict[str, Any], words: str):
    with pytest.raises((SettingsError, TypeError), match=words):
        AsgiToWsgi(**{"app": hello, **keys})


@pytest.mark.parametrize(
    "keys", [{"read_bytes": 0}, {"buffer_bytes": 0}, {"cancel_seconds": -1}, {"shutdown_seconds": "1"}]
)
def test_a_bound_that_cannot_be_used_is_refused_by_its_name(keys: dict[str, Any]):
    with pytest.raises(SettingsError, match=next(iter(keys))):
        AsgiToWsgiBounds(**keys)
