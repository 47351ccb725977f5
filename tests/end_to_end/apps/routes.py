"""The plain application's HTTP routes. Each gets what stands behind its name in the path as `rest`."""

import asyncio
import hashlib
import json
import os
from collections import defaultdict
from typing import Any, BinaryIO

PART_BYTES = 65536
TEXT = [(b"content-type", b"text/plain")]


class Gates(defaultdict[str, asyncio.Event]):
    """Named events: whoever holds waits for one, `/release/NAME` sets it."""

    def __init__(self) -> None:
        super().__init__(asyncio.Event)


def say(line: str) -> None:
    print(line, flush=True)  # noqa: T201  the test waits for it


def open_file() -> BinaryIO:
    return open(os.environ["FILE"], "rb")


async def start(send: Any, *headers: tuple[bytes, bytes], status: int = 200, **keys: Any) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [*TEXT, *headers], **keys})


async def answer(send: Any, body: bytes, status: int = 200) -> None:
    await start(send, (b"content-length", b"%d" % len(body)), status=status)
    await send({"type": "http.response.body", "body": body})


async def body_parts(receive: Any) -> Any:
    """The parts of the body; ConnectionError when the client left inside it."""
    more = True
    while more:
        event = await receive()
        if event["type"] == "http.disconnect":
            raise ConnectionError("the client left")
        yield event["body"]
        more = event.get("more_body", False)


async def hello(scope: Any, receive: Any, send: Any, gates: Gates, rest: str) -> None:
    await answer(send, b"hello")


async def number(scope: Any, receive: Any, send: Any, gates: Gates, rest: str) -> None:
    """Gives the number back, after a turn of the loop for the odd ones."""
    if int(rest) % 2:
        await asyncio.sleep(0)
    await answer(send, rest.encode())


async def echo(scope: Any, receive: Any, send: Any, gates: Gates, rest: str) -> None:
    await start(send)
    async for part in body_parts(receive):
        await send({"type": "http.response.body", "body": part, "more_body": True})
    await send({"type": "http.response.body"})


async def digest(scope: Any, receive: Any, send: Any, gates: Gates, rest: str) -> None:
    size, found = 0, hashlib.sha256()
    async for part in body_parts(receive):
        size += len(part)
        found.update(part)
    await answer(send, json.dumps({"size": size, "digest": found.hexdigest()}).encode())


async def upload(scope: Any, receive: Any, send: Any, gates: Gates, rest: str) -> None:
    """Says what it was told of the body's end; `rest` names the line."""
    say(f"upload {rest} began")
    try:
        size = sum([len(part) async for part in body_parts(receive)])
    except ConnectionError:
        say(f"upload {rest} was cut")
        return
    say(f"upload {rest} was complete")
    await answer(send, b"%d" % size)


async def download(scope: Any, receive: Any, send: Any, gates: Gates, rest: str) -> None:
    """The file in parts."""
    await start(send, (b"content-length", b"%d" % os.stat(os.environ["FILE"]).st_size))
    with open_file() as file:
        while part := file.read(PART_BYTES):
            await send({"type": "http.response.body", "body": part, "more_body": True})
    await send({"type": "http.response.body"})


async def pathsend(scope: Any, receive: Any, send: Any, gates: Gates, rest: str) -> None:
    await start(send, (b"content-length", b"%d" % os.stat(os.environ["FILE"]).st_size))
    await send({"type": "http.response.pathsend", "path": os.environ["FILE"]})


async def zerocopysend(scope: Any, receive: Any, send: Any, gates: Gates, rest: str) -> None:
    """The stretch of the file that `rest` tells as OFFSET-COUNT, or all of it; chunked."""
    offset, _, count = rest.partition("-")
    keys = {"offset": int(offset), "count": int(count)} if rest else {}
    await start(send)
    with open_file() as file:
        await send({"type": "http.response.zerocopysend", "file": file, **keys})


async def hints(scope: Any, receive: Any, send: Any, gates: Gates, rest: str) -> None:
    """A hint, and the response when it is released, so that the hint has to be on its way alone."""
    await start(send)
    await send({"type": "http.response.early_hint", "links": [b"</style.css>; rel=preload"]})
    await gates[rest].wait()
    await send({"type": "http.response.body", "body": b"hinted"})


async def trailers(scope: Any, receive: Any, send: Any, gates: Gates, rest: str) -> None:
    """Gives the body back, with its digest and the request's trailers behind it."""
    found, message = hashlib.sha256(), {}
    await start(send, (b"trailer", b"digest"), trailers=True)
    while message.get("more_body", True):
        message = await receive()
        found.update(message["body"])
        await send({"type": "http.response.body", "body": message["body"], "more_body": True})
    await send({"type": "http.response.body"})
    digest = (b"digest", found.hexdigest().encode())
    await send({"type": "http.response.trailers", "headers": [digest, *message.get("trailers", ())]})


async def pushes(scope: Any, receive: Any, send: Any, gates: Gates, rest: str) -> None:
    """Promises two numbers before its answer."""
    await start(send)
    for path in ("/number/1", "/number/2"):
        await send({"type": "http.response.push", "path": path, "headers": []})
    await send({"type": "http.response.body", "body": b"pushed"})


async def urgent(scope: Any, receive: Any, send: Any, gates: Gates, rest: str) -> None:
    """As much as `rest` tells, as urgent as it tells: URGENCY-BYTES."""
    urgency, _, count = rest.partition("-")
    await send({"type": "http.response.priority", "urgency": int(urgency)})
    await answer(send, urgency.encode() * int(count))


async def client(scope: Any, receive: Any, send: Any, gates: Gates, rest: str) -> None:
    """The name on the client's certificate."""
    await answer(send, str(scope["extensions"]["tls"]["client_cert_name"]).encode())


async def hold(scope: Any, receive: Any, send: Any, gates: Gates, rest: str) -> None:
    """Answers when it is released."""
    say(f"holding {rest}")
    await gates[rest].wait()
    await answer(send, f"held {rest}".encode())


async def half(scope: Any, receive: Any, send: Any, gates: Gates, rest: str) -> None:
    """The first half of the answer at once, the second when it is released."""
    await start(send)
    await send({"type": "http.response.body", "body": b"first ", "more_body": True})
    await gates[rest].wait()
    await send({"type": "http.response.body", "body": b"second"})


async def release(scope: Any, receive: Any, send: Any, gates: Gates, rest: str) -> None:
    gates[rest].set()
    await answer(send, b"released")


async def until_gone(scope: Any, receive: Any, send: Any, gates: Gates, rest: str) -> None:
    """Says when the client has gone, and whether it was cancelled."""
    say(f"waiting {rest}")
    try:
        while (await receive())["type"] != "http.disconnect":
            pass
        say(f"gone {rest}")
        await gates[rest].wait()
    except asyncio.CancelledError:
        say(f"cancelled {rest}")
        raise


async def answer_after_end(scope: Any, receive: Any, send: Any, gates: Gates, rest: str) -> None:
    """Answers when the client has closed its half."""
    while (await receive())["type"] != "http.disconnect":
        pass
    await answer(send, b"in spite of it")


async def endless(scope: Any, receive: Any, send: Any, gates: Gates, rest: str) -> None:
    """Sends as many MiB as `rest` begins with; the name behind them is in the lines that `send_many` says."""
    await start(send)
    message = {"type": "http.response.body", "body": bytes(PART_BYTES), "more_body": True}
    await send_many(send, message, rest)
    await send({"type": "http.response.body"})


async def send_many(send: Any, message: Any, rest: str) -> None:
    """Sends 8 MiB for `8-name`, says when one waits for a second, when one fails, when all is sent."""
    mebibytes, _, name = rest.partition("-")
    for count in range(int(mebibytes) * 1024 * 1024 // PART_BYTES):
        try:
            sending = asyncio.ensure_future(send(message))
            done, _ = await asyncio.wait({sending}, timeout=1)
            if not done:
                say(f"{name} waits after {count * PART_BYTES} bytes")
            await sending
        except OSError as error:
            say(f"{name} raised {type(error).__name__}")
            raise
    say(f"{name} took everything")


async def deaf(scope: Any, receive: Any, send: Any, gates: Gates, rest: str) -> None:
    """Never receives; ends when it is released."""
    say(f"deaf {rest}")
    await gates[rest].wait()
    await answer(send, b"heard nothing")


async def fail(scope: Any, receive: Any, send: Any, gates: Gates, rest: str) -> None:
    raise RuntimeError(f"as asked for {rest}")
