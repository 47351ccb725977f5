"""Applications that each treat their lifespan in another way. They write what happens to the file `EVENTS`.

Where they wait, they wait for the test to open the named pipe `GATE`.
"""

import asyncio
import os
import socket
from pathlib import Path
from typing import Any

from tests.conformance.probe.steps import DeliberateFailureError, answer

STARTED, STOPPED = {"type": "lifespan.startup.complete"}, {"type": "lifespan.shutdown.complete"}


def write(event: str) -> None:
    with Path(os.environ["EVENTS"]).open("a") as file:
        file.write(f"{event}\n")


def written() -> bytes:
    return Path(os.environ["EVENTS"]).read_bytes()


def say(line: str) -> None:
    print(line, flush=True)  # noqa: T201  the test waits for it


async def gate() -> None:
    """Waits until somebody opens the pipe at its other end."""
    await asyncio.to_thread(Path(os.environ["GATE"]).read_bytes)


async def serve(scope: Any, receive: Any, send: Any) -> None:
    """A request: `/wait` waits at the gate."""
    write(f"request {scope['path']}")
    if scope["path"] == "/wait":
        say("waiting")
        await gate()
    await answer(send, written())
    write(f"answered {scope['path']}")


async def plain(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] != "lifespan":
        await serve(scope, receive, send)
        return
    write((await receive())["type"])
    await send(STARTED)
    write((await receive())["type"])
    write(f"server {'listens' if listens() else 'is closed'}")
    await send(STOPPED)


def listens() -> bool:
    """Whether somebody accepts connections at the socket `SOCKET`."""
    with socket.socket(socket.AF_UNIX) as client:
        return client.connect_ex(os.environ["SOCKET"]) == 0


async def slow_start(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] != "lifespan":
        await serve(scope, receive, send)
        return
    await receive()
    say("starting")
    await gate()
    write("started")
    await send(STARTED)
    await receive()
    await send(STOPPED)


async def slow_stop(scope: Any, receive: Any, send: Any) -> None:
    await receive()
    await send(STARTED)
    await receive()
    say("stopping")
    await gate()
    write("stopped")
    await send(STOPPED)


async def failed_start(scope: Any, receive: Any, send: Any) -> None:
    write((await receive())["type"])
    await send({"type": "lifespan.startup.failed", "message": "the database is away"})
    write((await receive())["type"])


async def failed_stop(scope: Any, receive: Any, send: Any) -> None:
    await receive()
    await send(STARTED)
    await receive()
    await send({"type": "lifespan.shutdown.failed", "message": "the disk is full"})


async def raises_at_scope(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        raise DeliberateFailureError("no lifespan here")
    await serve(scope, receive, send)


async def raises_at_startup(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        write((await receive())["type"])
        try:
            raise DeliberateFailureError("no lifespan here")
        finally:
            write("raised")
    await serve(scope, receive, send)


async def returns_early(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] != "lifespan":
        await serve(scope, receive, send)
