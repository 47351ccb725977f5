"""An application without any framework that shows how a WSGI server and the adapter work together.

What it lives through is printed, so that a test can wait for it.
"""

import asyncio
import os
from typing import Any


def say(text: str) -> None:
    os.write(2, f"probe: {text}\n".encode())


async def app(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        await live(receive, send)
    else:
        await ROUTES[scope["path"].split("/")[1]](scope, receive, send)


async def live(receive: Any, send: Any) -> None:
    await receive()
    say("start-up")
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await asyncio.to_thread(say, "shutdown")
    await send({"type": "lifespan.shutdown.complete"})


async def head(send: Any, *headers: tuple[bytes, bytes], status: int = 200) -> None:
    plain = (b"content-type", b"text/plain")
    await send({"type": "http.response.start", "status": status, "headers": [plain, *headers]})


async def body(send: Any, data: bytes = b"", *, more: bool = False) -> None:
    await send({"type": "http.response.body", "body": data, "more_body": more})


async def show(scope: Any, receive: Any, send: Any) -> None:
    """The scope, and the body's size."""
    size, more = 0, True
    while more:
        message = await receive()
        size, more = size + len(message["body"]), message["more_body"]
    shown = {
        key: scope[key] for key in ("method", "path", "raw_path", "query_string", "root_path", "http_version")
    }
    await head(send)
    await body(send, repr(shown | {"body": size}).encode())


async def silent(scope: Any, receive: Any, send: Any) -> None:
    return


async def fail(scope: Any, receive: Any, send: Any) -> None:
    raise RuntimeError("as asked for")


async def short(scope: Any, receive: Any, send: Any) -> None:
    await head(send, (b"content-length", b"1000000"))
    await body(send, b"begun", more=True)
    await asyncio.sleep(0)


async def broken(scope: Any, receive: Any, send: Any) -> None:
    """Fails behind two parts that are larger than what waits for a server: the first has left by then."""
    await head(send)
    await body(send, bytes(100_000), more=True)
    await body(send, bytes(100_000), more=True)
    raise RuntimeError("as asked for")


async def ahead(scope: Any, receive: Any, send: Any) -> None:
    """An empty part first."""
    await head(send)
    await body(send, more=True)
    await asyncio.sleep(0)
    await body(send, b"late", more=True)
    await body(send, more=True)
    await body(send)


async def endless(scope: Any, receive: Any, send: Any) -> None:
    """Streams until it is stopped."""
    await head(send)
    try:
        while True:
            await body(send, bytes(65536), more=True)
            await asyncio.sleep(0)
    except BaseException as error:
        say(f"endless ended by {type(error).__name__}")
        raise


ROUTES = {
    "show": show,
    "silent": silent,
    "fail": fail,
    "short": short,
    "broken": broken,
    "ahead": ahead,
    "endless": endless,
}
