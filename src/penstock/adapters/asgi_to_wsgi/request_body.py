"""The body of a request, read from `wsgi.input` by the WSGI server's own thread, when the application asks.

A body ends with its length. Without one it ends where `wsgi.input` does, if the server promises that it ends
(`wsgi.input_terminated`, as after chunked coding has been taken off, whose field may be gone as well). A
chunked body on a server that promises nothing cannot be read, and is not passed off as an empty one.
"""

import errno
from collections.abc import Callable

from penstock.adapters.asgi_to_wsgi.scope import Environ
from penstock.base.errors import ClientDisconnected, LocalProtocolError, RemoteProtocolError

UNKNOWN = -1
BODILESS = frozenset(("GET", "HEAD"))
NO_END = (
    "The body has no content-length, and this server passes no chunked bodies on; send one with its length"
)
MAX_LENGTH_DIGITS = 18  # an int64, and no quadratic conversion of what a client sends


class RequestBody:
    """Raises RemoteProtocolError for a length that is no number, and for a body whose end cannot be found.
    `ended` is True once all of it was read.
    """

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
        return _number(told)
    coded = "HTTP_TRANSFER_ENCODING" in environ
    if environ.get("wsgi.input_terminated"):
        return UNKNOWN if coded or _may_follow(environ) else 0
    if coded:
        raise RemoteProtocolError(NO_END, 411)
    return 0


def _may_follow(environ: Environ) -> bool:
    """To look for a body costs a change of threads, and gunicorn promises an end to every request. A GET and
    a HEAD have none as a rule (RFC 9110 sections 9.3.1 and 9.3.2), and HTTP/1 says by a field where they do.
    """
    return environ["REQUEST_METHOD"] not in BODILESS or not environ["SERVER_PROTOCOL"].startswith("HTTP/1")


def _number(told: object) -> int:
    """Servers tell it as a number, too. Another type is the server's fault, not the client's."""
    if not isinstance(told, (str, int)) or isinstance(told, bool):
        raise TypeError(told)
    value = str(told)
    if value.isdecimal() and value.isascii() and len(value) <= MAX_LENGTH_DIGITS:
        return int(value)
    raise RemoteProtocolError(f"the content-length is {value!r}; expected a number", 400)
