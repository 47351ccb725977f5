"""Bodies from files: what is sent of them, what is refused, and what becomes of the client in the middle."""

import asyncio
import os
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.support.wired import Server, get, settled, until

from penstock.base.asgi import Message, Receive, Scope, Send
from penstock.base.errors import ClientDisconnected, LocalProtocolError
from penstock.transport.connection import Connection

Serve = Callable[..., Server]

START: Message = {"type": "http.response.start", "status": 200}
LETTERS = b"abcdefghijklmnopqrstuvwxyz"


@pytest.fixture
def letters(tmp_path: Path) -> Path:
    path = tmp_path / "letters"
    path.write_bytes(LETTERS)
    return path


@pytest.fixture
def opened(letters: Path) -> Iterator[int]:
    descriptor = os.open(letters, os.O_RDONLY)
    yield descriptor
    os.close(descriptor)


def pathsend(path: Any) -> Message:
    return {"type": "http.response.pathsend", "path": path}


def zerocopy(file: Any, **more: Any) -> Message:
    return {"type": "http.response.zerocopysend", "file": file, **more}


def part(data: bytes, more: bool = True) -> Message:
    return {"type": "http.response.body", "body": data, "more_body": more}


class Sender:
    """Sends messages; notes the error that ends it, if one does."""

    def __init__(self, *messages: Message) -> None:
        self.messages = messages
        self.errors: list[Exception] = []
        self.done = asyncio.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            for message in self.messages:
                await send(message)
        except Exception as error:
            self.errors.append(error)
            raise
        finally:
            self.done.set()


async def through_a_fake(server: Server, request: bytes) -> bytes:
    client = server.connect()
    client.send(request)
    app = server.service.app
    assert isinstance(app, Sender)
    await app.done.wait()
    await settled()
    return client.read()


@asynccontextmanager
async def real_sockets(server: Server) -> AsyncIterator[socket.socket]:
    """A connection over a pair of sockets, the client's end of which does not block."""
    ours, theirs = socket.socketpair()
    theirs.setblocking(False)
    loop = asyncio.get_running_loop()
    transport, _ = await loop.connect_accepted_socket(lambda: Connection(server.sweep), ours)
    with theirs:
        yield theirs
    transport.abort()
    await server.sweep.wait_empty()


async def through_sockets(server: Server, request: bytes) -> bytes:
    app = server.service.app
    assert isinstance(app, Sender)
    loop = asyncio.get_running_loop()
    async with real_sockets(server) as client:
        await loop.sock_sendall(client, request)
        reading = asyncio.ensure_future(_read_to_end(client))
        await app.done.wait()
        await settled()
        server.sweep.drain()
        return await reading


async def _read_to_end(client: socket.socket) -> bytes:
    data = b""
    while part := await asyncio.get_running_loop().sock_recv(client, 65536):
        data += part
    return data


WAYS = pytest.mark.parametrize("ask", [through_a_fake, through_sockets])


@WAYS
async def test_asgi_078_a_whole_file_by_its_path_ends_the_response(
    serve: Serve, ask: Any, letters: Path
) -> None:
    server = serve(Sender(START, pathsend(str(letters)), part(b"ignored")))
    answer = await ask(server, get())
    assert answer == (
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1a\r\n" + LETTERS + b"\r\n0\r\n\r\n"
    )
    assert server.log.statuses == [200]
    assert server.log[0].body_bytes == 26


@WAYS
async def test_asgi_079_the_length_is_the_applications_to_tell(serve: Serve, ask: Any, letters: Path) -> None:
    start = {**START, "headers": [(b"content-length", b"26")]}
    answer = await ask(serve(Sender(start, pathsend(str(letters)))), get())
    assert answer == b"HTTP/1.1 200 OK\r\ncontent-length: 26\r\n\r\n" + LETTERS


@WAYS
async def test_an_empty_file_is_an_empty_body(serve: Serve, ask: Any, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.touch()
    start = {**START, "headers": [(b"content-length", b"0")]}
    answer = await ask(serve(Sender(start, pathsend(str(empty)))), get())
    assert answer == b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"


@WAYS
async def test_the_answer_to_a_head_request_sends_nothing_of_the_file(
    serve: Serve, ask: Any, letters: Path
) -> None:
    start = {**START, "headers": [(b"content-length", b"26")]}
    answer = await ask(serve(Sender(start, pathsend(str(letters)))), get().replace(b"GET", b"HEAD"))
    assert answer == b"HTTP/1.1 200 OK\r\ncontent-length: 26\r\n\r\n"


@WAYS
@pytest.mark.parametrize(
    ("arguments", "sent"),
    [
        ({}, LETTERS),
        ({"offset": 20}, b"uvwxyz"),
        ({"offset": 2, "count": 3}, b"cde"),
        ({"count": 3}, b"abc"),
        ({"offset": 26}, b""),
        ({"offset": 0, "count": 0}, b""),
    ],
)
async def test_asgi_076_a_range_of_an_open_file(
    serve: Serve, ask: Any, opened: int, arguments: dict[str, int], sent: bytes
) -> None:
    start = {**START, "headers": [(b"content-length", b"%d" % len(sent))]}
    answer = await ask(serve(Sender(start, zerocopy(opened, **arguments))), get())
    assert answer.partition(b"\r\n\r\n")[2] == sent


@WAYS
async def test_asgi_076_077_ranges_mix_with_parts_and_the_file_stays_open(
    serve: Serve, ask: Any, letters: Path
) -> None:
    with letters.open("rb") as file:
        file.seek(3)
        messages = [
            part(b"<"),
            zerocopy(file, count=2, more_body=True),
            part(b"|"),
            zerocopy(file, offset=0, count=1),
        ]
        answer = await ask(serve(Sender(START, *messages)), get())
        assert not file.closed
    assert answer.partition(b"\r\n\r\n")[2] == b"1\r\n<\r\n2\r\nde\r\n1\r\n|\r\n1\r\na\r\n0\r\n\r\n"


async def test_trailers_can_follow_a_file(serve: Serve, letters: Path) -> None:
    trailers = {"type": "http.response.trailers", "headers": [(b"x", b"1")]}
    app = Sender({**START, "trailers": True}, pathsend(str(letters)), trailers)
    answer = await through_a_fake(serve(app), get(fields=b"te: trailers\r\n"))
    assert answer.endswith(LETTERS + b"\r\n0\r\nx: 1\r\n\r\n")


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (pathsend("relative"), "expected an absolute path"),
        (pathsend(b"/bytes"), "expected an absolute path"),
        (zerocopy(0, offset=-1), "offset is -1"),
        (zerocopy(0, offset="1"), "offset is '1'"),
        (zerocopy(0, count=-1, offset=0), "count is -1"),
        (zerocopy(0, count=1.5, offset=0), r"count is 1\.5"),
    ],
)
async def test_a_range_or_path_that_makes_no_sense_is_raised_and_becomes_a_500(
    serve: Serve, message: Message, words: str
) -> None:
    app = Sender(START, message)
    answer = await through_a_fake(serve(app), get())
    assert answer.startswith(b"HTTP/1.1 500 ")
    (error,) = app.errors
    with pytest.raises(LocalProtocolError, match=words):
        raise error


async def test_a_file_that_is_not_there_can_be_answered_for_by_the_application(
    serve: Serve, tmp_path: Path
) -> None:
    class Fallback(Sender):
        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            await send({**START, "status": 404})
            with pytest.raises(LocalProtocolError, match="missing"):
                await send(pathsend(str(tmp_path / "missing")))
            await send(part(b"no such file", more=False))
            self.done.set()

    server = serve(Fallback())
    answer = await through_a_fake(server, get())
    assert answer.startswith(b"HTTP/1.1 404 ")
    assert answer.endswith(b"no such file")
    assert server.log.statuses == [404]


async def test_a_pipe_without_a_count_is_refused(serve: Serve) -> None:
    reading, writing = os.pipe()
    try:
        app = Sender(START, zerocopy(reading))
        answer = await through_a_fake(serve(app), get())
    finally:
        os.close(reading)
        os.close(writing)
    assert answer.startswith(b"HTTP/1.1 500 ")
    assert "regular" in str(app.errors[0])


async def test_a_file_that_is_shorter_than_was_said_cuts_the_connection(serve: Serve, opened: int) -> None:
    app = Sender(START, zerocopy(opened, offset=0, count=1000))
    server = serve(app)
    client = server.connect()
    client.send(get())
    await app.done.wait()
    await settled()
    assert isinstance(app.errors[0], LocalProtocolError)
    assert client.ended == "aborted"
    assert server.log.statuses == [200]


async def test_nothing_else_can_be_sent_while_a_file_is_on_its_way(serve: Serve, letters: Path) -> None:
    errors: list[Exception] = []

    class Both(Sender):
        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            await send(START)
            sending = asyncio.ensure_future(send(pathsend(str(letters))))
            await asyncio.sleep(0)
            for message in (part(b"x"), pathsend(str(letters))):
                try:
                    await send(message)
                except LocalProtocolError as error:
                    errors.append(error)
            await sending
            self.done.set()

    answer = await through_a_fake(serve(Both()), get())
    assert answer.endswith(LETTERS + b"\r\n0\r\n\r\n")
    assert len(errors) == 2


async def test_a_large_file_waits_for_a_slow_client_and_a_client_that_stops_is_given_up(
    serve: Serve, tmp_path: Path
) -> None:
    large = tmp_path / "large"
    with large.open("wb") as file:
        file.truncate(32 * 1024 * 1024)
    app = Sender(START, pathsend(str(large)))
    server = serve(app, write_stall_seconds=60)
    loop = asyncio.get_running_loop()
    async with real_sockets(server) as client:
        await loop.sock_sendall(client, get())
        taken = len(await loop.sock_recv(client, 1000))
        while taken < 4 * 1024 * 1024:
            taken += len(await loop.sock_recv(client, 1 << 20))
        await no_progress(server)
        assert not app.done.is_set()
        server.at(0)
        server.at(59)
        assert not app.done.is_set()
        server.at(60)
        await app.done.wait()
    assert isinstance(app.errors[0], ClientDisconnected)
    assert server.log.statuses == [200]


async def test_a_client_that_goes_in_the_middle_of_a_file_ends_the_sending_and_one_record_is_made(
    serve: Serve, tmp_path: Path
) -> None:
    large = tmp_path / "large"
    with large.open("wb") as file:
        file.truncate(32 * 1024 * 1024)
    app = Sender(START, pathsend(str(large)))
    server = serve(app)
    loop = asyncio.get_running_loop()
    async with real_sockets(server) as client:
        await loop.sock_sendall(client, get())
        await loop.sock_recv(client, 1000)
        client.close()
        await app.done.wait()
    assert isinstance(app.errors[0], OSError)
    assert server.log.statuses == [200]
    assert not server.service.running


async def test_a_loss_behind_the_last_part_of_a_file_is_recorded_once(serve: Serve, letters: Path) -> None:
    app = Sender(START, pathsend(str(letters)))
    server = serve(app, write_buffer_bytes=1)
    client = server.connect()
    client.transport.fill()
    client.send(get())
    await until(lambda: LETTERS in client.transport.written)
    client.transport.lose()
    await app.done.wait()
    await settled()
    assert isinstance(app.errors[0], ClientDisconnected)
    assert server.log.statuses == [200]


async def no_progress(server: Server) -> None:
    """Until the kernel's buffers are full and the sweep has seen it."""
    for _ in range(20):
        await settled()
