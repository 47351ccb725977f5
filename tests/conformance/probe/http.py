"""Behaviours of HTTP: what scope and body look like, and what happens when the client leaves."""

import asyncio
import hashlib
from typing import Any

from tests.conformance.probe.steps import answer, body_of, play, play_unguarded, read_events

__all__ = ["play", "play_unguarded"]


async def scope(scope: Any, receive: Any, send: Any, report: Any) -> None:
    """Notes the scope, and the lifespan state apart from it."""
    report.note("scope", {key: value for key, value in scope.items() if key != "state"})
    report.note("state", dict(scope.get("state", {})))
    await answer(send)


async def state(scope: Any, receive: Any, send: Any, report: Any) -> None:
    """Notes the state before it changes a key of it, and something inside it."""
    report.note("state", {**scope["state"], "lifespan": list(scope["state"]["lifespan"])})
    scope["state"]["first"] = False
    scope["state"]["lifespan"].append("changed")
    await answer(send)


async def body(scope: Any, receive: Any, send: Any, report: Any) -> None:
    """Notes the events of the request, and gives its body back."""
    events = await read_events(receive)
    report.note("events", events)
    await answer(send, body_of(events))


async def answer_unread(scope: Any, receive: Any, send: Any, report: Any) -> None:
    await answer(send)


async def digest_when_released(scope: Any, receive: Any, send: Any, report: Any) -> None:
    """Receives nothing until it is released, then everything, and answers with the body's digest."""
    await report.released.wait()
    digest, counts, more = hashlib.sha256(), [], True
    while more:
        event = await receive()
        digest.update(event["body"])
        counts.append(len(event["body"]))
        more = event.get("more_body", False)
    report.note("counts", counts)
    await answer(send, digest.hexdigest().encode())


async def receive_after_the_end(scope: Any, receive: Any, send: Any, report: Any) -> None:
    """Waits for a further event behind the body, while the response is open and after it."""
    await read_events(receive)
    further = asyncio.create_task(receive())
    report.note("waiting")
    await report.released.wait()
    report.note("done before the response", further.done())
    await answer(send)
    report.note("after", [await further, await receive(), await receive()])


async def upload(scope: Any, receive: Any, send: Any, report: Any) -> None:
    """Notes the events up to the first without `more_body`, or to the disconnect."""
    events = [await receive()]
    report.note("begun")
    while events[-1].get("more_body", False):
        events.append(await receive())
    report.note("events", events)
    report.note("again", await receive() if events[-1]["type"] == "http.disconnect" else None)


async def wait_for_disconnect(scope: Any, receive: Any, send: Any, report: Any) -> None:
    await read_events(receive)
    report.note("begun")
    report.note("events", [await receive() for _ in range(3)])


async def send_after_loss(scope: Any, receive: Any, send: Any, report: Any) -> None:
    """Sends parts until `send` tells that the client is lost, and then once more."""
    await read_events(receive)
    report.note("begun")
    await receive()
    report.note("raised", await _names_of_loss(send))
    report.note("raised again", await _names_of_loss(send))


async def let_loss_escape(scope: Any, receive: Any, send: Any, report: Any) -> None:
    """Sends on after the client is lost, and catches nothing."""
    await read_events(receive)
    report.note("begun")
    await receive()
    await _send_until_it_fails(send)


async def _names_of_loss(send: Any) -> list[str]:
    try:
        await _send_until_it_fails(send)
    except OSError as error:
        return [one.__name__ for one in type(error).__mro__]
    return []


async def _send_until_it_fails(send: Any) -> None:
    await send({"type": "http.response.start", "status": 200})
    for _ in range(4096):
        await send({"type": "http.response.body", "body": bytes(4096), "more_body": True})


async def expect(scope: Any, receive: Any, send: Any, report: Any) -> None:
    """Waits to be released before the first `receive`."""
    report.note("begun")
    await report.released.wait()
    await answer(send, body_of(await read_events(receive)))


async def flood(scope: Any, receive: Any, send: Any, report: Any) -> None:
    """Sends 32 MiB; notes how much had been taken when a `send` waited a second for the first time."""
    part, sent = bytes(65536), 0
    await send({"type": "http.response.start", "status": 200})
    while sent < 32 * 1024 * 1024:
        sending = asyncio.ensure_future(send({"type": "http.response.body", "body": part, "more_body": True}))
        done, _ = await asyncio.wait({sending}, timeout=1)
        if not done:
            report.facts.setdefault("taken before it waited", sent)
            report.note("waited")
        await sending
        sent += len(part)
    report.note("waited")
    await send({"type": "http.response.body", "body": b""})
