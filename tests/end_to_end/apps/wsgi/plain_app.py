"""A WSGI application without a framework, for what frameworks hide: what it does is in the path."""

import gzip
import sys
import tempfile
import threading
from collections.abc import Iterator
from typing import Any

DOWNLOAD_BYTES = 1000000
released = threading.Event()


def say(text: str) -> None:
    """A test waits for it. In one piece: `print` would mix the lines of threads."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def app(environ: Any, start_response: Any) -> Any:
    name, _, rest = environ["PATH_INFO"].removeprefix("/").partition("/")
    return ROUTES[name](environ, start_response, rest)


def hello(environ: Any, start_response: Any, rest: str) -> Any:
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"hello from a thread"]


def download(environ: Any, start_response: Any, rest: str) -> Any:
    start_response("200 OK", [])
    return (bytes(10000) for _ in range(DOWNLOAD_BYTES // 10000))


def endless(environ: Any, start_response: Any, rest: str) -> Iterator[bytes]:
    start_response("200 OK", [])
    try:
        while True:
            yield bytes(10000)
    finally:
        say(f"closed {rest}")


def short(environ: Any, start_response: Any, rest: str) -> Any:
    start_response("200 OK", [("Content-Length", "10")])
    yield b"half"


def late(environ: Any, start_response: Any, rest: str) -> Iterator[bytes]:
    start_response("200 OK", [])
    yield bytes(100000)
    raise RuntimeError("as asked for")


def hold(environ: Any, start_response: Any, rest: str) -> Any:
    say("holding")
    released.wait(20)
    start_response("200 OK", [])
    return [b"released"]


def release(environ: Any, start_response: Any, rest: str) -> Any:
    released.set()
    start_response("200 OK", [])
    return []


def upload(environ: Any, start_response: Any, rest: str) -> Any:
    file = environ["wsgi.input"]
    say(f"began {file.read(5)!r}")
    try:
        size = len(file.read())
    except OSError as error:
        say(f"cut {rest}: {type(error).__name__}")
        size = 0
    start_response("200 OK", [])
    return [b"%d" % size]


def unpacked(environ: Any, start_response: Any, rest: str) -> Any:
    """A file whose descriptor reads other bytes than the file does."""
    with tempfile.NamedTemporaryFile() as packed:
        packed.write(gzip.compress(b"unpacked " * 10000))
        packed.flush()
        start_response("200 OK", [])
        return environ["wsgi.file_wrapper"](gzip.open(packed.name))


def errors(environ: Any, start_response: Any, rest: str) -> Any:
    environ["wsgi.errors"].write("said to wsgi.errors\n")
    return hello(environ, start_response, rest)


ROUTES = {
    "": hello,
    "download": download,
    "endless": endless,
    "short": short,
    "late": late,
    "hold": hold,
    "release": release,
    "upload": upload,
    "unpacked": unpacked,
    "errors": errors,
}
