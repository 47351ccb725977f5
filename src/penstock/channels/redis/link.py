"""A connection to a Redis server on which any number of commands are under way at once.

Commands are answered in the order in which they were given, so a queue of those who wait is all that is
needed. What is called in one turn of the loop leaves in one write. A command is never repeated: whether one
was done whose answer did not come, nobody knows, and twice is worse than not at all.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from typing import Any

from redis.exceptions import ResponseError

from penstock.channels.errors import LayerUnavailable
from penstock.channels.redis.wire import Wire

LOGGER = logging.getLogger("penstock.channels")
MAX_UNDER_WAY = 100_000  # commands that wait for an answer: beyond that the server has stopped answering
Then = Callable[[Any], None]
LOST = "the connection to Redis was lost; whether the operation was done is not known"


class Link:
    """On `wire`, which is its own from now on. `lost` is done when the link is over, whoever ended it."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[tuple[asyncio.Future[Any] | None, Then | None]] = deque()
        self._unwritten: list[bytes] = []
        self._writing: asyncio.Task[None] | None = None
        self.lost: asyncio.Future[None] = self._loop.create_future()
        self._reading = self._loop.create_task(self._read())
        self._reading.add_done_callback(self._ended)

    def call(self, *words: Any, then: Then | None = None) -> asyncio.Future[Any]:
        """Give a command. `then` is called with the answer as soon as it comes, in the order of answers and
        whatever becomes of who waits for the future. The future raises ResponseError when the server refuses,
        LayerUnavailable when the connection is lost.
        """
        future: asyncio.Future[Any] = self._loop.create_future()
        self._give(words, future, then)
        return future

    def tell(self, *words: Any, then: Then | None = None) -> None:
        """As `call`, for whoever waits for no answer."""
        self._give(words, None, then)

    def close(self) -> None:
        """The wire is left for its owner to close."""
        self._reading.cancel()

    # Below.

    def _give(self, words: tuple[Any, ...], future: asyncio.Future[Any] | None, then: Then | None) -> None:
        if self._reading.done() or len(self._waiting) >= MAX_UNDER_WAY:
            raise LayerUnavailable("the connection to Redis is lost or does not move; nothing was done")
        self._unwritten += self._wire.pack(*words)
        self._waiting.append((future, then))
        if self._writing is None:
            self._writing = self._loop.create_task(self._write())

    async def _write(self) -> None:
        """From the next turn of the loop on, until all is written."""
        try:
            while self._unwritten:
                packed, self._unwritten = self._unwritten, []
                await self._wire.send(packed)
            self._writing = None
        except LayerUnavailable:
            self.close()

    async def _read(self) -> None:
        try:
            while True:
                try:
                    answer = await self._wire.read()
                except ResponseError as error:
                    answer = error
                self._answered(answer)
        except LayerUnavailable as error:
            LOGGER.debug("%s", error)

    def _answered(self, answer: Any) -> None:
        if not self._waiting:
            raise LayerUnavailable("got an answer that nobody has asked for")
        future, then = self._waiting.popleft()
        is_refused = isinstance(answer, ResponseError)
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

    def _ended(self, reading: asyncio.Task[None]) -> None:
        if self._writing is not None:
            self._writing.cancel()
        waiting, self._waiting = self._waiting, deque()
        for future, _ in waiting:
            if future is not None and not future.done():
                future.set_exception(LayerUnavailable(LOST))
        if not self.lost.done():
            self.lost.set_result(None)
