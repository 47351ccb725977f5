"""`wsgi.input`: the body of a request as a file, while it comes (wsgi-bridges 5.1)."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from tests.adapters.wsgi_to_asgi.asgi_side import Client, Signal, ask, http_scope, upload_scope
from tests.support.wired import settled

from penstock.adapters import WsgiSettings, WsgiToAsgi

LINES = b"first\nsecond\r\n\nlast"
SECONDS = 10


def reading(read: Callable[[Any], Any]) -> tuple[WsgiToAsgi, list[Any]]:
    """An application that reads its input in that way, and what it has read."""
    seen: list[Any] = []

    def app(environ, start_response):
        seen.append(read(environ["wsgi.input"]))
        start_response("200 OK", [])
        return []

    return WsgiToAsgi(app, WsgiSettings(read_ahead_bytes=16)), seen


async def upload(app: Any, parts: list[bytes]) -> None:
    client = Client(app, upload_scope())
    for part in parts[:-1]:
        client.give(part, more=True)
    client.give(parts[-1])
    await client.run()
    assert client.status == 200


CUTS = {
    "whole": [LINES],
    "byte by byte": [LINES[at : at + 1] for at in range(len(LINES))],
    "with an empty end": [LINES, b""],
    "with empty parts": [b"", LINES[:9], b"", LINES[9:], b""],
}
READS: dict[str, tuple[Callable[[Any], Any], Any]] = {
    "read()": (lambda file: file.read(), LINES),
    "read(-1)": (lambda file: file.read(-1), LINES),
    "read(None)": (lambda file: file.read(None), LINES),
    "read(0)": (lambda file: (file.read(0), file.read(2)), (b"", b"fi")),
    "read(size)": (
        lambda file: [file.read(8), file.read(8), file.read(8)],
        [LINES[:8], LINES[8:16], LINES[16:]],
    ),
    "read behind the end": (lambda file: (file.read(), file.read(), file.read(5)), (LINES, b"", b"")),
    "readline()": (lambda file: [file.readline(), file.readline()], [b"first\n", b"second\r\n"]),
    "readline(size)": (lambda file: [file.readline(3), file.readline(9)], [b"fir", b"st\n"]),
    "readline at the end": (lambda file: (file.read(), file.readline(), file.readline(4)), (LINES, b"", b"")),
    "readline(0)": (lambda file: (file.readline(0), file.readline()), (b"", b"first\n")),
    "readlines()": (lambda file: file.readlines(), [b"first\n", b"second\r\n", b"\n", b"last"]),
    "readlines(hint)": (lambda file: file.readlines(7), [b"first\n", b"second\r\n"]),
    "iteration": (list, [b"first\n", b"second\r\n", b"\n", b"last"]),
    "a mixture": (lambda file: (file.read(2), file.readline(), file.read()), (b"fi", b"rst\n", LINES[6:])),
}


@pytest.mark.parametrize("cut", CUTS)
@pytest.mark.parametrize("way", READS)
async def test_reading_is_that_of_a_file_however_the_body_comes(way: str, cut: str):
    """wsgi-bridges: readline(limit) on empty buffer; readlines(hint)/last line."""
    read, expected = READS[way]
    app, seen = reading(read)
    await upload(app, CUTS[cut])
    assert seen == [expected]


@pytest.mark.parametrize("version", ["1.0", "1.1"])
async def test_a_request_without_a_body_is_not_asked_for_one(version: str):
    app, seen = reading(lambda file: file.read())
    client = Client(app, http_scope(http_version=version))
    await client.run()
    assert (seen, client.received) == ([b""], 0)


async def test_with_http_2_only_the_body_tells_that_there_is_none():
    app, seen = reading(lambda file: file.read())
    client = await ask(app, http_scope(http_version="2"))
    assert (seen, client.received) == ([b""], 1)


async def test_no_thread_is_taken_before_the_first_part_is_here():
    app, seen = reading(lambda file: file.read())
    client = Client(app, upload_scope(3))
    before = threading.active_count()
    running = client.start()
    await settled()
    assert threading.active_count() <= before
    client.give(b"all")
    await running
    assert seen == [b"all"]


async def test_the_application_reads_what_is_here_before_the_rest_comes():
    """wsgi-bridges: request body streamed."""
    has_read = Signal()

    def app(environ, start_response):
        first = environ["wsgi.input"].read(5)
        has_read.set()
        start_response("200 OK", [])
        return [first + environ["wsgi.input"].read()]

    client = Client(WsgiToAsgi(app), upload_scope(10))
    client.give(b"first", more=True)
    running = client.start()
    await has_read.wait()
    client.give(b"other")
    await running
    assert client.body == b"firstother"


async def test_the_body_is_read_ahead_up_to_a_bound():
    """wsgi-bridges: request body streamed with prefetch; back-pressure on the client."""
    may_read = threading.Event()

    def app(environ, start_response):
        assert may_read.wait(SECONDS)
        start_response("200 OK", [])
        return [environ["wsgi.input"].read()]

    client = Client(WsgiToAsgi(app, WsgiSettings(read_ahead_bytes=1000)), upload_scope())
    for _ in range(50):
        client.give(bytes(100), more=True)
    client.give(b"end")
    running = client.start()
    await client.until(lambda: client.received == 7)
    await settled()
    assert client.received == 7  # a part counts for more than its bytes
    may_read.set()
    await running
    assert client.body == bytes(5000) + b"end"


async def test_tiny_parts_are_not_read_ahead_without_end():
    may_read = threading.Event()

    def app(environ, start_response):
        assert may_read.wait(SECONDS)
        start_response("200 OK", [])
        return [environ["wsgi.input"].read()]

    client = Client(WsgiToAsgi(app, WsgiSettings(read_ahead_bytes=1000)), upload_scope())
    for _ in range(200):
        client.give(b"x", more=True)
    client.give(b"y")
    running = client.start()
    await client.until(lambda: client.received > 10)
    await settled()
    assert client.received < 20
    may_read.set()
    await running
    assert client.body == b"x" * 200 + b"y"


async def test_a_client_that_leaves_inside_its_body_is_an_oserror():
    """wsgi-bridges: disconnect while reading body. What has come is not taken for the whole."""
    seen: list[Any] = []

    def app(environ, start_response):
        for read in (environ["wsgi.input"].read, environ["wsgi.input"].readline, environ["wsgi.input"].read):
            try:
                seen.append(read())
            except OSError as error:
                seen.append(type(error))
        start_response("400 Bad Request", [])
        return []

    client = Client(WsgiToAsgi(app), upload_scope(10))
    client.give(b"first", more=True)
    running = client.start()
    await client.until(lambda: client.received == 1)
    client.leave()
    with pytest.raises(OSError, match="gone"):  # of this server's `send`
        await running
    assert len(seen) == 3
    assert all(isinstance(each, type) and issubclass(each, OSError) for each in seen)


async def test_an_oserror_of_reading_that_nobody_catches_is_no_failure():
    app, _ = reading(lambda file: file.read())
    client = Client(app, upload_scope(10))
    client.give(b"first", more=True)
    running = client.start()
    await client.until(lambda: client.received == 1)
    client.leave()
    await running
    assert client.sent == []


async def test_a_client_that_leaves_before_its_body_comes_takes_no_thread():
    app, seen = reading(lambda file: file.read())
    client = Client(app, upload_scope(10))
    client.leave()
    await client.run()
    assert (seen, client.sent) == ([], [])


async def test_who_expects_a_consent_is_asked_for_the_body_by_the_first_read():
    """`receive` is what sends 100 Continue."""
    has_begun, may_read = Signal(), threading.Event()

    def app(environ, start_response):
        has_begun.set()
        assert may_read.wait(SECONDS)
        start_response("200 OK", [])
        return [environ["wsgi.input"].read()]

    headers = [(b"content-length", b"3"), (b"expect", b"100-continue")]
    client = Client(WsgiToAsgi(app), upload_scope(headers=headers))
    client.give(b"all")
    running = client.start()
    await has_begun.wait()
    await settled()
    assert client.received == 0
    may_read.set()
    await running
    assert client.body == b"all"


async def test_who_expects_a_consent_may_be_refused_without_reading():
    def app(environ, start_response):
        start_response("413 Content Too Large", [])
        return [b"no"]

    headers = [(b"content-length", b"3"), (b"expect", b"100-continue")]
    client = Client(WsgiToAsgi(app), upload_scope(headers=headers))
    await client.run()
    assert (client.status, client.received) == (413, 0)


async def test_a_thread_that_reads_on_behind_the_response_is_told_that_it_is_over():
    closed = Signal()
    seen: list[Any] = []

    class Body:
        def __init__(self, file: Any) -> None:
            self.file = file

        def __iter__(self):
            return iter([b"an answer"])

        def close(self) -> None:
            try:
                self.file.read()
            except OSError as error:
                seen.append(str(error))
            closed.set()

    def app(environ, start_response):
        start_response("200 OK", [("Content-Length", "9")])
        return Body(environ["wsgi.input"])

    client = Client(WsgiToAsgi(app), upload_scope(10))
    client.give(b"first", more=True)
    await client.run()
    await closed.wait()
    assert seen == ["the request is over"]


async def test_a_server_that_fails_to_receive_is_an_oserror_in_the_thread():
    class Broken(Client):
        async def receive(self) -> dict[str, Any]:
            if self.received:
                raise RuntimeError("a broken server")
            return await super().receive()

    seen: list[str] = []

    def app(environ, start_response):
        try:
            environ["wsgi.input"].read()
        except OSError as error:
            seen.append(str(error))
        start_response("200 OK", [])
        return []

    client = Broken(WsgiToAsgi(app), upload_scope(10))
    client.give(b"first", more=True)
    await client.run()
    assert "a broken server" in seen[0]
