"""The WSGI applications under test: those of `apps.py`, for the servers and adapters of that interface."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from bench.apps import GREETING, PART, PARTS

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


def hello(environ: "WSGIEnvironment", start_response: "StartResponse") -> list[bytes]:
    length = str(len(GREETING))
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", length)])
    return [GREETING]


def stream(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterator[bytes]:
    start_response("200 OK", [("Content-Type", "text/plain")])
    for _ in range(PARTS):
        yield PART
