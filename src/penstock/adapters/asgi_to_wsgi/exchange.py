"""One request as its application sees it: `receive` and `send` in the loop's thread (ASGI HTTP 2.5).

The head is held until the first `http.response.body`, so that it can still become a 500, and leaves with it.
An empty first part sends the head ahead, where the WSGI server does not hold it back itself.
"""

import asyncio
import errno
from collections.abc import Callable
from typing import Any

from penstock.adapters.asgi_to_wsgi.bells import Bells
from penstock.adapters.asgi_to_wsgi.handoff import Handoff
from penstock.adapters.asgi_to_wsgi.response_head import ResponseHead, bytes_of, check_flag
from penstock.base.asgi import App, Message
from penstock.base.errors import ClientDisconnected, LocalProtocolError

# How far the response is, and what the application may send next.
NO_HEAD, HEAD_HELD, STREAMING, COMPLETE = "before the response", "after the head", "in the body", "complete"
START, BODY = "http.response.start", "http.response.body"


class Exchange:
    """`failure` is why there is no whole response; it and `head` are set before the WSGI thread is woken.
    `returned` tells that the application has.
    """

    __slots__ = (
        "_asked",
        "_departed",
        "_left",
        "_part",
        "_paused",
        "_phase",
        "_told",
        "_waiters",
        "body_ended",
        "failure",
        "handoff",
        "head",
        "returned",
        "scope",
        "task",
    )

    def __init__(self, scope: dict[str, Any], bells: Bells, *, body_ended: bool, buffer_bytes: int) -> None:
        self.scope = scope
        self.handoff = Handoff(bells, buffer_bytes)
        self.head: ResponseHead | None = None
        self.failure: Exception | None = None
        self.returned = False
        self.task: asyncio.Task[None] | None = None
        self.body_ended = body_ended
        self._asked = False
        self._part: bytes | None = b"" if body_ended else None
        self._waiters: list[asyncio.Future[None]] | None = None
        self._phase = NO_HEAD
        self._left: int | None = None
        self._paused = False
        self._departed = False
        self._told = False

    async def run(self, app: App, finished: Callable[["Exchange", BaseException | None], None]) -> None:
        """Call the application; `finished` hears of its end, and of what it raised, unless all went well in
        the first step, before there was a `task`.
        """
        error: BaseException | None = None
        try:
            await app(self.scope, self._receive, self._send)
        except BaseException as raised:  # noqa: BLE001 not even SystemExit may end the loop of all requests
            error = raised
        self.end(error)
        if error is not None or self.task is not None:
            finished(self, error)

    def end(self, error: BaseException | None) -> None:
        """The application will send nothing more."""
        self.returned = True
        if self._phase is not COMPLETE:
            self._fail(_as_failure(error, self._phase))

    @property
    def failure_is_told(self) -> bool:
        """Whether the WSGI thread gets to know of `failure`."""
        return self.failure is not None and not self._departed

    def body_arrived(self, data: bytes, ended: bool) -> None:
        self.body_ended = ended
        self._asked = False
        self._part = data
        self._wake()

    def resume(self) -> None:
        """The WSGI server has taken what waited for it."""
        self._paused = False
        self._wake()

    def depart(self) -> bool:
        """The WSGI server wants no more of the response. True when there was more, and somebody to tell."""
        if self._phase is COMPLETE or self.returned:
            return False
        self._departed = True
        self._wake()
        return True

    async def _receive(self) -> Message:
        while True:
            if self._departed or self._phase is COMPLETE:
                return await self._disconnect()
            if self._part is not None:
                part, self._part = self._part, None
                return {"type": "http.request", "body": part, "more_body": not self.body_ended}
            if not self.body_ended and not self._asked:
                self._asked = True
                self.handoff.want()
            await self._change()

    async def _send(self, message: Message) -> None:
        try:
            kind = message["type"]
        except (KeyError, TypeError):
            raise LocalProtocolError(f"{message!r} was sent; expected a dict with a type") from None
        if self._departed or self._phase is COMPLETE:
            await self._send_late()
        elif kind == BODY and self._phase is not NO_HEAD:
            self._paused = self._put_body(message)
            while self._paused:
                await self._change()
                if self._departed:
                    await self._send_late()
        elif kind == START and self._phase is NO_HEAD:
            self.head = head = ResponseHead(message, self.scope["method"])
            self._left = head.length
            self._phase = HEAD_HELD
        else:
            raise LocalProtocolError(f"{kind!r} was sent {self._phase}; expected {_expected(self._phase)}")

    async def _send_late(self) -> None:
        """Nothing comes of it. The loop gets its turn, or a task that ignores this could not be cancelled."""
        await asyncio.sleep(0)
        if self._departed:
            raise ClientDisconnected(errno.EPIPE, "the WSGI server takes no more of the response")

    def _put_body(self, message: Message) -> bool:
        """True when the application has to wait until it is resumed."""
        part, more = message.get("body", b""), message.get("more_body")
        if type(part) is not bytes:
            part = bytes_of(part)
        check_flag(message, "more_body", more)
        assert self.head is not None
        if not self.head.has_body:
            part = b""
        elif self._left is not None:
            self._count(len(part), more)
        if not more:
            self._phase = COMPLETE
            self.handoff.end(part)
            self._wake()
        elif not self.head.has_body:  # the client has all that it gets; the server says so by `close`
            self._phase = STREAMING
            self.handoff.end()
        elif part or self._phase is HEAD_HELD:
            self._phase = STREAMING
            return self.handoff.put(part)
        return False

    def _count(self, count: int, more: Any) -> None:
        """Keep to the content-length. A response that cannot be made whole is cut, whatever catches the
        error: behind a wrong length, another response would be read as its body.
        """
        assert self.head is not None and self._left is not None
        self._left -= count
        if self._left < 0 or (self._left and not more):
            what = "more" if self._left < 0 else f"{self._left} octets less"
            error = LocalProtocolError(f"the body is {what} than its content-length of {self.head.length}")
            self._fail(error)
            raise error

    def _fail(self, failure: Exception) -> None:
        self.failure = failure
        self._phase = COMPLETE
        self.handoff.end()
        self._wake()

    async def _disconnect(self) -> Message:
        if self._told:  # as in `_send_late`
            await asyncio.sleep(0)
        self._told = True
        return {"type": "http.disconnect"}

    async def _change(self) -> None:
        """Wait until something has happened; any number of the application's tasks may."""
        future = asyncio.get_running_loop().create_future()
        if self._waiters is None:
            self._waiters = []
        self._waiters.append(future)
        try:
            await future
        finally:
            if self._waiters and future in self._waiters:
                self._waiters.remove(future)

    def _wake(self) -> None:
        waiters, self._waiters = self._waiters, None
        for future in waiters or ():
            if not future.done():
                future.set_result(None)


def _expected(phase: str) -> str:
    return START if phase is NO_HEAD else BODY


def _as_failure(error: BaseException | None, phase: str) -> Exception:
    """Why the response is not whole. WSGI servers stop at what is no Exception, so that it is told by one."""
    if isinstance(error, Exception):
        return error
    if error is None:
        failure = LocalProtocolError(f"the application returned {phase}; expected {_expected(phase)}")
    else:
        failure = LocalProtocolError(f"the application ended with {type(error).__name__} {phase}")
    failure.__cause__ = error
    return failure
