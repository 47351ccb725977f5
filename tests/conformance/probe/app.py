"""The probe: one application whose behaviour each request chooses, and which tells afterwards what it saw.

A request with the field `probe: http.play 17` runs the function `play` of the module `http` beside this
one, with report 17 to write into. Requests without that field ask about reports: `/facts/17/ended` answers,
as a Python literal, what report 17 holds as soon as the fact `ended` is noted; `/release/17` lets a
behaviour go on that waits to be released.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from contextvars import ContextVar
from importlib import import_module
from typing import Any

from tests.conformance.probe.steps import Caught, answer

GREETING: ContextVar[str] = ContextVar("GREETING")


class Report:
    """What one run of a behaviour has noted."""

    def __init__(self, number: str) -> None:
        self.number = number
        self.facts: dict[str, Any] = {"calls": 0}
        self.released = asyncio.Event()
        self._noted: dict[str, asyncio.Event] = defaultdict(asyncio.Event)

    def note(self, name: str, value: Any = True) -> None:
        self.facts[name] = value
        self._noted[name].set()

    async def wait(self, name: str) -> dict[str, Any]:
        """All facts, when the one of that name is among them."""
        await self._noted[name].wait()
        return self.facts


class Probe:
    """An ASGI 3 application; the object is the application, so that one process can hold several."""

    def __init__(self) -> None:
        self._reports: dict[str, Report] = {}

    async def __call__(self, *arguments: Any, **named: Any) -> None:
        scope, receive, send = arguments
        if scope["type"] == "lifespan":
            await self._lifespan(scope, receive, send)
            return
        chosen = next((value.decode() for name, value in scope["headers"] if name == b"probe"), "")
        if not chosen:
            await self._tell(scope, send)
            return
        behaviour, _, number = chosen.partition(" ")
        report = self._report(number)
        report.facts["calls"] += 1
        report.note("arguments", (len(arguments), sorted(named)))
        try:
            await find(behaviour)(scope, receive, send, report)
        except BaseException as error:
            report.note("escaped", Caught(error).names)
            raise
        finally:
            report.note("ended")

    def _report(self, number: str) -> Report:
        return self._reports.setdefault(number, Report(number))

    async def _lifespan(self, scope: Any, receive: Any, send: Any) -> None:
        seen = [{**scope, "state": dict(scope["state"])}, await receive()]
        scope["state"].update(loop=id(asyncio.get_running_loop()), lifespan=seen, first=True)
        GREETING.set("set at start-up")
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})

    async def _tell(self, scope: Any, send: Any) -> None:
        verb, number, *rest = scope["path"].removeprefix(scope["root_path"]).strip("/").split("/")
        if verb == "release":
            self._report(number).released.set()
            await answer(send)
        else:
            await answer(send, repr(await self._report(number).wait(rest[0])).encode())


def find(behaviour: str) -> Callable[..., Any]:
    """The function of a name like `http.play`."""
    module, _, name = behaviour.partition(".")
    found: Callable[..., Any] = getattr(import_module(f"tests.conformance.probe.{module}"), name)
    return found


def create_app() -> Probe:
    return Probe()
