"""The body of a request, read from `wsgi.input` by the WSGI server's own thread, when the application asks.

A body ends with its length. Without one it ends where `wsgi.input` does, if the server promises that it ends
(`wsgi.input_terminated`, as after chunked coding has been taken off); else there is none to read.
"""

import errno
from collections.abc import Callable

from penstock.adapters.asgi_to_wsgi.scope import Environ
from penstock.base.errors import ClientDisconnected, LocalProtocolError, RemoteProtocolError

UNKNOWN = -1
MAX_LENGTH_DIGITS = 18  # an int64, and no quadratic conversion of what a client sends


class RequestBody:
    """Raises RemoteProtocolError for a length that is no number. `ended` is True once all of it was read."""

    __slots__ = ("_at_most", "_left", "_read", "ended")

    def __init__(self, environ: Environ, read_bytes: int) -> None:
        self._left = _length(environ)
        self._at_most = read_bytes
        self._read = _reading(environ["wsgi.input"]) if self._left else None
        self.ended = self._read is None

    def read(self) -> bytes:
        """The next part; empty only at the end of a body of unknown length.

        Raises ClientDisconnected where the client has not sent all of it, LocalProtocolError for what is no
        bytes, or what the server raises.
        """
        assert self._read is not None
        data = self._read(self._at_most if self._left == UNKNOWN else min(self._at_most, self._left))
        if not isinstance(data, bytes):
            kind = type(data).__name__
            raise LocalProtocolError(f"wsgi.input of the WSGI server gave {kind}; expected bytes (PEP 3333)")
        if self._left == UNKNOWN:
            self.ended = not data
        elif data:
            self._left -= len(data)
            self.ended = self._left <= 0
        else:
            raise ClientDisconnected(errno.ECONNRESET, f"the client left {self._left} octets of its body out")
        return data


def _reading(stream: object) -> Callable[[int], bytes]:
    """`read1` gives what is there, where a stream has it; `read` may wait until all is there."""
    found: Callable[[int], bytes] = getattr(stream, "read1", None) or stream.read  # type: ignore[attr-defined]
    return found


def _length(environ: Environ) -> int:
    if told := environ.get("CONTENT_LENGTH"):
        value = str(told)
        if value.isdecimal() and value.isascii() and len(value) <= MAX_LENGTH_DIGITS:
            return int(value)
        raise RemoteProtocolError(f"the content-length is {value!r}; expected a number", 400)
    if not environ.get("wsgi.input_terminated"):
        return 0
    # HTTP/1 says by this field that a body follows; to look for one costs a change of threads
    may_follow = "HTTP_TRANSFER_ENCODING" in environ or not environ["SERVER_PROTOCOL"].startswith("HTTP/1")
    return UNKNOWN if may_follow else 0
