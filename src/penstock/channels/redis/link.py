"""One connection to a Redis server, on which any number of commands are under way at once.

The hiredis library parses what the server says and writes what it is told, asyncio does the rest. Commands
are answered in the order in which they were given, so a queue of those who wait is all that is needed. What
is called in one turn of the loop leaves in one write. A command is never repeated: whether one was done whose
answer did not come, nobody knows, and twice is worse than not at all.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from typing import Any, cast

import hiredis

from penstock.channels.errors import LayerUnavailable

LOGGER = logging.getLogger("penstock.channels")
MAX_UNDER_WAY = 100_000  # commands that wait for an answer: beyond that the server has stopped answering
Then = Callable[[Any], None]
LOST = "the connection to Redis was lost; whether the operation was done is not known"


class Link(asyncio.Protocol):
    """`lost` is done when the connection is over, whoever ended it."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._reader = hiredis.Reader(protocolError=LayerUnavailable)
        self._waiting: deque[tuple[asyncio.Future[Any] | None, Then | None]] = deque()
        self._transport: asyncio.Transport | None = None
        self._unwritten: list[bytes] = []
        self._has_written = False  # in this turn of the loop
        self.lost: asyncio.Future[None] = self._loop.create_future()

    @property
    def is_busy(self) -> bool:
        """Whether an answer is missing."""
        return bool(self._waiting)

    def call(self, *words: Any, then: Then | None = None) -> asyncio.Future[Any]:
        """Give a command. `then` is called with the answer as soon as it comes, in the order of answers and
        whatever becomes of who waits for the future. The future raises hiredis.ReplyError when the server
        refuses, LayerUnavailable when the connection is lost.
        """
        future: asyncio.Future[Any] = self._loop.create_future()
        self._give(words, future, then)
        return future

    def tell(self, *words: Any, then: Then | None = None) -> None:
        """As `call`, for whoever waits for no answer."""
        self._give(words, None, then)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    # What asyncio calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is no subclass of it

    def data_received(self, data: bytes) -> None:
        try:
            self._reader.feed(data)
            while (answer := self._reader.gets()) is not False:
                self._answered(answer)
        except LayerUnavailable:  # what came is not of Redis
            self.close()

    def connection_lost(self, error: Exception | None) -> None:
        waiting, self._waiting = self._waiting, deque()
        for future, _ in waiting:
            if future is not None and not future.done():
                future.set_exception(LayerUnavailable(LOST))
        if not self.lost.done():
            self.lost.set_result(None)

    # Below.

    def _give(self, words: tuple[Any, ...], future: asyncio.Future[Any] | None, then: Then | None) -> None:
        if self._transport is None or self.lost.done() or len(self._waiting) >= MAX_UNDER_WAY:
            raise LayerUnavailable("the connection to Redis is lost or does not move; nothing was done")
        self._waiting.append((future, then))
        packed = hiredis.pack_command(words)
        if self._has_written:
            self._unwritten.append(packed)
            return
        self._has_written = True
        self._transport.write(packed)
        self._loop.call_soon(self._turn_ended)

    def _turn_ended(self) -> None:
        self._has_written = False
        if self._unwritten and self._transport is not None:
            self._transport.write(b"".join(self._unwritten))
            self._unwritten.clear()

    def _answered(self, answer: Any) -> None:
        future, then = self._waiting.popleft()
        is_refused = isinstance(answer, hiredis.ReplyError)
        if then is not None and not is_refused:
            try:
                then(answer)
            except Exception:  # a fault of ours in one answer is not to keep the others from who waits
                LOGGER.exception("an answer of Redis could not be acted upon")
        if future is not None and not future.done():
            if is_refused:
                future.set_exception(answer)
            else:
                future.set_result(answer)
