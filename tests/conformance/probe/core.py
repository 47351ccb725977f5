"""Behaviours that look at how the application is called, and at scope and events as Python objects."""

import asyncio
from typing import Any

from tests.conformance.probe.steps import Caught, answer, read_events


async def arguments(scope: Any, receive: Any, send: Any, report: Any) -> None:
    await answer(send)


async def loop(scope: Any, receive: Any, send: Any, report: Any) -> None:
    """Uses the loop as asyncio's users do."""
    await asyncio.sleep(0)
    report.note("task", asyncio.current_task() is not None)
    report.note("thread", await asyncio.to_thread(str, 7))
    report.note("callback", await asyncio.wait_for(_called_back(), 5))
    await answer(send)


async def _called_back() -> str:
    future = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().call_soon(future.set_result, "called")
    return str(await future)


async def kinds(scope: Any, receive: Any, send: Any, report: Any) -> None:
    """Notes the classes of the scope, of its keys and of the events."""
    report.note("scope", type(scope).__name__)
    report.note("keys", sorted({type(key).__name__ for key in scope}))
    report.note("type", scope["type"])
    events = await read_events(receive)
    report.note("events", events)
    report.note("event kinds", sorted({type(event).__name__ for event in events}))
    await answer(send)


async def mark(scope: Any, receive: Any, send: Any, report: Any) -> None:
    """Writes into everything of the scope that is its own, and notes whether somebody else had."""
    report.note("found", "mark" in scope or "mark" in scope["state"] or (b"mark", b"") in scope["headers"])
    scope["mark"] = scope["state"]["mark"] = True
    if isinstance(scope["headers"], list):
        scope["headers"].append((b"mark", b""))
    await answer(send)


async def awaitables(scope: Any, receive: Any, send: Any, report: Any) -> None:
    """Uses what `receive` and `send` return as the coroutines that applications take them for."""
    event = await asyncio.create_task(receive())
    report.note("event", event["type"])
    start = {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"4")]}
    report.note("returned", await send(start))
    await asyncio.create_task(send({"type": "http.response.body", "body": b"do", "more_body": True}))
    await asyncio.wait_for(send({"type": "http.response.body", "body": b"ne"}), 5)


async def refused_awaitables(scope: Any, receive: Any, send: Any, report: Any) -> None:
    """Notes what a wrong message raises when `send` is called, and when what it returned is awaited."""
    made = None
    with Caught() as called:
        made = send({"type": "http.response.unheard"})
    report.note("called", called.names)
    if made is not None:
        with Caught() as awaited:
            await made
        report.note("awaited", awaited.names)
    await answer(send)


async def send_without_end(scope: Any, receive: Any, send: Any, report: Any) -> None:
    """Sends up to 256 MiB until the client is gone, and notes what `send` did then."""
    await send({"type": "http.response.start", "status": 200})
    report.note("started")
    part = {"type": "http.response.body", "body": bytes(65536), "more_body": True}
    try:
        for _ in range(4096):
            await send(part)
    except OSError as error:
        report.note("raised", type(error).__name__)


async def outlive(scope: Any, receive: Any, send: Any, report: Any) -> None:
    """Goes on after the client is gone, until it is released."""
    report.note("begun")
    while (event := await receive())["type"] != "http.disconnect":
        pass
    report.note("event", event)
    await report.released.wait()
    report.note("cleaned up")
