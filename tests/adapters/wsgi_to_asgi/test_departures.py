"""Clients that leave while their response is made, and clients that read slowly (wsgi-bridges 5.1).

Servers of ASGI HTTP 2.4 raise from `send` when a client has gone; older ones (Uvicorn 0.54, for one)
swallow what is sent. The thread has to hear of it either way.
"""

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from tests.adapters.wsgi_to_asgi.asgi_side import Client, Signal, ask, upload_scope
from tests.support.wired import settled

from penstock.adapters import WsgiSettings, WsgiToAsgi

KINDS = pytest.mark.parametrize("raises", [True, False], ids=["raising server", "silent server"])
SECONDS = 10


class Endless:
    """An application whose body never ends; it tells when it is closed."""

    def __init__(self, settings: WsgiSettings | None = None) -> None:
        self.adapter = WsgiToAsgi(self, settings)
        self.closed = Signal()
        self.closed_count = 0
        self.made_bytes = 0

    def __call__(self, environ: Any, start_response: Any) -> Any:
        start_response("200 OK", [])
        if environ["PATH_INFO"] == "/short":
            return [b"short"]
        return self

    def __iter__(self) -> Iterator[bytes]:
        while True:
            self.made_bytes += 1000
            yield bytes(1000)

    def close(self) -> None:
        self.closed_count += 1
        self.closed.set()


async def leaves(client: Client, running: asyncio.Task[None]) -> None:
    """The client leaves, and the application's coroutine ends, with the server's own error or without."""
    client.leave()
    try:
        await running
    except OSError as error:
        assert str(error) == "the client has gone"


@KINDS
async def test_a_client_that_leaves_frees_its_thread(raises: bool):
    """wsgi-bridges: client gone mid-stream. close() is called, too."""
    app = Endless()
    client = Client(app.adapter, raises_from_send=raises)
    running = client.start()
    await client.until(lambda: len(client.body) > 5000)
    await leaves(client, running)
    await app.closed.wait()
    assert app.closed_count == 1


@KINDS
async def test_a_slow_client_that_leaves_frees_its_thread(raises: bool):
    app = Endless()
    client = Client(app.adapter, raises_from_send=raises)
    running = client.start()
    await client.until(lambda: len(client.body) > 5000)
    client.slow = True
    await settled()
    await leaves(client, running)
    await app.closed.wait()


@KINDS
async def test_many_clients_that_leave_leave_the_threads_to_others(raises: bool):
    """wsgi-bridges: ten aborted downloads kill a pool of ten for good elsewhere."""
    app = Endless(WsgiSettings(threads=3))
    for _ in range(50):
        client = Client(app.adapter, raises_from_send=raises)
        running = client.start()
        await client.until(lambda: bool(client.body))  # noqa: B023 it is awaited here
        await leaves(client, running)
    for _ in range(50):
        client = Client(app.adapter)
        client.scope["path"] = "/short"
        await client.run()
        assert client.body == b"short"


async def test_a_cancelled_request_frees_its_thread():
    """The server gives the request up: at its end, or some time after the client has gone."""
    app = Endless()
    client = Client(app.adapter)
    running = client.start()
    await client.until(lambda: bool(client.body))
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    await app.closed.wait()


async def test_a_slow_client_makes_the_application_wait():
    """wsgi-bridges: backpressure. What is made is bounded by the setting, however fast the application
    is.
    """
    app = Endless(WsgiSettings(write_ahead_bytes=10000))
    client = Client(app.adapter)
    client.slow = True
    running = client.start()
    await settled()
    made = await stalled(app)
    assert made <= 12000
    client.read_on()
    await client.until(lambda: len(client.body) > 100000)
    await leaves(client, running)
    await app.closed.wait()


async def stalled(app: Endless) -> int:
    """How much was made when nothing more is made, for as long as other threads take for a while of their
    own.
    """
    made = -1
    while made != app.made_bytes:
        made = app.made_bytes
        await asyncio.to_thread(sum, range(100000))
    return made


async def test_write_waits_for_a_slow_client():
    wrote = []

    def app(environ, start_response):
        write = start_response("200 OK", [])
        for number in range(100):
            write(bytes(1000))
            wrote.append(number)
        return []

    client = Client(WsgiToAsgi(app, WsgiSettings(write_ahead_bytes=10000)))
    client.slow = True
    running = client.start()
    await settled()
    count = -1
    while count != len(wrote):
        count = len(wrote)
        await asyncio.to_thread(sum, range(100000))
    assert count <= 12
    client.read_on()
    await running
    assert len(client.body) == 100000


async def test_write_raises_an_oserror_when_the_client_has_gone():
    raised = Signal()
    may_go_on = threading.Event()

    def app(environ, start_response):
        write = start_response("200 OK", [])
        try:
            while True:
                write(b"part")
        except OSError:
            raised.set()
            raise

    client = Client(WsgiToAsgi(app))
    running = client.start()
    await client.until(lambda: bool(client.body))
    await leaves(client, running)
    may_go_on.set()
    await raised.wait()


@KINDS
async def test_an_application_that_yields_nothing_for_a_while_hears_of_it_too(raises: bool):
    """Empty parts are not sent, but looked at."""
    closed = Signal()

    def app(environ, start_response):
        start_response("200 OK", [])
        try:
            yield b"first"
            while True:
                yield b""
        finally:
            closed.set()

    client = Client(WsgiToAsgi(app), raises_from_send=False)
    running = client.start()
    await client.until(lambda: bool(client.body))
    await leaves(client, running)
    await closed.wait()


async def test_on_a_silent_server_a_body_is_still_read_while_the_response_is_sent():
    def app(environ, start_response):
        start_response("200 OK", [])
        yield b"begin "
        yield from environ["wsgi.input"]

    client = Client(WsgiToAsgi(app), upload_scope(), raises_from_send=False)
    client.give(b"one ", more=True)
    running = client.start()
    await client.until(lambda: client.body.startswith(b"begin"))
    client.give(b"two")
    await running
    assert client.body == b"begin one two"


async def test_on_a_silent_server_a_client_that_expected_a_consent_may_leave():
    app = Endless()
    headers = [(b"content-length", b"3"), (b"expect", b"100-continue")]
    client = Client(app.adapter, upload_scope(headers=headers), raises_from_send=False)
    running = client.start()
    await client.until(lambda: bool(client.body))
    await leaves(client, running)
    await app.closed.wait()


def uploaded(client: Client, count: int) -> None:
    """Parts of 50 kB, more of them than are read ahead; the body does not end."""
    for _ in range(count):
        client.give(bytes(50000), more=True)


@pytest.mark.parametrize("version", ["1.1", "2"])
async def test_on_a_silent_server_a_long_body_that_nobody_reads_does_not_hide_the_departure(version: str):
    app = Endless()
    client = Client(app.adapter, upload_scope(http_version=version), raises_from_send=False)
    uploaded(client, 20)
    running = client.start()
    await client.until(lambda: bool(client.body))
    await leaves(client, running)
    await app.closed.wait()


async def test_on_a_silent_server_a_body_that_nobody_reads_is_not_kept():
    """The client goes on sending, and the rest of what it sends is dropped."""
    seen: list[str] = []
    may_read = threading.Event()

    def app(environ, start_response):
        start_response("200 OK", [])
        while not may_read.is_set():
            yield bytes(100000)
        size = 0
        try:
            while part := environ["wsgi.input"].read(1000):
                size += len(part)
        except OSError as error:
            seen.append(f"{size // 50000} parts, then: {error}")

    client = Client(WsgiToAsgi(app), upload_scope(), raises_from_send=False)
    uploaded(client, 200)
    running = client.start()
    await client.until(lambda: client.received == 200)
    may_read.set()
    await running
    assert len(seen) == 1
    assert seen[0].startswith("6 parts, then: the application sent its response and did not read on")


async def test_on_a_silent_server_an_application_that_makes_much_of_each_part_has_its_whole_body():
    """It is behind its client all the time, and it reads on."""

    def app(environ, start_response):
        start_response("200 OK", [])
        while part := environ["wsgi.input"].read(50000):
            for _ in range(20):
                yield part

    client = Client(WsgiToAsgi(app), upload_scope(), raises_from_send=False)
    uploaded(client, 29)
    client.give(bytes(50000))
    await client.run()
    assert len(client.body) == 30 * 20 * 50000


async def test_a_simple_answer_listens_for_no_departure():
    def app(environ, start_response):
        start_response("200 OK", [])
        return [b"short"]

    client = Client(WsgiToAsgi(app), raises_from_send=False)
    await client.run()
    assert client.received == 0


async def test_a_failure_of_send_is_the_server_s_and_frees_the_thread():
    class Refusing(Client):
        async def send(self, message: dict[str, Any]) -> None:
            raise ValueError("the server does not like it")

    app = Endless()
    with pytest.raises(ValueError, match="does not like it"):
        await Refusing(app.adapter).run()
    await app.closed.wait()
    app.closed = Signal()
    assert (await ask(WsgiToAsgi(lambda environ, start: start("200 OK", []) and []))).status == 200
