"""The request's half of an HTTP exchange: what the client sends, as `http.request` and `http.disconnect`.

Parts of the body wait here until the application takes them; past a limit the connection is not read.
What is here is told before the end, and the end of the body before the end of the client.
"""

from penstock.base.asgi import Fields, Message
from penstock.bridge.exchange import Exchange
from penstock.bridge.service import Service
from penstock.bridge.stream import HttpStream
from penstock.bridge.waiting import Bell, check_loop

NOTHING: list[bytes] = []
OPEN, ENDED, TOLD = range(3)  # the request's body: more comes; its end is here; the application knows it


class RequestHalf(Exchange):
    """`_answered_in_full` is set by the response's half, which then rings: nothing is left to be received."""

    __slots__ = (
        "_answered_in_full",
        "_bell",
        "_body",
        "_continue_due",
        "_disconnected",
        "_service",
        "_stream",
        "_trailers_received",
        "_unread",
        "_unread_bytes",
    )

    def _begin(self, stream: HttpStream, service: Service, body_follows: bool) -> None:
        """In place of a constructor: compiled, calling that of a base costs as much as the rest of one."""
        self._stream = stream
        self._service = service
        self._answered_in_full = self._disconnected = False
        self._bell: Bell | None = None
        self._body = OPEN
        self._continue_due = body_follows
        self._trailers_received: Fields | None = None
        self._unread: list[bytes] | None = None
        self._unread_bytes = 0

    # What the stream tells.

    def body_received(self, data: bytes) -> None:
        if self._unread is None:
            self._unread = [data]
        else:
            self._unread.append(data)
        self._unread_bytes += len(data)
        self._ring()

    def body_ended(self, trailers: Fields) -> None:
        self._body = ENDED
        self._trailers_received = trailers or None
        self._ring()

    def wants_pause(self) -> bool:
        return self._unread_bytes > 0 and self._unread_bytes >= self._service.limits.read_buffer_bytes

    def half_closed(self) -> None:
        """The client will send no more, but may still read: the application is told, and may still answer."""
        if self._disconnected:
            return
        self._disconnected = True
        self._ring()
        self._service.cancel_later(self._cancel)

    def is_whole(self) -> bool:
        return self._body == ENDED

    # What the application calls.

    def take_body(self) -> bytes:
        """The whole body, for a `DirectApp` (`base.direct`)."""
        body: bytes = self._next_part()["body"]
        return body

    async def receive(self) -> Message:
        if self._continue_due:
            self._continue_due = False
            if not self._disconnected and not self._answered_in_full:
                self._stream.send_continue()
        while not self._answered_in_full:
            if self._unread or self._body == ENDED:
                return self._next_part()
            if self._disconnected:
                break
            await self._wait()
        return {"type": "http.disconnect"}

    # Below.

    def _next_part(self) -> Message:
        unread = self._unread or NOTHING
        body = unread[0] if len(unread) == 1 else b"".join(unread)
        message: Message = {"type": "http.request", "body": body, "more_body": self._body == OPEN}
        if self._body == ENDED:
            self._body = TOLD
            if self._trailers_received is not None:
                message["trailers"] = self._trailers_received
        if unread:
            self._unread = None
            size, self._unread_bytes = self._unread_bytes, 0
            self._stream.body_taken(size)
        return message

    async def _wait(self) -> None:
        check_loop(self._service.thread_id)
        if self._bell is None:
            self._bell = Bell()
        await self._bell.wait()

    def _ring(self) -> None:
        if self._bell is not None:
            self._bell.ring()

    def _cancel(self) -> None:
        """The client has gone long ago. What an application does behind its response is its own affair."""
        if self.task is not None and not self._answered_in_full:
            self.task.cancel()
