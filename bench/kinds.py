"""The kinds of work: a request of HTTP/1.1 or HTTP/2, a WebSocket message, the memory of a connection, a
message on a channel layer.
"""

from dataclasses import dataclass

from bench.figures import A_SECOND
from bench.starting import ASGI

# The sections of the report, and which works belong together.
HTTP1 = "HTTP/1.1 and WebSocket"
HTTP2 = "HTTP/2"
WSGI_AND_ASGI2 = "WSGI and ASGI 2"
CHANNEL_LAYERS = "Channel layers"
SECTIONS = (HTTP1, HTTP2, WSGI_AND_ASGI2, CHANNEL_LAYERS)

EVERY = ("penstock", "granian", "uvicorn", "uvicorn-zttp", "gunicorn", "hypercorn", "daphne")


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """`app` names a callable in `apps.py`, or in `wsgi_apps.py` where that is the interface.

    The first of `servers` is the one that the best peer is compared with.
    """

    name: str
    title: str
    app: str
    section: str = HTTP1
    interface: str = ASGI
    connections: int = 64
    tls: bool = False
    websocket: bool = False
    http2: bool = False
    servers: tuple[str, ...] = EVERY

    @property
    def ours(self) -> str:
        return self.servers[0]

    def on(self, server: str) -> "Work":
        """What is measured on that server; nearly always the same on all."""
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpWork(Work):
    """One request as the bytes that go over the wire, repeated by wrk; `answer` is the body it must bring."""

    request: bytes
    answer: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Http2Work(Work):
    """A request for `/`, a POST when there is a `body`, on so many streams of each connection, by h2load."""

    answer: bytes
    streams: int
    body: bytes = b""
    section: str = HTTP2
    http2: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSocketWork(Work):
    """One message of `size` bytes and its echo, on every connection again and again."""

    size: int
    app: str = "echo_messages"
    websocket: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Http2WebSocketWork(Work):
    """The same on so many streams of each connection; `penstock-http1` does `over_http1` beside it."""

    over_http1: WebSocketWork
    streams: int
    section: str = HTTP2
    app: str = "echo_messages"
    websocket: bool = True
    http2: bool = True

    def on(self, server: str) -> Work:
        return self.over_http1 if server == "penstock-http1" else self


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryWork(Work):
    """A connection that was used once and then stays idle."""

    connections: int = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerWork(Work):
    """One run of `program` with `options` for each of the layers in `servers`; it has so many `processes`."""

    program: str
    options: tuple[str, ...] = ()
    unit: str = A_SECOND
    processes: int = 1
    section: str = CHANNEL_LAYERS
    app: str = ""
