"""Calls that wait for a thread, on one loop, each until its deadline.

They begin in the order in which they came, so the oldest is the first that can be due: one timer is
enough for all, and it is set only while somebody waits.
"""

import asyncio
from collections import deque

from penstock.adapters.wsgi.call import Call
from penstock.adapters.wsgi.threads import Threads


class WaitingRoom:
    __slots__ = ("_line", "_loop", "_seconds", "_threads", "_timer")

    def __init__(self, loop: asyncio.AbstractEventLoop, threads: Threads, seconds: float) -> None:
        self._line: deque[tuple[float, Call]] = deque()
        self._loop = loop
        self._seconds = seconds
        self._threads = threads
        self._timer: asyncio.TimerHandle | None = None

    def enter(self, call: Call) -> None:
        """It is refused if no thread has begun it in time; then none will."""
        line = self._line
        while line and line[0][1].begun:
            line.popleft()
        call.has_deadline = True
        line.append((self._loop.time() + self._seconds, call))
        if self._timer is None:
            self._timer = self._loop.call_later(self._seconds, self._look)

    def send_away_gone(self) -> None:
        """Withdraw the calls whose clients have gone: they keep places that others could have."""
        gone = [call for _, call in self._line if call.is_gone()]
        for call in gone:
            if self._threads.withdraw(call):
                call.drop()
        if gone:
            self._line = deque(entry for entry in self._line if not entry[1].is_gone())

    def _look(self) -> None:
        line, now = self._line, self._loop.time()
        while line and (line[0][1].begun or line[0][0] <= now):
            _, call = line.popleft()
            if self._threads.withdraw(call):
                call.refuse_busy()
        self._timer = self._loop.call_at(line[0][0], self._look) if line else None
