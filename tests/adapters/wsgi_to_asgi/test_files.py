"""`wsgi.file_wrapper`: the server sends the file itself where it can; the bytes are the same everywhere."""

import bz2
import gzip
import io
import lzma
import os
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.adapters.wsgi_to_asgi.asgi_side import Client, Signal, http_scope

from penstock.adapters import WsgiToAsgi

ZERO_COPY, PATH_SEND = "http.response.zerocopysend", "http.response.pathsend"
CONTENT = bytes(range(256)) * 1000


def read(path: str) -> bytes:
    return Path(path).read_bytes()


class FileClient(Client):
    """A server that sends files itself, when it is asked to."""

    def __init__(self, app: Any, *extensions: str, method: str = "GET") -> None:
        super().__init__(app, http_scope(method=method, extensions={name: {} for name in extensions}))

    async def send(self, message: dict[str, Any]) -> None:
        if message["type"] == ZERO_COPY:
            message = {**message, "body": os.pread(message["file"], message["count"], message["offset"])}
        elif message["type"] == PATH_SEND:
            message = {**message, "body": read(message["path"])}
        await super().send(message)

    @property
    def kinds(self) -> set[str]:
        return {each["type"] for each in self.sent[1:]}


class Sending:
    """An application that answers with a file, from `start` on; it tells when the file is closed."""

    def __init__(self, file: Any, headers: Any = (), start: int = 0) -> None:
        self.file, self.headers, self.start = file, list(headers), start
        self.closed = Signal()
        self.adapter = WsgiToAsgi(self)

    def __call__(self, environ: Any, start_response: Any) -> Any:
        start_response("200 OK", self.headers)
        self.file.seek(self.start)
        wrapper = environ["wsgi.file_wrapper"](self.file, 8192)
        close = wrapper.close

        def tell() -> None:
            close()
            self.closed.set()

        wrapper.close = tell
        return wrapper


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "file.bin").write_bytes(CONTENT)
    return tmp_path / "file.bin"


@pytest.fixture
def file(path: Path) -> Iterator[io.BufferedReader]:
    with path.open("rb") as opened:
        yield opened


async def answer(app: Sending, *extensions: str, method: str = "GET") -> FileClient:
    client = FileClient(app.adapter, *extensions, method=method)
    await client.run()
    assert client.is_complete
    await app.closed.wait()
    assert app.file.closed
    return client


@pytest.mark.parametrize(
    ("extensions", "kind"),
    [
        ((), "http.response.body"),
        ((ZERO_COPY,), ZERO_COPY),
        ((PATH_SEND,), PATH_SEND),
        ((PATH_SEND, ZERO_COPY), ZERO_COPY),
    ],
)
async def test_a_file_is_sent_in_the_best_way_that_the_server_has(file, extensions, kind):
    client = await answer(Sending(file), *extensions)
    assert client.body == CONTENT
    assert client.kinds == {kind}
    if extensions:
        assert client.fields == {"content-length": str(len(CONTENT))}


async def test_a_file_is_sent_from_where_it_stands(file):
    client = await answer(Sending(file, start=1000), ZERO_COPY)
    assert client.body == CONTENT[1000:]


async def test_a_part_of_a_file_is_not_sent_by_its_path(file):
    client = await answer(Sending(file, start=1000), PATH_SEND)
    assert (client.body, client.kinds) == (CONTENT[1000:], {"http.response.body"})


@pytest.mark.parametrize("extensions", [(), (ZERO_COPY,), (PATH_SEND,)])
async def test_a_file_is_sent_up_to_the_content_length(file, extensions):
    client = await answer(Sending(file, [("Content-Length", "70000")], start=10), *extensions)
    assert client.body == CONTENT[10:70010]


@pytest.mark.parametrize("extensions", [(), (ZERO_COPY,), (PATH_SEND,)])
async def test_a_file_that_is_shorter_than_its_content_length_is_an_error(file, extensions):
    app = Sending(file, [("Content-Length", str(len(CONTENT) + 1))])
    client = FileClient(app.adapter, *extensions)
    with pytest.raises(Exception, match="bytes before its content-length"):
        await client.run()
    assert not client.is_complete
    await app.closed.wait()


async def test_a_file_whose_path_is_another_s_by_now_is_read(file, path):
    path.unlink()
    path.write_bytes(b"another")
    client = await answer(Sending(file), PATH_SEND)
    assert (client.body, client.kinds) == (CONTENT, {"http.response.body"})


async def test_a_file_in_memory_is_read():
    client = await answer(Sending(io.BytesIO(CONTENT)), ZERO_COPY, PATH_SEND)
    assert (client.body, client.kinds) == (CONTENT, {"http.response.body"})


@pytest.mark.parametrize("extensions", [(), (ZERO_COPY,), (PATH_SEND,)])
@pytest.mark.parametrize("module", [gzip, bz2, lzma])
async def test_a_file_that_unpacks_another_is_read(path, module: Any, extensions):
    """Its `fileno` is that of the packed one."""
    with module.open(path, "wb") as packed:
        packed.write(CONTENT)
    client = await answer(Sending(module.open(path)), *extensions)
    assert (client.body, client.kinds) == (CONTENT, {"http.response.body"})


async def test_a_file_whose_class_reads_in_a_way_of_its_own_is_read(path):
    class Upper(io.FileIO):
        def read(self, size: int | None = -1, /) -> bytes:
            return (super().read(size) or b"").upper()

    client = await answer(Sending(Upper(path)), ZERO_COPY)
    assert (client.body, client.kinds) == (CONTENT.upper(), {"http.response.body"})


async def test_a_reader_of_something_else_is_read():
    client = await answer(Sending(io.BufferedReader(io.BytesIO(CONTENT))), ZERO_COPY)  # type: ignore[arg-type]
    assert (client.body, client.kinds) == (CONTENT, {"http.response.body"})


PLAIN: dict[str, Callable[[Path], Any]] = {
    "unbuffered": lambda path: path.open("rb", buffering=0),
    "for writing too": lambda path: path.open("r+b"),
    "temporary": lambda path: written(tempfile.TemporaryFile()),  # noqa: SIM115 the application closes it
    "temporary with a name": lambda path: written(tempfile.NamedTemporaryFile()),  # noqa: SIM115 likewise
}


def written(file: Any) -> Any:
    """What it has to write is in its buffer yet, and there it stays when it is sought to a place of it."""
    file.write(CONTENT[:-5000])
    file.flush()
    file.seek(len(CONTENT) - 9000)
    file.read(1)
    file.seek(len(CONTENT) - 5000)
    file.write(CONTENT[-5000:])
    return file


@pytest.mark.parametrize("kind", PLAIN)
async def test_whatever_reads_the_bytes_of_its_descriptor_is_sent_by_the_server(path, kind: str):
    client = await answer(Sending(PLAIN[kind](path)), ZERO_COPY)
    assert (client.body, client.kinds) == (CONTENT, {ZERO_COPY})


async def test_an_empty_file_is_an_empty_body(path):
    path.write_bytes(b"")
    with path.open("rb") as opened:
        assert (await answer(Sending(opened), ZERO_COPY)).body == b""


async def test_a_pipe_is_read():
    read_end, write_end = os.pipe()
    os.write(write_end, b"through a pipe")
    os.close(write_end)
    with os.fdopen(read_end, "rb") as opened:

        def app(environ, start_response):
            start_response("200 OK", [])
            return environ["wsgi.file_wrapper"](opened)

        client = FileClient(WsgiToAsgi(app), ZERO_COPY)
        await client.run()
    assert client.body == b"through a pipe"


async def test_the_head_alone_is_answered_without_the_file(file):
    client = await answer(Sending(file, [("Content-Length", str(len(CONTENT)))]), ZERO_COPY, method="HEAD")
    assert client.fields == {"content-length": str(len(CONTENT))}
    assert client.kinds == {"http.response.body"}


async def test_what_is_only_read_needs_neither_a_close_nor_a_number():
    class Source:
        def __init__(self) -> None:
            self.parts = [b"one", b"two", b""]

        def read(self, size: int) -> bytes:
            return self.parts.pop(0)

    def app(environ, start_response):
        start_response("200 OK", [])
        wrapper = environ["wsgi.file_wrapper"](Source())
        assert not hasattr(wrapper, "close")
        return wrapper

    client = FileClient(WsgiToAsgi(app), ZERO_COPY)
    await client.run()
    assert client.body == b"onetwo"


async def test_a_file_is_open_until_it_is_sent(file):
    app = Sending(file)
    client = FileClient(app.adapter, ZERO_COPY)
    client.slow = True
    running = client.start()
    for _ in range(3):
        assert not app.file.closed
        client.read_on()
    await running
    assert client.body == CONTENT
    await app.closed.wait()


async def test_a_client_that_leaves_while_its_file_is_sent_frees_the_thread(file):
    app = Sending(file)
    client = FileClient(app.adapter, ZERO_COPY)
    client.slow = True
    running = client.start()
    client.leave()
    with pytest.raises(OSError, match="gone"):
        await running
    await app.closed.wait()
