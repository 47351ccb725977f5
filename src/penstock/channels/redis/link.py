"""A connection to a Redis server on which any number of commands are under way at once.

Commands are answered in the order in which they were given, so a queue of those who wait is all that is
needed. What is given while a turn of the loop lasts leaves in one write at its end, but for the first, which
leaves at once. A command is never repeated: whether one was done whose answer did not come, nobody knows, and
twice is worse than not at all.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from typing import Any

import hiredis
from redis.connection import DefaultParser
from redis.exceptions import RedisError

from penstock.channels.errors import LayerUnavailable

LOGGER = logging.getLogger("penstock.channels")
MAX_UNDER_WAY = 100_000  # commands that wait for an answer: beyond that the server has stopped answering
Then = Callable[[Any], None]
LOST = "the connection to Redis was lost; whether the operation was done is not known"


class Link(asyncio.Protocol):
    """On the open stream of `writer`, which is its own from now on. `lost` is done when it is over, whoever
    ended it.
    """

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._loop = asyncio.get_running_loop()
        self._reader = hiredis.Reader(protocolError=LayerUnavailable, replyError=DefaultParser.parse_error)
        self._waiting: deque[tuple[asyncio.Future[Any] | None, Then | None]] = deque()
        self._unwritten: list[bytes] = []
        self._has_written = False  # in this turn of the loop
        self._has_room = asyncio.Event()  # in what asyncio keeps of what the server does not take
        self._has_room.set()
        self._writer = writer  # closes the transport when it is no longer held
        self._transport = writer.transport
        self._transport.set_protocol(self)
        self.lost: asyncio.Future[None] = self._loop.create_future()

    async def ask(self, *words: Any, then: Then | None = None) -> Any:
        """Give a command and wait for the answer. `then` is called with it as soon as it comes, in the order
        of answers and whatever becomes of who asks. Raises RedisError when the server refuses,
        LayerUnavailable when the connection is lost.
        """
        if not self._has_room.is_set():
            await self._has_room.wait()
        future: asyncio.Future[Any] = self._loop.create_future()
        self._give(words, future, then)
        return await future

    def tell(self, *words: Any, then: Then | None = None) -> None:
        """As `ask`, for whoever waits for no answer."""
        self._give(words, None, then)

    @property
    def is_busy(self) -> bool:
        """Whether anything waits for an answer."""
        return bool(self._waiting)

    def close(self) -> None:
        self._transport.abort()

    # What asyncio calls.

    def data_received(self, data: bytes) -> None:
        try:
            self._reader.feed(data)
            while (answer := self._reader.gets()) is not False:
                self._answered(answer)
        except LayerUnavailable as error:  # what came is not of Redis, or was not asked for
            LOGGER.warning("the connection to Redis is given up: %s", error)
            self.close()

    def connection_lost(self, error: Exception | None) -> None:
        waiting, self._waiting = self._waiting, deque()
        for future, _ in waiting:
            if future is not None and not future.done():
                future.set_exception(LayerUnavailable(LOST))
        self._has_room.set()
        if not self.lost.done():
            self.lost.set_result(None)

    def pause_writing(self) -> None:
        self._has_room.clear()

    def resume_writing(self) -> None:
        self._has_room.set()

    # Below.

    def _give(self, words: tuple[Any, ...], future: asyncio.Future[Any] | None, then: Then | None) -> None:
        if self._transport.is_closing() or len(self._waiting) >= MAX_UNDER_WAY:
            raise LayerUnavailable("the connection to Redis is lost or does not move; nothing was done")
        packed = hiredis.pack_command(words)
        self._waiting.append((future, then))
        if self._has_written:
            self._unwritten.append(packed)
            return
        self._has_written = True
        self._transport.write(packed)
        self._loop.call_soon(self._turn_ended)

    def _turn_ended(self) -> None:
        self._has_written = False
        if self._unwritten:
            self._transport.write(b"".join(self._unwritten))
            self._unwritten.clear()

    def _answered(self, answer: Any) -> None:
        if not self._waiting:
            raise LayerUnavailable("got an answer that nobody has asked for")
        future, then = self._waiting.popleft()
        is_refused = isinstance(answer, RedisError)
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
