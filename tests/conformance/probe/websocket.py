"""Behaviours of WebSocket: what the scope says, when the handshake completes, who waits for whom."""

import asyncio
from typing import Any

from tests.conformance.probe.steps import play, play_unguarded

__all__ = ["play", "play_unguarded"]


async def scope(scope: Any, receive: Any, send: Any, report: Any) -> None:
    """Notes the scope, accepts and returns."""
    report.note("scope", {key: value for key, value in scope.items() if key != "state"})
    report.note("state", {key: value for key, value in scope["state"].items() if key != "mark"})
    await receive()
    await send({"type": "websocket.accept"})


async def hold(scope: Any, receive: Any, send: Any, report: Any) -> None:
    """Accepts when it is released; notes the first two events."""
    report.note("first", await receive())
    further = asyncio.create_task(receive())
    report.note("waiting")
    await report.released.wait()
    report.note("further before accept", further.done())
    await send({"type": "websocket.accept"})
    report.note("second", await further)


async def receive_nothing_until_released(scope: Any, receive: Any, send: Any, report: Any) -> None:
    """Accepts, waits to be released, then receives to the end; notes the number of bytes and the last
    event.
    """
    await receive()
    await send({"type": "websocket.accept"})
    await report.released.wait()
    count = 0
    while (event := await receive())["type"] == "websocket.receive":
        count += len(event["bytes"])
    report.note("count", count)
    report.note("last", event)


async def flood(scope: Any, receive: Any, send: Any, report: Any) -> None:
    """Sends 32 MiB; notes how much had been taken when a `send` waited a second for the first time."""
    await receive()
    await send({"type": "websocket.accept"})
    message, sent = {"type": "websocket.send", "bytes": bytes(65536)}, 0
    while sent < 32 * 1024 * 1024:
        sending = asyncio.ensure_future(send(message))
        done, _ = await asyncio.wait({sending}, timeout=1)
        if not done:
            report.facts.setdefault("taken before it waited", sent)
            report.note("waited")
        await sending
        sent += len(message["bytes"])
    report.note("waited")


async def outlast(scope: Any, receive: Any, send: Any, report: Any) -> None:
    """Goes on without receiving until it is released, and receives then."""
    await receive()
    await send({"type": "websocket.accept"})
    report.note("begun")
    await report.released.wait()
    report.note("events", [await receive(), await receive()])


async def return_inside_a_denial(scope: Any, receive: Any, send: Any, report: Any) -> None:
    await receive()
    await send({"type": "websocket.http.response.start", "status": 401, "headers": []})
    await send({"type": "websocket.http.response.body", "body": b"no", "more_body": True})
