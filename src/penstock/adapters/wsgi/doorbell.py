"""Calls from threads into a loop: many calls, one wake-up.

Waking a loop costs a system call, and on asyncio's own loop gives the interpreter away. So calls are
queued, and the loop is woken only by the one that finds it unwarned.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress


class Doorbell:
    """One for a loop; `call` may be called from any thread."""

    __slots__ = ("_calls", "_rung", "_turn_ends_with", "loop")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self._calls: deque[Callable[[], None]] = deque()
        self._rung = False
        self._turn_ends_with: Callable[[], None] | None = None

    def call(self, function: Callable[[], None]) -> None:
        """Have the loop call `function`, which must not raise, soon. Nothing happens when the loop is
        closed.
        """
        self._calls.append(function)
        if not self._rung:
            self._rung = True
            with suppress(RuntimeError):  # closed: whoever waited there is gone as well
                self.loop.call_soon_threadsafe(self._answer)

    def at_turn_end(self, function: Callable[[], None]) -> None:
        """Call `function` once, when the loop has gone through what there is. Called in the loop, always
        with the same one.

        A thread that is woken in the middle of a turn takes the interpreter at the next system call, and
        every request then costs three context switches (31 µs for a hello world instead of 24, with 64
        connections).
        """
        if self._turn_ends_with is None:
            self._turn_ends_with = function
            self.loop.call_soon(self._end_turn)

    def _end_turn(self) -> None:
        function, self._turn_ends_with = self._turn_ends_with, None
        if function is not None:
            function()

    def _answer(self) -> None:
        # First this, then the counting: a call that comes between the two is counted and rings once too
        # often, the other way round it could be left lying.
        self._rung = False
        for _ in range(len(self._calls)):
            self._calls.popleft()()
