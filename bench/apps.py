"""The applications under test, the same for every server: one ASGI 3 callable for each kind of work.

They do no more than an application must, and build their messages anew for every request as real ones do.
There is no router among them, since its time would count as the server's.
"""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

Message = dict[str, Any]
Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

GREETING = b"Hello, world!"
PAGE = b"0123456789abcdef" * 640
PART = b"0123456789abcdef" * 64
PARTS = 100
FILE = Path(__file__).parent / "out" / "file.bin"
FILE_BYTES = 10 * 1024 * 1024
READ_BYTES = 65536


async def hello(scope: Scope, receive: Receive, send: Send) -> None:
    await send(start(b"text/plain", len(GREETING)))
    await send({"type": "http.response.body", "body": GREETING})


async def page(scope: Scope, receive: Receive, send: Send) -> None:
    await send(start(b"text/html", len(PAGE)))
    await send({"type": "http.response.body", "body": PAGE})


async def echo_body(scope: Scope, receive: Receive, send: Send) -> None:
    parts = []
    more = True
    while more:
        message = await receive()
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
    body = b"".join(parts)
    await send(start(b"application/octet-stream", len(body)))
    await send({"type": "http.response.body", "body": body})


async def upload(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with the number of bytes that arrived."""
    count = 0
    more = True
    while more:
        message = await receive()
        count += len(message.get("body", b""))
        more = message.get("more_body", False)
    body = b"%d" % count
    await send(start(b"text/plain", len(body)))
    await send({"type": "http.response.body", "body": body})


async def stream(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
    for _ in range(PARTS):
        await send({"type": "http.response.body", "body": PART, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def file(scope: Scope, receive: Receive, send: Send) -> None:
    """A file by `http.response.pathsend`, or read and sent in parts where the server cannot do it.

    The reads block the loop. That is not how to treat a slow disk, but it is the cheapest way to read a
    file that the kernel has in memory, and so the kindest one to servers without the extension.
    """
    await send(start(b"application/octet-stream", FILE_BYTES))
    if "http.response.pathsend" in scope.get("extensions", {}):
        await send({"type": "http.response.pathsend", "path": str(FILE)})
        return
    with FILE.open("rb", buffering=0) as opened:
        while part := opened.read(READ_BYTES):
            await send({"type": "http.response.body", "body": part, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def echo_messages(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] == "websocket.receive":
        await send({"type": "websocket.send", "text": message["text"]})


def start(content_type: bytes, length: int) -> Message:
    headers = [(b"content-type", content_type), (b"content-length", b"%d" % length)]
    return {"type": "http.response.start", "status": 200, "headers": headers}
