"""What the fields of a request say about its body and its connection (RFC 9112 sections 3.2, 6 and 9, RFC
9110 sections 7.8, 10.1).

Framing follows the strict reading: whatever two recipients could read in two ways (two lengths, a length
beside a coding, an unknown coding, two hosts) is refused, because request smuggling lives on such
differences.
"""

from penstock.base.errors import RemoteProtocolError
from penstock.engine.fields import has_member, list_members, read_length
from penstock.engine.target import check_host

CHUNKED = -1  # as `body_bytes`

# The fields acted on, each at the index of its length: one comparison tells that a field is none of them.
_ACTED_ON = (
    *(b"", b"", b"te", b"", b"host", b"", b"expect", b"upgrade", b"", b"", b"connection"),
    *(b"", b"", b"", b"content-length", b"", b"", b"transfer-encoding"),
)
_LONGEST = 17
_TE = 2
_HOST = 4
_EXPECT = 6
_UPGRADE = 7
_CONNECTION = 10
_CONTENT_LENGTH = 14
_TRANSFER_ENCODING = 17


class Framing:
    """Collects with `note`, concludes with `settle`, and is used again after `clear`.

    `body_bytes` is the length of the body, or `CHUNKED`. `keep_alive` is what the client wants of the
    connection. `expects_continue` tells that it may wait for a 100 before it sends the body.
    """

    __slots__ = (
        "_coding",
        "_connection",
        "_expect",
        "_good_host",
        "_te",
        "_upgrade",
        "body_bytes",
        "expects_continue",
        "has_host",
        "has_length",
        "keep_alive",
        "upgrade",
        "wants_trailers",
    )

    def __init__(self) -> None:
        self._good_host: bytes | None = None
        self.clear()

    def clear(self) -> None:
        self.has_host = self.has_length = False
        self.body_bytes = 0
        self.keep_alive = True
        self.expects_continue = self.wants_trailers = False
        self.upgrade = b""
        self._coding: bytes | None = None
        self._connection: bytes | None = None
        self._expect: bytes | None = None
        self._te: bytes | None = None
        self._upgrade: bytes | None = None

    def note(self, name: bytes, value: bytes) -> None:
        """Look at one field of the head."""
        size = len(name)
        if size > _LONGEST or name != _ACTED_ON[size]:
            return
        if size == _HOST:
            self._note_host(value)
        elif size == _CONNECTION:
            self._connection = _joined(self._connection, value)
        elif size == _CONTENT_LENGTH:
            self._note_length(value)
        elif size == _TRANSFER_ENCODING:
            self._coding = _joined(self._coding, value)
        elif size == _EXPECT:
            self._expect = _joined(self._expect, value)
        elif size == _UPGRADE:
            self._upgrade = _joined(self._upgrade, value)
        elif size == _TE:
            self._te = _joined(self._te, value)

    def _note_host(self, value: bytes) -> None:
        if self.has_host:
            raise RemoteProtocolError("the request has more than one Host field", 400)
        self.has_host = True
        if value != self._good_host:  # the requests of a connection mostly name the same host
            check_host(value)
            self._good_host = value

    def _note_length(self, value: bytes) -> None:
        if self.has_length:
            raise RemoteProtocolError("the request has more than one Content-Length field", 400)
        self.has_length = True
        self.body_bytes = read_length(value)
        if self.body_bytes < 0:
            raise RemoteProtocolError("Content-Length is not one number of at most 18 digits", 400)

    def settle(self, http11: bool) -> None:
        """Conclude from all that was noted; raises for what the request as a whole got wrong."""
        if http11 and not self.has_host:
            raise RemoteProtocolError("the request has no Host field", 400)
        if self._coding is not None:
            self._settle_coding(self._coding.lower(), http11)
        self._settle_connection(b"" if self._connection is None else self._connection, http11)
        if http11 and self._expect is not None:
            self._settle_expectation(self._expect)
        self.wants_trailers = http11 and self._te is not None and has_member(self._te, b"trailers")

    def _settle_connection(self, options: bytes, http11: bool) -> None:
        self.keep_alive = http11 or has_member(options, b"keep-alive")
        if options and has_member(options, b"close"):
            self.keep_alive = False
        if http11 and self._upgrade is not None and has_member(options, b"upgrade"):
            self.upgrade = self._upgrade.lower()

    def _settle_coding(self, coding: bytes, http11: bool) -> None:
        if self.has_length:
            raise RemoteProtocolError("the request has both Content-Length and Transfer-Encoding", 400)
        if not http11:
            raise RemoteProtocolError("Transfer-Encoding in an HTTP/1.0 request", 400)
        if coding != b"chunked":
            raise _bad_coding(coding)
        self.body_bytes = CHUNKED

    def _settle_expectation(self, expectation: bytes) -> None:
        if expectation.lower() != b"100-continue":
            raise RemoteProtocolError("only the expectation 100-continue can be met", 417)
        self.expects_continue = self.body_bytes != 0


def _joined(before: bytes | None, value: bytes) -> bytes:
    """The values of one field's lines as one list (RFC 9110 section 5.3)."""
    return value if before is None else before + b"," + value


def _bad_coding(coding: bytes) -> RemoteProtocolError:
    """501 for a coding that is not implemented, 400 for a list that no sender may make (RFC 9112 sections
    6.1, 6.3).
    """
    codings = list_members(coding)
    last = codings.pop() if codings else b"chunked"
    if b"chunked" in codings or (last == b"chunked" and not codings):
        return RemoteProtocolError("Transfer-Encoding is no list that ends in its only chunked", 400)
    return RemoteProtocolError("only the transfer coding chunked is known here", 501)
