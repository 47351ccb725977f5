"""A WSGI application behind `WsgiToAsgi`, as any ASGI server runs it: what it does is in the path."""

import hashlib
import sys
import threading
from collections.abc import Iterator
from typing import Any

from tests.end_to_end.apps.wsgi.plain_app import hello

from penstock.adapters import WsgiSettings, WsgiToAsgi

MIB = 1024 * 1024
READ_BYTES = 100000  # not a multiple of what a server may have cut the body into
released = threading.Event()


def download_parts() -> Iterator[bytes]:
    """10 MiB in which no stretch is like another."""
    for start in range(0, 10 * MIB // 8, 8192):
        yield b"".join(number.to_bytes(8, "big") for number in range(start, start + 8192))


def app(environ: Any, start_response: Any) -> Any:
    name, _, rest = environ["PATH_INFO"].removeprefix("/").partition("/")
    return ROUTES[name](environ, start_response, rest)


def show(environ: Any, start_response: Any, rest: str) -> Any:
    start_response("200 OK", [("Content-Type", "text/plain")])
    keys = ("REQUEST_METHOD", "PATH_INFO", "QUERY_STRING", "HTTP_X_SEEN", "wsgi.url_scheme")
    return ["\n".join(str(environ.get(key)) for key in keys).encode("latin-1")]


def upload(environ: Any, start_response: Any, rest: str) -> Any:
    digest = hashlib.sha256()
    while part := environ["wsgi.input"].read(READ_BYTES):
        digest.update(part)
    start_response("200 OK", [])
    return [digest.hexdigest().encode()]


def download(environ: Any, start_response: Any, rest: str) -> Any:
    start_response("200 OK", [])
    return download_parts()


def stream(environ: Any, start_response: Any, rest: str) -> Iterator[bytes]:
    """The second part follows when another request has come for it."""
    start_response("200 OK", [("Content-Length", "11")])
    yield b"first"
    yield b"second" if released.wait(20) else b"lonely"


def release(environ: Any, start_response: Any, rest: str) -> Any:
    released.set()
    return hello(environ, start_response, rest)


def endless(environ: Any, start_response: Any, rest: str) -> Iterator[bytes]:
    start_response("200 OK", [])
    try:
        while True:
            yield bytes(10000)
    finally:
        sys.stdout.write(f"closed {rest}\n")  # in one piece: `print` would mix the lines of threads


def late(environ: Any, start_response: Any, rest: str) -> Iterator[bytes]:
    """It fails when the first part has left: the second is more than may wait."""
    start_response("200 OK", [])
    yield bytes(100000)
    yield bytes(100000)
    raise RuntimeError("as asked for")


ROUTES = {
    "": hello,
    "show": show,
    "upload": upload,
    "download": download,
    "endless": endless,
    "late": late,
    "stream": stream,
    "release": release,
}
application = WsgiToAsgi(app, WsgiSettings(threads=10))
