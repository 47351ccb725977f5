"""What behaviours are made of: read a body, answer, note what a call raised, play a script of messages."""

import ast
from types import TracebackType
from typing import Any, Self


class Caught:
    """Lets a block fail, and keeps what it raised.

    `names` are the names of the error's classes, from its own up to `object`; empty when nothing was raised.
    """

    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        self.error = error
        return isinstance(error, Exception)

    @property
    def names(self) -> list[str]:
        return [] if self.error is None else [one.__name__ for one in type(self.error).__mro__]


class DeliberateFailureError(Exception):
    """What a behaviour raises to see what the server makes of it."""


async def answer(send: Any, body: bytes = b"done", status: int = 200, headers: Any = ()) -> None:
    """A whole response."""
    length = (b"content-length", b"%d" % len(body))
    await send({"type": "http.response.start", "status": status, "headers": [length, *headers]})
    await send({"type": "http.response.body", "body": body})


async def read_events(receive: Any) -> list[Any]:
    """The events of a request up to its end, or up to the disconnect."""
    events = [await receive()]
    while events[-1].get("more_body", False):
        events.append(await receive())
    return events


def body_of(events: list[Any]) -> bytes:
    return b"".join(event.get("body", b"") for event in events)


def field(scope: Any, name: bytes) -> str:
    return next(value.decode() for one, value in scope["headers"] if one == name)


def script_of(scope: Any) -> list[Any]:
    found: list[Any] = ast.literal_eval(field(scope, b"script"))
    return found


async def play_unguarded(scope: Any, receive: Any, send: Any, report: Any) -> None:
    """Sends the messages of the script, and lets what `send` raises leave the application."""
    for message in script_of(scope):
        await send(message)


async def play(scope: Any, receive: Any, send: Any, report: Any) -> None:
    """Plays the script in the field `script`, a list of steps, and notes what came of each.

    A dictionary is sent: its outcome is the names of the error's classes, empty when `send` returned.
    `"receive"` gives the event that it received. `"release"` waits until the test says so; `"raise"` fails
    the application.
    """
    outcomes: list[Any] = []
    report.note("outcomes", outcomes)
    for number, step in enumerate(script_of(scope)):
        outcomes.append(await _play_step(step, receive, send, report))
        report.note(f"step {number}")


async def _play_step(step: Any, receive: Any, send: Any, report: Any) -> Any:
    if step == "receive":
        return await receive()
    if step == "release":
        return await report.released.wait()
    if step == "raise":
        raise DeliberateFailureError(f"asked for by {report.number}")
    with Caught() as caught:
        await send(step)
    return caught.names
