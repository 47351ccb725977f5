"""Calls of this process that the hub has yet to answer.

When the hub dies, those that do no harm when done twice are asked again of the next. A message is not sent
again: whether it had been handed on nobody knows, and none may come twice; the gap that everybody is told of
covers it.
"""

import asyncio
import itertools
from typing import Any

from penstock.channels.errors import LayerClosed
from penstock.channels.local.frames import GROUP_SEND, SEND, SEND_LATER, Frame
from penstock.channels.waking import running_loop

ONCE = frozenset({SEND, GROUP_SEND, SEND_LATER})
LOST: dict[int, object] = {SEND_LATER: ""}  # what those return whose answer will never come


class Call:
    __slots__ = ("frame", "future", "parts")

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self.future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self.parts: list[Any] = []

    def finish(self, value: object) -> None:
        """In any thread."""
        self._on_its_loop(self._set_result, value)

    def fail(self, error: Exception) -> None:
        self._on_its_loop(self._set_exception, error)

    def _on_its_loop(self, act: Any, value: object) -> None:
        loop = self.future.get_loop()
        if running_loop() is loop:
            act(value)
        elif not loop.is_closed():
            loop.call_soon_threadsafe(act, value)

    def _set_result(self, value: object) -> None:
        if not self.future.done():
            self.future.set_result(value)

    def _set_exception(self, error: Exception) -> None:
        if not self.future.done():
            self.future.set_exception(error)


class Calls:
    """The lock of the layer is held."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._waiting: dict[int, Call] = {}

    def begin(self, kind: int, arguments: tuple[object, ...]) -> Call:
        number = next(self._numbers)
        call = self._waiting[number] = Call((kind, number, *arguments))
        return call

    def forget(self, call: Call) -> None:
        """Nobody waits any more."""
        self._waiting.pop(call.frame[1], None)

    def part(self, number: int, values: tuple[object, ...]) -> None:
        if (call := self._waiting.get(number)) is not None:
            call.parts.extend(values)

    def answered(self, number: int, value: object) -> None:
        if (call := self._waiting.pop(number, None)) is not None:
            call.finish(call.parts if value is None and call.parts else value)

    def lost(self) -> None:
        """The hub is gone: what may not be asked twice is over."""
        for number, call in list(self._waiting.items()):
            call.parts.clear()
            if call.frame[0] in ONCE:
                del self._waiting[number]
                call.finish(LOST.get(call.frame[0]))

    def frames(self) -> list[Frame]:
        """What is to be asked of the next hub."""
        return [call.frame for call in self._waiting.values()]

    def close(self, error: Exception | None = None) -> None:
        """Nobody will answer."""
        for call in self._waiting.values():
            call.fail(error or LayerClosed("the layer is closed; nothing more can be sent or received"))
        self._waiting.clear()
