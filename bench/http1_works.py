"""HTTP/1.1 and WebSocket: what the requests are, and the answers that are right."""

from bench.apps import FILE_BYTES, GREETING, PAGE, PART, PARTS
from bench.kinds import EVERY, HttpWork, MemoryWork, WebSocketWork, Work

KILOBYTE = 1024


def get(*fields: bytes) -> bytes:
    return b"\r\n".join((b"GET / HTTP/1.1", b"host: localhost", *fields, b"", b""))


def post(body: bytes) -> bytes:
    head = b"POST / HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/octet-stream\r\n"
    return head + b"content-length: %d\r\n\r\n" % len(body) + body


BROWSER_REQUEST = b"\r\n".join(
    (
        b"GET /articles/2026/11/rivers?page=2&sort=new HTTP/1.1",
        b"Host: localhost:8000",
        b"Connection: keep-alive",
        b"Cache-Control: max-age=0",
        b"Upgrade-Insecure-Requests: 1",
        b"User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
        b"Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
        b"Sec-Fetch-Site: same-origin",
        b"Sec-Fetch-Mode: navigate",
        b"Referer: http://localhost:8000/articles/2026/11/",
        b"Accept-Encoding: gzip, deflate, br, zstd",
        b"Accept-Language: en-GB,en;q=0.8,de;q=0.5",
        b"Cookie: session=9c1b7e0a4f5d4f7e8a2b6c3d1e0f9a8b; theme=dark",
        b"",
        b"",
    )
)
SMALL_BODY = b"0123456789abcdef" * 64
LARGE_BODY = b"0123456789abcdef" * 64 * KILOBYTE
# Every byte of the file is zero: see material.py.
FILE_BODY = bytes(FILE_BYTES)

WITH_FLOOR = (*EVERY, "floor")

ECHO_32 = WebSocketWork(name="ws-32", title="WebSocket echo of 32 B", size=32)

HTTP1_WORKS: tuple[Work, ...] = (
    HttpWork(
        name="hello", title="hello world", app="hello", request=get(), answer=GREETING, servers=WITH_FLOOR
    ),
    HttpWork(
        name="browser",
        title="hello world, a browser's 12 fields",
        app="hello",
        request=BROWSER_REQUEST,
        answer=GREETING,
        servers=WITH_FLOOR,
    ),
    HttpWork(name="page", title="10 KB response", app="page", request=get(), answer=PAGE),
    HttpWork(
        name="echo", title="1 KB POST echo", app="echo_body", request=post(SMALL_BODY), answer=SMALL_BODY
    ),
    HttpWork(
        name="upload",
        title="1 MB upload",
        app="upload",
        request=post(LARGE_BODY),
        answer=b"%d" % len(LARGE_BODY),
        connections=8,
    ),
    HttpWork(
        name="stream",
        title="streaming 100 parts of 1 KB",
        app="stream",
        request=get(),
        answer=PART * PARTS,
    ),
    HttpWork(name="tls", title="hello world over TLS", app="hello", request=get(), answer=GREETING, tls=True),
    HttpWork(name="file", title="10 MB file", app="file", request=get(), answer=FILE_BODY, connections=4),
    HttpWork(
        name="connect",
        title="a connection for each request",
        app="hello",
        request=get(b"connection: close"),
        answer=GREETING,
    ),
    HttpWork(
        name="log",
        title="hello world, access log on",
        app="hello",
        request=get(),
        answer=GREETING,
        servers=("penstock", "penstock-logged"),
    ),
    ECHO_32,
    WebSocketWork(name="ws-4k", title="WebSocket echo of 4 KB", size=4 * KILOBYTE),
    WebSocketWork(name="ws-64k", title="WebSocket echo of 64 KB", size=64 * KILOBYTE),
    MemoryWork(name="idle-ws", title="one idle WebSocket", app="echo_messages", websocket=True),
    MemoryWork(name="idle-http", title="one idle keep-alive connection", app="hello", websocket=False),
)
