"""The request's body on its way to a thread.

A body that is here whole is a `BytesIO`. Any other is pumped by a task of the loop into a queue, a
bounded amount ahead of the thread, which reads it through `io.BufferedReader`: the semantics of `read`,
`readline`, `readlines` and iteration are so those of the standard library.
"""

import asyncio
import io
import queue
from collections.abc import Callable
from typing import TYPE_CHECKING

from penstock.adapters.wsgi.doorbell import Doorbell
from penstock.adapters.wsgi.scope_faults import message_fault
from penstock.adapters.wsgi.settings import PART_OVERHEAD_BYTES
from penstock.base.asgi import Message, Receive
from penstock.base.errors import ClientDisconnected

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

BUFFER_BYTES = 65536  # what a `readline` looks for its end in at once

# What is sent of a response while a full queue is not read, before the rest of the body is given up: 64 times
# what an application may hold in its buffer, so that none which still reads, and makes much out of little, is
# taken for one that does not.
UNREAD_SENT_BYTES = 64 * BUFFER_BYTES
GIVEN_UP = "the application sent its response and did not read on; the rest of the body was not kept"


class BodyQueue:
    """Parts from the loop to one thread. The end is an empty part, a failure an error; both stay. Given up,
    it takes no more parts, and is never full.
    """

    __slots__ = (
        "_doorbell",
        "_given_up",
        "_limit_bytes",
        "_loop_waits",
        "_on_first_read",
        "_parts",
        "_put_bytes",
        "_sent_bytes",
        "_taken_bytes",
        "_taken_then",
        "_waiter",
    )

    def __init__(
        self, doorbell: Doorbell, limit_bytes: int, on_first_read: Callable[[], None] | None
    ) -> None:
        self._doorbell = doorbell
        self._given_up = False
        self._limit_bytes = limit_bytes
        self._loop_waits = False
        self._on_first_read = on_first_read
        self._parts: queue.SimpleQueue[bytes | OSError] = queue.SimpleQueue()
        self._put_bytes = self._taken_bytes = 0
        self._sent_bytes = self._taken_then = 0  # of the response, since that much of the body was taken
        self._waiter: asyncio.Future[None] | None = None

    # What the loop calls.

    def put(self, part: bytes, *, last: bool) -> None:
        if part and not self._given_up:
            self._put_bytes += len(part) + PART_OVERHEAD_BYTES
            self._parts.put(part)
        if last:
            self._parts.put(b"")

    def fail(self, error: OSError) -> None:
        self._parts.put(error)

    def response_sent(self, size: int) -> None:
        """Told where the client's departure is found behind its body only. Give the rest of the body up when
        it is clear that nobody reads it.
        """
        if not self._loop_waits or self._taken_bytes != self._taken_then:
            self._taken_then = self._taken_bytes
            self._sent_bytes = 0
        self._sent_bytes += size
        if self._sent_bytes > UNREAD_SENT_BYTES and not self._given_up:
            self._given_up = True
            self.fail(OSError(GIVEN_UP))
            self._wake()

    async def wait_room(self) -> None:
        """Return when the thread has read enough of what is here."""
        while not self._given_up:
            self._loop_waits = True
            if self._put_bytes - self._taken_bytes < self._limit_bytes:
                self._loop_waits = False
                return
            self._waiter = self._doorbell.loop.create_future()
            await self._waiter

    # What the thread calls.

    def get(self) -> bytes:
        """The next part; b"" at the end of the body. Raises an OSError where it is cut."""
        if self._on_first_read is not None:
            self._doorbell.call(self._on_first_read)
            self._on_first_read = None
        part = self._parts.get()
        if not part or isinstance(part, OSError):
            self._parts.put(part)
        if isinstance(part, OSError):
            raise type(part)(*part.args)  # a new one for each read: tracebacks would pile up in it
        self._taken_bytes += len(part) + PART_OVERHEAD_BYTES
        if self._loop_waits and self._put_bytes - self._taken_bytes < self._limit_bytes:
            self._loop_waits = False
            self._doorbell.call(self._wake)
        return part

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


class RawBody(io.RawIOBase):
    """The queue as a raw stream, which is what `io.BufferedReader` wants."""

    def __init__(self, parts: BodyQueue) -> None:
        super().__init__()
        self._queue = parts
        self._part = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        if not self._part:
            self._part = memoryview(self._queue.get())
        target = memoryview(buffer).cast("B")
        size = min(len(target), len(self._part))
        target[:size] = self._part[:size]
        self._part = self._part[size:]
        return size

    def readall(self) -> bytes:
        begun, self._part = bytes(self._part), memoryview(b"")
        return b"".join([begun, *iter(self._queue.get, b"")])


def reader(parts: BodyQueue) -> io.BufferedReader:
    return io.BufferedReader(RawBody(parts), BUFFER_BYTES)


def part_of(message: Message) -> tuple[bytes, bool] | None:
    """A part of the body, and whether there are more to come; None when the client has gone.

    Raises LocalProtocolError for a message of the server that tells neither.
    """
    if isinstance(message, dict):
        kind = message.get("type")
        part, more = message.get("body", b""), message.get("more_body", False)
        if kind == "http.disconnect":
            return None
        if kind == "http.request" and isinstance(part, bytes) and isinstance(more, bool):
            return part, more
    raise message_fault(message)


async def pump(receive: Receive, parts: BodyQueue) -> None:
    """Receive the body and put it into the queue, up to its end or that of the client."""
    while True:
        found = part_of(await receive())
        if found is None:
            parts.fail(ClientDisconnected("the client went away inside the request's body"))
            return
        part, more = found
        parts.put(part, last=not more)
        if not more:
            return
        await parts.wait_room()
