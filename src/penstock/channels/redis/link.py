"""A connection to a Redis server on which any number of commands are under way at once.

Commands are answered in the order in which they were given, so a queue of those who wait is all that is
needed. What is called while others are under way leaves in one write for each turn of the loop. Who asks
while nobody else does writes and reads for itself; a task between it and the connection would make the way of
a message longer by a fifth. A command is never repeated: whether one was done whose answer did not come,
nobody knows, and twice is worse than not at all.
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
SMALL_BYTES = 16 << 10  # goes into the socket's buffer at once, so that no cancellation can cut it
MAX_UNDER_WAY = 100_000  # commands that wait for an answer: beyond that the server has stopped answering
Then = Callable[[Any], None]
LOST = "the connection to Redis was lost; whether the operation was done is not known"


class Link:
    """On `wire`, which is its own from now on and its owner's to close. `lost` is done when the link is over.
    A link that nobody uses notices nothing: whoever keeps it asks something from time to time.
    """

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[tuple[asyncio.Future[Any] | None, Then | None]] = deque()
        self._unwritten: list[bytes] = []
        self._writing: asyncio.Task[None] | None = None
        self._reading: asyncio.Task[None] | None = None
        self._is_read = False  # by that task, or by somebody who asks
        self.lost: asyncio.Future[None] = self._loop.create_future()

    async def ask(self, *words: Any, then: Then | None = None) -> Any:
        """Give a command and wait for the answer. `then` is called with it as soon as it comes, in the order
        of answers and whatever becomes of who asks. Raises ResponseError when the server refuses,
        LayerUnavailable when the connection is lost.
        """
        packed = self._packed(words)
        future: asyncio.Future[Any] = self._loop.create_future()
        is_alone = not self._waiting and self._writing is None and sum(map(len, packed)) <= SMALL_BYTES
        self._waiting.append((future, then))
        try:
            if is_alone:
                await self._send(packed)
            else:
                self._send_soon(packed)
            if not self._is_read:
                await self._read(future)
            return await future
        finally:
            future.cancel()  # nobody waits for it any more

    def tell(self, *words: Any, then: Then | None = None) -> None:
        """As `ask`, for whoever waits for no answer."""
        packed = self._packed(words)
        self._waiting.append((None, then))
        self._send_soon(packed)
        self._read_on()

    def close(self) -> None:
        if self.lost.done():
            return
        self.lost.set_result(None)
        for task in (self._writing, self._reading):
            if task is not None:
                task.cancel()
        waiting, self._waiting = self._waiting, deque()
        for future, _ in waiting:
            if future is not None and not future.done():
                future.set_exception(LayerUnavailable(LOST))

    # Writing.

    def _packed(self, words: tuple[Any, ...]) -> list[bytes]:
        if self.lost.done() or len(self._waiting) >= MAX_UNDER_WAY:
            raise LayerUnavailable("the connection to Redis is lost or does not move; nothing was done")
        return self._wire.pack(*words)

    async def _send(self, packed: list[bytes]) -> None:
        try:
            await self._wire.send(packed)
        except LayerUnavailable as error:
            LOGGER.debug("%s", error)
            self.close()

    def _send_soon(self, packed: list[bytes]) -> None:
        self._unwritten += packed
        if self._writing is None:
            self._writing = self._loop.create_task(self._write())

    async def _write(self) -> None:
        """From the next turn of the loop on, until all is written."""
        while self._unwritten:
            packed, self._unwritten = self._unwritten, []
            await self._send(packed)
        self._writing = None

    # Reading.

    def _read_on(self) -> None:
        """Whoever has read does so no more: the others' answers are still to come."""
        if self._waiting and not self._is_read and not self.lost.done():
            self._reading = self._loop.create_task(self._read(None))
            self._is_read = True

    async def _read(self, own: asyncio.Future[Any] | None) -> None:
        """Until the own answer has come, or that of the last who waits."""
        self._is_read = True
        try:
            while self._waiting if own is None else not own.done():
                self._answered(await self._answer())
        except LayerUnavailable as error:
            LOGGER.debug("%s", error)
            self.close()
        except asyncio.CancelledError:
            if own is None:
                self.close()  # the loop ends
            raise
        finally:
            self._is_read = False
            self._read_on()

    async def _answer(self) -> Any:
        try:
            return await self._wire.read()
        except ResponseError as error:
            return error

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
