"""What a thread hands to the loop: parts of a response, in order, a bounded amount ahead.

One thread puts, one coroutine takes. Nothing here is locked, so the loop never waits for the thread: each
side first writes what it has to tell and then reads whether the other waits, so one of the two always
sees the other. A wake-up too many does no harm, both sides look again.
"""

import asyncio
import queue
from collections.abc import Callable
from dataclasses import dataclass

from penstock.adapters.wsgi.doorbell import Doorbell
from penstock.adapters.wsgi.settings import PART_OVERHEAD_BYTES
from penstock.base.asgi import Fields
from penstock.base.errors import ClientDisconnected

RETRY_AFTER = (b"retry-after", b"1")


@dataclass(frozen=True, slots=True)
class FilePart:
    """A whole body, sent by the server from an open file. `path` is there when the file may be sent by
    it.
    """

    file: int
    offset: int
    count: int
    path: str | None


Part = bytes | FilePart


class Handoff:
    """`head` is there as soon as there are parts or the end. `gone` tells that nobody takes any more.
    `first_word` is called in the loop once there is something to take, in place of the first `wait`.
    """

    __slots__ = (
        "_first_word",
        "_limit_bytes",
        "_loop_waits",
        "_parts",
        "_put_bytes",
        "_room",
        "_taken_bytes",
        "_thread_waits",
        "_waiter",
        "doorbell",
        "ended",
        "error",
        "gone",
        "head",
    )

    def __init__(
        self, doorbell: Doorbell, limit_bytes: int, first_word: Callable[[], None] | None = None
    ) -> None:
        self.head: tuple[int, Fields] | None = None
        self.ended = self.gone = False
        self.error: BaseException | None = None
        self.doorbell = doorbell
        self._limit_bytes = limit_bytes
        self._parts: list[Part] = []  # a deque takes 760 bytes, and most responses are one part
        self._put_bytes = self._taken_bytes = 0
        self._loop_waits = first_word is not None
        self._thread_waits = False
        self._first_word = first_word
        self._waiter: asyncio.Future[None] | None = None
        self._room: queue.SimpleQueue[None] | None = None

    # What the thread calls.

    def put(self, part: Part) -> None:
        """Wait for room, then hand over; raises ClientDisconnected when nobody takes it any more."""
        if self._put_bytes - self._taken_bytes >= self._limit_bytes:
            self._wait(self._limit_bytes - 1)
        if self.gone:
            raise ClientDisconnected("the client went away before it had the whole response")
        self._put_bytes += PART_OVERHEAD_BYTES + (len(part) if isinstance(part, bytes) else 0)
        self._parts.append(part)
        self._tell()

    def put_last(self, part: bytes) -> None:
        """Hand over a whole response, or its last part, with a single wake-up."""
        if part:
            self._parts.append(part)
        self.end()

    def end(self, error: BaseException | None = None) -> None:
        self.error = error
        self.ended = True
        self._tell()

    def refuse(self, status: int, reason: str) -> None:
        """Answer in the application's place. The loop may call it as well, if no thread puts anything."""
        text = reason.encode()
        fields = [(b"content-type", b"text/plain"), (b"content-length", b"%d" % len(text))]
        self.head = (status, [*fields, RETRY_AFTER] if status == 503 else fields)
        self.put_last(text)

    def wait_taken(self) -> None:
        """Wait until everything is sent, or nobody takes it any more."""
        self._wait(0)

    # What the loop calls.

    async def wait(self) -> None:
        """Return when there is something to take, or the end."""
        while True:
            self._loop_waits = True
            if self._parts or self.ended or self.gone:
                self._loop_waits = False
                return
            self._waiter = self.doorbell.loop.create_future()
            await self._waiter

    def whole(self) -> bytes | None:
        """The body of a response that came whole, with the first word; None when there is more to it."""
        if not self.ended or self.error is not None or self.head is None or len(self._parts) > 1:
            return None
        part = self._parts[0] if self._parts else b""
        return part if type(part) is bytes else None

    def take(self) -> list[Part]:
        """What there is; `taken` is to be called when it is sent."""
        parts = self._parts
        taken = parts.copy()
        del parts[: len(taken)]  # the thread may have put more behind them
        return taken

    def taken(self, size: int, parts: int) -> None:
        self._taken_bytes += size + PART_OVERHEAD_BYTES * parts
        self._make_room()

    def abandon(self) -> None:
        """Nobody takes any more: the thread is told when it puts something, or now, if it waits."""
        self.gone = True
        self._make_room()
        self._wake()

    # Below.

    def _tell(self) -> None:
        if self._loop_waits:
            self._loop_waits = False
            self.doorbell.call(self._wake)

    def _wake(self) -> None:
        first_word, self._first_word = self._first_word, None
        if first_word is not None:
            first_word()
        elif self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _wait(self, most_bytes: int) -> None:
        """Block the thread until no more than `most_bytes` are on their way."""
        if self._room is None:
            self._room = queue.SimpleQueue()
        while self._put_bytes - self._taken_bytes > most_bytes and not self.gone:
            self._thread_waits = True
            if self._put_bytes - self._taken_bytes > most_bytes and not self.gone:
                self._room.get()

    def _make_room(self) -> None:
        if self._thread_waits and self._room is not None:
            self._thread_waits = False
            self._room.put(None)
