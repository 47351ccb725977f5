"""One call of a WSGI application, in its thread: from the environ to `close()`.

The environ is made where it is used: what many requests have made for them at once is in no cache any more
when each has its turn.

The head waits for the first part of the body that is not empty, as PEP 3333 wants: until then the
application may replace it, and whatever fails can still be answered with a 500. What fails before the end
of the response is raised into the loop's side, where the server sees it; what fails behind it is logged.
"""

import logging
from collections.abc import Callable, Iterable, Iterator
from contextvars import Context
from types import TracebackType
from typing import TYPE_CHECKING, Any

from penstock.adapters.shown import shown
from penstock.adapters.wsgi.errors import ErrorStream
from penstock.adapters.wsgi.files import FileWrapper, file_part
from penstock.adapters.wsgi.handoff import Handoff
from penstock.adapters.wsgi.head import UNKNOWN, Head
from penstock.base.direct import DirectRequest
from penstock.base.errors import ClientDisconnected, LocalProtocolError, RemoteProtocolError

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

LOGGER = logging.getLogger("penstock.application")
BUSY = "all threads are busy; try again"
WHOLE_BYTES = 65536  # a list of parts is joined up to here, and sent part by part beyond
TEXTS = (str, bytes, bytearray, memoryview)
ExcInfo = tuple[type[BaseException], BaseException, TracebackType] | tuple[None, None, None]


class Call:
    """A job for a thread. It raises nothing. It is not done if `request` is abandoned before it begins.
    `prepare` makes the environ, or raises RemoteProtocolError for a request that is refused. `has_deadline`
    is for whoever keeps it waiting.
    """

    __slots__ = (
        "_app",
        "_context",
        "_environ",
        "_handoff",
        "_head",
        "_left",
        "_prepare",
        "_request",
        "begun",
        "has_deadline",
    )

    def __init__(
        self,
        app: "WSGIApplication",
        prepare: Callable[[], dict[str, Any]],
        handoff: Handoff,
        context: Context,
        request: DirectRequest | None = None,
    ) -> None:
        self.begun = False
        self.has_deadline = False
        self._app = app
        self._prepare = prepare
        self._environ: dict[str, Any] = {}
        self._handoff = handoff
        self._context = context
        self._request = request
        self._head: Head | None = None
        self._left = UNKNOWN  # of what content-length promises

    def __call__(self) -> None:
        self.begun = True
        if self._request is not None and self._request.abandoned:
            self._handoff.end()
        elif not self._handoff.gone:
            self._context.run(self._run)

    # What the loop calls, for a call that no thread will begin.

    def is_gone(self) -> bool:
        """Whether nobody waits for it any more."""
        return self._handoff.gone or (self._request is not None and self._request.abandoned)

    def drop(self) -> None:
        self._handoff.end()

    def refuse_busy(self) -> None:
        self._handoff.refuse(503, BUSY)

    # What the application calls.

    def start_response(
        self, status: str, headers: list[tuple[str, str]], exc_info: ExcInfo | None = None, /
    ) -> Any:
        error = None if exc_info is None else _exception_of(exc_info)
        if error is not None:
            try:
                if self._handoff.head is not None:
                    raise error
            finally:
                error = exc_info = None  # they hold this frame
        elif self._head is not None:
            raise AssertionError("start_response was called twice; the second call needs exc_info")
        self._head = Head(status, headers, self._environ["REQUEST_METHOD"])
        self._left = self._head.length
        return self.write

    def write(self, data: bytes, /) -> None:
        """The old way to send a body. Waits while the client is behind."""
        if type(data) is not bytes:
            data = _checked_part(data, "write() was given")
        if self._left != UNKNOWN and len(data) > self._left:
            raise LocalProtocolError(
                f"write() was given {len(data)} bytes; expected no more than the {self._left} that are left "
                "of the content-length"
            )
        if data:
            self._put(data)

    # Below.

    def _run(self) -> None:
        try:
            self._environ = self._prepare()
        except RemoteProtocolError as error:
            self._handoff.refuse(error.status, error.reason)
        except BaseException as error:  # noqa: BLE001 the thread goes on with other calls
            self._failed(error)
        else:
            errors = self._environ["wsgi.errors"]  # the application may put another in its place
            self._call()
            if errors.begun:
                self._flush(errors)

    def _call(self) -> None:
        try:
            iterable = self._app(self._environ, self.start_response)
        except BaseException as error:  # noqa: BLE001 as above
            self._failed(error)
            return
        try:
            self._send_body(iterable)
        except BaseException as error:  # noqa: BLE001 as above
            self._failed(error)
        finally:
            self._close(iterable)

    def _send_body(self, iterable: Iterable[bytes]) -> None:
        kind = type(iterable)
        if (kind is list or kind is tuple) and self._handoff.head is None:
            self._send_list(iterable)
        elif kind is not FileWrapper or not self._send_file(iterable):
            self._send_parts(iterable)

    def _send_list(self, parts: Any) -> None:
        for part in parts:
            if type(part) is not bytes:
                _checked_part(part, "the application returned a list with")
        body = parts[0] if len(parts) == 1 and type(parts[0]) is bytes else b"".join(parts)
        head = self._started()
        if head.is_without_body:
            body = b""
        if len(body) < self._left:
            raise _too_short(len(body), self._left)
        if len(body) > WHOLE_BYTES and len(parts) > 1:
            self._send_parts(parts)
        elif self._left == UNKNOWN:
            head.complete_length(len(body))
            self._commit(head)
            self._handoff.put_last(body)
        else:
            self._send_last(body, ())

    def _send_file(self, wrapper: Any) -> bool:
        """Let the server send it; False when it cannot."""
        head = self._started()
        extensions = self._environ["asgi.scope"].get("extensions") or {}
        part = file_part(wrapper, self._left, extensions) if head.may_have_body else None
        if part is None or self._handoff.head is not None:
            return False
        if self._left > part.count:
            raise _too_short(part.count, self._left)
        head.complete_length(part.count)
        self._commit(head)
        self._handoff.put(part)
        self._handoff.wait_taken()
        self._handoff.end()
        return True

    def _send_parts(self, iterable: Iterable[bytes]) -> None:
        rest = _iterated(iterable)
        for part in rest:
            if type(part) is not bytes:
                part = _checked_part(part, "the application yielded")  # noqa: PLW2901
            if part and self._left != UNKNOWN and len(part) >= self._left:
                self._send_last(part, rest)
                return
            if part and self._started().is_without_body:
                break
            if part:
                self._put(part)
            elif self._handoff.gone:
                raise ClientDisconnected("the client went away")
        if self._left > 0:
            raise _too_short(0, self._left)
        if self._handoff.head is None:
            self._commit(self._started())
        self._handoff.end()

    def _send_last(self, part: bytes, rest: Iterable[bytes]) -> None:
        """All that is promised is here, so the client need not wait until the application ends; only then
        is it seen whether more comes.
        """
        left = self._left
        self._commit(self._started())
        self._handoff.put_last(part[:left])
        if len(part) > left or next(filter(None, rest), None) is not None:
            LOGGER.error(
                "%s: more came than the content-length says; expected as much, cut the rest", self._name()
            )

    def _put(self, part: bytes) -> None:
        head = self._started()
        if self._handoff.head is None:
            self._commit(head)
        if head.is_without_body:
            part = b""
        if self._left != UNKNOWN:
            self._left -= len(part)
        self._handoff.put(part)

    def _started(self) -> Head:
        if self._head is None:
            raise AssertionError("the application sent a body and did not call start_response before it")
        return self._head

    def _commit(self, head: Head) -> None:
        self._handoff.head = (head.status, head.fields)

    def _failed(self, error: BaseException) -> None:
        handoff = self._handoff
        if not handoff.ended and not handoff.gone:
            handoff.end(error)
        elif not isinstance(error, ClientDisconnected):
            LOGGER.error("%s: failed behind the end of its response", self._name(), exc_info=error)

    def _close(self, iterable: Any) -> None:
        try:
            if type(iterable) is not list and hasattr(iterable, "close"):
                iterable.close()
        except BaseException as error:
            LOGGER.error("%s: close() failed", self._name(), exc_info=error)

    def _flush(self, errors: ErrorStream) -> None:
        """An unfinished line is not to be begun by one request and ended by another."""
        try:
            errors.flush()
        except BaseException as error:
            LOGGER.error("%s: wsgi.errors failed", self._name(), exc_info=error)

    def _name(self) -> str:
        return f"{self._environ['REQUEST_METHOD']} {self._environ['PATH_INFO']}"


def _exception_of(exc_info: Any) -> BaseException | None:
    """The exception with its traceback; None where there is none in it, as `sys.exc_info()` has it outside of
    an `except`.
    """
    if isinstance(exc_info, tuple) and len(exc_info) == 3:
        error, trace = exc_info[1], exc_info[2]
        if error is None:
            return None
        if isinstance(error, BaseException) and (trace is None or isinstance(trace, TracebackType)):
            return error.with_traceback(trace)
    raise TypeError(f"exc_info is {shown(exc_info)}; expected what sys.exc_info() returns, or None")


def _checked_part(part: Any, where: str) -> bytes:
    """Of any subclass: compiled code takes none of them for bytes."""
    if not isinstance(part, bytes):
        hint = "; encode it" if isinstance(part, str) else ""
        hint = "; return [body] instead of body" if isinstance(part, int) else hint
        raise TypeError(f"{where} {shown(part)}; expected bytes{hint}")
    return memoryview(part).tobytes()


def _iterated(iterable: Any) -> Iterator[bytes]:
    if isinstance(iterable, TEXTS):  # an empty one has no part that would tell
        raise TypeError(
            f"the application returned {shown(iterable)}; expected an iterable of bytes; return [body] "
            "instead of body, and encode text"
        )
    try:
        return iter(iterable)
    except TypeError as error:
        raise TypeError(
            f"the application returned {shown(iterable)}; expected an iterable of bytes"
        ) from error


def _too_short(came: int, left: int) -> LocalProtocolError:
    return LocalProtocolError(
        f"the body ended {left - came} bytes before its content-length; expected as many as it says"
    )
