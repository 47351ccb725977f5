"""`wsgi.errors` goes to the log (wsgi-bridges 5.1: wsgi.errors)."""

import logging
import sys
import traceback
from contextlib import suppress
from typing import Any

import pytest
from tests.adapters.wsgi_to_asgi.asgi_side import ask, http_scope
from tests.adapters.wsgi_to_asgi.thread_log import heard

from penstock.adapters import WsgiSettings, WsgiToAsgi


def saying(say: Any) -> WsgiToAsgi:
    """An application that says something to its error stream."""

    def app(environ, start_response):
        say(environ["wsgi.errors"])
        start_response("200 OK", [])
        return []

    return WsgiToAsgi(app)


async def test_a_line_is_a_record():
    with heard() as log:
        await ask(saying(lambda errors: errors.write("something is wrong\n")))
        assert await log.wait("something") == "something is wrong"


async def test_what_print_writes_in_pieces_is_one_line():
    with heard() as log:
        await ask(saying(lambda errors: print("one", "two", 3, file=errors)))
        assert await log.wait("one") == "one two 3"


async def test_lines_that_are_written_together_stay_together():
    with heard() as log:
        await ask(saying(lambda errors: errors.writelines(["first\n", "second\n", "third"])))
        assert await log.wait("first") == "first\nsecond"
        assert await log.wait("third") == "third"


async def test_a_traceback_arrives():
    def say(errors: Any) -> None:
        try:
            raise LookupError("as asked for")
        except LookupError:
            traceback.print_exc(file=errors)

    with heard() as log:
        await ask(saying(say))
        await log.wait("LookupError: as asked for")


@pytest.mark.parametrize("flush", [True, False])
async def test_what_has_no_line_end_is_a_record_at_a_flush_or_at_the_end_of_the_request(flush: bool):
    with heard() as log:
        await ask(saying(lambda errors: (errors.write("half a line"), flush and errors.flush())))
        assert await log.wait("half") == "half a line"


class ClosingBadly(list[bytes]):
    def close(self) -> None:
        raise LookupError("as asked for")


@pytest.mark.parametrize("where", ["in the call", "in its body", "in close", "with a stream of its own"])
async def test_a_line_that_a_failed_call_has_begun_is_not_ended_by_the_next(where: str):
    def app(environ, start_response):
        if environ["PATH_INFO"] == "/next":
            environ["wsgi.errors"].write("of the next\n")
        else:
            environ["wsgi.errors"].write("of the first")
        start_response("200 OK", [])
        if environ["PATH_INFO"] == "/next":
            return []
        if where == "in close":
            return ClosingBadly()
        if where == "in its body":
            return (1 // 0 for _ in range(1))
        environ.pop("wsgi.errors")
        if where == "with a stream of its own":
            return []
        raise LookupError("as asked for")

    adapter = WsgiToAsgi(app, WsgiSettings(threads=1))
    with heard() as log:
        with suppress(LookupError, ZeroDivisionError):
            await ask(adapter)
        await ask(adapter, http_scope(path="/next"))
        assert await log.wait("of the next") == "of the next"
        assert "of the first" in log.messages


async def test_a_line_without_an_end_does_not_grow_for_ever():
    with heard() as log:
        await ask(saying(lambda errors: [errors.write("x" * 1000) for _ in range(200)]))
        assert len(await log.wait("x")) < 100000


async def test_bytes_are_an_error():
    with pytest.raises(TypeError, match="was given a bytes; expected a str"):
        await ask(saying(lambda errors: errors.write(b"text")))


async def test_a_log_that_writes_to_the_error_stream_does_not_run_in_a_circle(
    monkeypatch: pytest.MonkeyPatch,
):
    """A handler for the stream of the request at the root logger, as Flask's documentation shows it."""

    class Stream:
        text = ""

        def write(self, text: str) -> None:
            self.text += text

    stream = Stream()
    monkeypatch.setattr(sys, "stderr", stream)

    def app(environ, start_response):
        handler = logging.StreamHandler(environ["wsgi.errors"])
        logging.getLogger().addHandler(handler)
        try:
            environ["wsgi.errors"].write("round and round\n")
        finally:
            logging.getLogger().removeHandler(handler)
        start_response("200 OK", [])
        return []

    with heard() as log:
        await ask(WsgiToAsgi(app))
        await log.wait("round and round")
    assert stream.text.count("round and round") == 1
