"""A WSGI server without sockets, in the thread of the test, that lets nothing pass that PEP 3333 forbids.

`begin` gives the response to be taken part by part; `ask` takes it whole. Both sides are judged by
`wsgiref.validate`, unless `strict` is False.
"""

import io
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from wsgiref.validate import validator

Application = Callable[..., Any]


@dataclass
class Answer:
    status: str
    headers: list[tuple[str, str]]
    body: bytes

    def values(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name]


@dataclass
class Reply:
    """What a server holds of a response: the head once it is there, and the rest to be asked for."""

    status: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)
    sent: bytes = b""
    starts: int = 0
    _parts: Any = ()
    _iterator: Iterator[bytes] = field(default_factory=lambda: iter(()))

    def start_response(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        """As PEP 3333 asks for: after the first byte, an error is raised instead."""
        try:
            if exc_info and self.sent:
                raise exc_info[1]
        finally:
            exc_info = None
        self.starts += 1
        self.status, self.headers = status, headers
        return lambda data: None

    def run(self, application: Application, environ: dict[str, Any]) -> "Reply":
        self._parts = application(environ, self.start_response)
        self._iterator = iter(self._parts)
        return self

    def next(self) -> bytes:
        """The next part; StopIteration at the end, or what the application raises."""
        part = next(self._iterator)
        self.sent += part
        return part

    def rest(self) -> bytes:
        return b"".join(iter(self._next_or_none, None))

    def close(self) -> None:
        if hasattr(self._parts, "close"):
            self._parts.close()

    def _next_or_none(self) -> bytes | None:
        try:
            return self.next()
        except StopIteration:
            return None


def environ_of(method: str = "GET", path: str = "/", body: Any = b"", **more: Any) -> dict[str, Any]:
    """`body` is bytes, told by their length, or a stream. Values of None are left out."""
    found = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": "testserver",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "CONTENT_LENGTH": str(len(body)) if isinstance(body, bytes) and body else None,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body) if isinstance(body, bytes) else body,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        **more,
    }
    return {key: value for key, value in found.items() if value is not None}


def begin(application: Application, *, strict: bool = True, **keys: Any) -> Reply:
    return Reply().run(validator(application) if strict else application, environ_of(**keys))


def ask(application: Application, **keys: Any) -> Answer:
    reply = begin(application, **keys)
    try:
        body = reply.rest()
    finally:
        reply.close()
    return Answer(reply.status, reply.headers, body)
