"""Where a request's two threads meet: the loop's, in which its application runs, and the WSGI server's.

The WSGI thread waits for one of two things: a piece of the response, or that the application wants more of
the body, which only this thread may read. It is woken only when it waits, and the application only when it
was told to wait; a small response crosses once and whole. One lock guards everything, held for a few
bytecodes.
"""

from threading import Lock

from penstock.adapters.asgi_to_wsgi.bells import Bells
from penstock.adapters.bell import Bell


class Handoff:
    __slots__ = (
        "_bells",
        "_buffered",
        "_ended",
        "_limit",
        "_mutex",
        "_parts",
        "_paused",
        "_waiting",
        "_wanted",
    )

    def __init__(self, bells: Bells, buffer_bytes: int) -> None:
        self._mutex = Lock()
        self._bells = bells
        self._limit = buffer_bytes
        self._parts: list[bytes] = []
        self._buffered = 0
        self._ended = self._wanted = self._paused = False
        self._waiting: Bell | None = None  # of the thread that waits now

    # the application's side

    def put(self, part: bytes) -> bool:
        """Add to the response. True tells that the application has to wait until it is resumed."""
        with self._mutex:
            self._parts.append(part)
            self._buffered += len(part)
            paused = self._paused = self._buffered > self._limit
            maybe_waiting, self._waiting = self._waiting, None
        if maybe_waiting is not None:  # outside the lock, which the one who is woken wants at once
            maybe_waiting.ring()
        return paused

    def end(self, part: bytes = b"") -> None:
        """The response ends, with its last part or because it failed. A second end changes nothing."""
        with self._mutex:
            if part and not self._ended:
                self._parts.append(part)
            self._ended = True
            maybe_waiting, self._waiting = self._waiting, None
        if maybe_waiting is not None:
            maybe_waiting.ring()

    def want(self) -> None:
        """The application waits for more of the request's body."""
        with self._mutex:
            self._wanted = True
            maybe_waiting, self._waiting = self._waiting, None
        if maybe_waiting is not None:
            maybe_waiting.ring()

    # the WSGI thread's side

    def take(self) -> tuple[bytes, bool, bool] | None:
        """Wait for the response to grow or end: what has gathered, whether that was the last of it, and
        whether to resume the application. None when the body is wanted first; what is ready to leave goes
        before, since it needs no peer to arrive.
        """
        while True:
            with self._mutex:
                if self._parts or self._ended:
                    parts, self._parts = self._parts, []
                    resume, self._paused = self._paused, False
                    self._buffered = 0
                    return parts[0] if len(parts) == 1 else b"".join(parts), self._ended, resume
                if self._wanted:
                    self._wanted = False
                    return None
                bell = self._waiting = self._bells.mine
            bell.wait()
