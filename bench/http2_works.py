"""HTTP/2: over plain sockets by prior knowledge, over TLS by ALPN; `16 x 32` is connections by streams.

Uvicorn does it with zttp only, and Daphne over TLS only. The WebSockets are as many as those over HTTP/1.1
that they are compared with: many on a connection, which is what HTTP/2 is for and shares every read and
write among them, and alone on theirs, which shows what the framing costs.
"""

from bench.apps import GREETING, PAGE
from bench.http1_works import ECHO_32, LARGE_BODY
from bench.kinds import Http2WebSocketWork, Http2Work, Work

SERVERS = ("penstock", "granian", "uvicorn-zttp", "gunicorn", "hypercorn")
STREAMS = 32
WEBSOCKET_SERVERS = ("penstock", "penstock-http1", "hypercorn")

HTTP2_WORKS: tuple[Work, ...] = (
    Http2Work(
        name="h2-hello",
        title="HTTP/2 hello world, 16 x 32",
        app="hello",
        answer=GREETING,
        connections=16,
        streams=STREAMS,
        servers=SERVERS,
    ),
    Http2Work(
        name="h2-tls",
        title="HTTP/2 hello world over TLS, 16 x 32",
        app="hello",
        answer=GREETING,
        connections=16,
        streams=STREAMS,
        tls=True,
        servers=(*SERVERS, "daphne"),
    ),
    Http2Work(
        name="h2-one",
        title="HTTP/2 hello world, 1 x 100",
        app="hello",
        answer=GREETING,
        connections=1,
        streams=100,
        servers=SERVERS,
    ),
    Http2Work(
        name="h2-page",
        title="HTTP/2 10 KB response, 16 x 32",
        app="page",
        answer=PAGE,
        connections=16,
        streams=STREAMS,
        servers=SERVERS,
    ),
    Http2Work(
        name="h2-upload",
        title="HTTP/2 1 MB upload, 4 x 2",
        app="upload",
        body=LARGE_BODY,
        answer=b"%d" % len(LARGE_BODY),
        connections=4,
        streams=2,
        servers=SERVERS,
    ),
    Http2WebSocketWork(
        name="h2-ws",
        title="HTTP/2 WebSocket echo, 4 x 16",
        over_http1=ECHO_32,
        connections=4,
        streams=ECHO_32.connections // 4,
        servers=WEBSOCKET_SERVERS,
    ),
    Http2WebSocketWork(
        name="h2-ws-one",
        title="HTTP/2 WebSocket echo, 64 x 1",
        over_http1=ECHO_32,
        connections=ECHO_32.connections,
        streams=1,
        servers=WEBSOCKET_SERVERS,
    ),
)
