"""HTTP/2: over plain sockets by prior knowledge, over TLS by ALPN.

Uvicorn does it with zttp only, and Daphne over TLS only. The WebSockets are as many as those over HTTP/1.1
that they are compared with.
"""

from bench.apps import GREETING, PAGE
from bench.http1_works import ECHO_32, LARGE_BODY
from bench.kinds import Http2WebSocketWork, Http2Work, Work

SERVERS = ("penstock", "granian", "uvicorn-zttp", "gunicorn", "hypercorn")
STREAMS = 32
WEBSOCKET_CONNECTIONS = 4

HTTP2_WORKS: tuple[Work, ...] = (
    Http2Work(
        name="h2-hello",
        title="hello world, 16 connections of 32 streams",
        app="hello",
        answer=GREETING,
        connections=16,
        streams=STREAMS,
        servers=SERVERS,
    ),
    Http2Work(
        name="h2-tls",
        title="the same over TLS",
        app="hello",
        answer=GREETING,
        connections=16,
        streams=STREAMS,
        tls=True,
        servers=(*SERVERS, "daphne"),
    ),
    Http2Work(
        name="h2-one",
        title="hello world, 1 connection of 100 streams",
        app="hello",
        answer=GREETING,
        connections=1,
        streams=100,
        servers=SERVERS,
    ),
    Http2Work(
        name="h2-page",
        title="10 KB response over HTTP/2",
        app="page",
        answer=PAGE,
        connections=16,
        streams=STREAMS,
        servers=SERVERS,
    ),
    Http2Work(
        name="h2-upload",
        title="1 MB upload over HTTP/2",
        app="upload",
        body=LARGE_BODY,
        answer=b"%d" % len(LARGE_BODY),
        connections=4,
        streams=2,
        servers=SERVERS,
    ),
    Http2WebSocketWork(
        name="h2-ws",
        title="WebSocket echo of 32 B over HTTP/2",
        over_http1=ECHO_32,
        connections=WEBSOCKET_CONNECTIONS,
        streams=ECHO_32.connections // WEBSOCKET_CONNECTIONS,
        servers=("penstock", "penstock-http1", "hypercorn"),
    ),
)
