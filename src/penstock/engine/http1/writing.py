"""Our half of the connection: one response after another, and how each body's end is known (RFC 9112 sections
6 and 7).

The head is held until the first part of the body, so that it can still be replaced by a refusal, can name the
length of a body that is complete, and leaves in one piece with it. What is promised is kept: a part that
breaks a `content-length` is refused before a byte of it is written.
"""

from collections.abc import Iterable

from penstock.base.errors import LocalProtocolError
from penstock.engine import octets, parts
from penstock.engine.defaults import ResponseDefaults
from penstock.engine.http1 import response, state
from penstock.engine.http1.response import (
    ResponseHead,
    informational_head,
    read_head,
    switching_head,
    trailer_section,
)

_NOTHING: list[bytes] = []  # for whoever asks and finds none; nobody adds to it
_PLAIN_TEXT = (b"content-type", b"text/plain; charset=utf-8")


class ResponseWriter:
    """`keep_alive` is set to False to end the connection behind the response; the head says so while it can.

    `body_bytes_sent` counts the octets of the present response's body, without any framing.
    """

    __slots__ = (
        "_carries_body",
        "_chunked",
        "_defaults",
        "_has_large",
        "_head",
        "_http11",
        "_in_chunk",
        "_is_head",
        "_length",
        "_out",
        "_sends_trailers",
        "_trailers_follow",
        "_wants_trailers",
        "body_bytes_sent",
        "keep_alive",
        "started",
        "state",
    )

    def __init__(self, defaults: ResponseDefaults) -> None:
        self.state = state.WAITING
        self.keep_alive = True
        self.started = False
        self.body_bytes_sent = 0
        self._defaults = defaults
        self._out: list[bytes] = []
        self._has_large = False
        self._head: ResponseHead | None = None
        self._http11 = True
        self._is_head = self._wants_trailers = False
        self._carries_body = True
        self._chunked = self._in_chunk = self._trailers_follow = self._sends_trailers = False
        self._length = response.UNKNOWN

    def take(self) -> list[bytes]:
        """What is to be written, once. Small pieces are joined, large ones are not copied."""
        pieces = self._out
        if not pieces:
            return _NOTHING
        self._out = []
        if self._has_large:
            self._has_large = False
            return parts.joined(pieces)
        return [octets.join(pieces)]

    def open(self, http11: bool, is_head: bool, keep_alive: bool, wants_trailers: bool) -> None:
        """A request wants its response."""
        self.state = state.our_next(self.state, state.REQUEST)
        self.keep_alive = self.keep_alive and keep_alive
        self._http11 = http11
        self._is_head = is_head
        self._wants_trailers = wants_trailers

    def next(self) -> None:
        """The last response is complete: be ready for the next request."""
        self.state = state.our_next(self.state, state.NEXT)
        self.started = False
        self.body_bytes_sent = 0

    def inform(self, status: int, fields: Iterable[tuple[bytes, bytes]]) -> None:
        after = state.our_next(self.state, state.INFORM)
        head = informational_head(status, fields)
        if self._http11:  # HTTP/1.0 knows no informational responses (RFC 9110 section 15.2)
            self._out.append(head)
        self.state = after

    def hold(self, status: int, fields: Iterable[tuple[bytes, bytes]], trailers_follow: bool) -> None:
        """Check the head of the response and keep it for the first part of the body."""
        after = state.our_next(self.state, state.RESPOND)
        self._prepare(read_head(status, fields, self._defaults), self._is_head)
        self._trailers_follow = trailers_follow
        self._sends_trailers = trailers_follow and self._wants_trailers and self._carries_body
        self.state = after

    def send(self, data: bytes | bytearray | memoryview, end: bool) -> None:
        after = state.our_next(self.state, self._part(end))
        part = data if type(data) is bytes else parts.as_bytes(data)
        size = len(part)
        self._count(size, end)
        if self._head is not None:
            self._write_head(self._head, size if end else response.UNKNOWN)
        if self._carries_body and size > 0:
            self._write_part(part, size)
        if end:
            self._end_body()
        self.state = after

    def begin_file(self, size: int) -> bool:
        """Write what stands before `size` octets of a body; True when the caller has to write them."""
        after = state.our_next(self.state, state.BEGIN_FILE)
        if size < 0:
            raise LocalProtocolError("a part cannot have a negative size")
        self._count(size, False)
        if self._head is not None:
            self._write_head(self._head, response.UNKNOWN)
        self._in_chunk = self._chunked and size > 0
        if self._in_chunk:
            self._out.append(octets.hexadecimal(size) + b"\r\n")
        self.state = after
        return self._carries_body and size > 0

    def end_file(self, end: bool) -> None:
        """The caller has written what `begin_file` announced."""
        self.state = state.our_next(self.state, state.FILE_WRITTEN)
        if self._in_chunk:
            self._out.append(b"\r\n")
        if end:
            after = state.our_next(self.state, self._part(end))
            self._count(0, end)
            self._end_body()
            self.state = after

    def send_trailers(self, fields: Iterable[tuple[bytes, bytes]]) -> None:
        after = state.our_next(self.state, state.TRAILERS)
        section = trailer_section(fields)
        if self._sends_trailers:
            self._out.append(section)
        self.state = after

    def refuse(self, status: int, reason: str, fields: Iterable[tuple[bytes, bytes]], is_head: bool) -> None:
        """A whole response in plain text instead of a head that is not yet written; the connection closes
        behind it.
        """
        after = state.our_next(self.state, state.REFUSE)
        text = reason.encode("utf-8", "replace") + b"\n"
        head = read_head(status, (_PLAIN_TEXT, *fields), self._defaults)
        self._trailers_follow = self._sends_trailers = self.keep_alive = False
        self._prepare(head, is_head)
        self._count(len(text), True)
        self._write_head(head, len(text))
        if self._carries_body:
            self._out.append(text)
        self.state = after

    def switch(self, fields: Iterable[tuple[bytes, bytes]]) -> None:
        after = state.our_next(self.state, state.SWITCH)
        self._out.append(switching_head(fields, self._defaults))
        self.started = True
        self.state = after

    def abort(self) -> None:
        self.state = state.our_next(self.state, state.ABORT)
        self._out = []
        self._has_large = False

    def _part(self, end: bool) -> int:
        if not end:
            return state.PART
        return state.LAST_PART_BUT_TRAILERS if self._trailers_follow else state.LAST_PART

    def _prepare(self, head: ResponseHead, is_head: bool) -> None:
        self._head = head
        self._length = head.length
        self._carries_body = not (is_head or head.status in (204, 304))
        self._chunked = False
        if head.closes:
            self.keep_alive = False

    def _count(self, size: int, end: bool) -> None:
        """Keep the promise of a `content-length`: nothing of a part that breaks it is written."""
        if self._carries_body:
            self.body_bytes_sent = parts.kept_total(self.body_bytes_sent, size, self._length, end)

    def _write_head(self, head: ResponseHead, whole: int) -> None:
        """`whole` is the size of the whole body when its first part is also the last, else UNKNOWN."""
        self._head = None
        self.started = True
        framing = self._framing(head, whole)
        connection = b""
        if not self.keep_alive:
            connection = b"connection: close\r\n"
        elif not self._http11:
            connection = b"connection: keep-alive\r\n"
        pieces = head.complete(framing, connection)
        if self._out:
            self._out.extend(pieces)
        else:
            self._out = pieces

    def _framing(self, head: ResponseHead, whole: int) -> bytes:
        """The line that tells how the end of the body is known (RFC 9112 section 6.3, RFC 9110 8.6)."""
        length = head.length
        if head.status == 204 or (head.status == 304 and length == response.UNKNOWN):
            return b""
        if length == response.UNKNOWN and (self._carries_body or whole > 0):
            length = whole
        if length != response.UNKNOWN and not self._sends_trailers:
            return octets.field_line(b"content-length", octets.decimal(length))
        if whole == 0 and not self._carries_body:
            return b""  # a HEAD: an empty part does not tell what a GET would have got
        if self._http11:
            self._chunked = self._carries_body
            return b"transfer-encoding: chunked\r\n"
        self.keep_alive = self.keep_alive and not self._carries_body
        return b""

    def _write_part(self, part: bytes, size: int) -> None:
        if self._chunked:
            self._out.append(octets.hexadecimal(size))
            self._out.append(b"\r\n")
        self._out.append(part)
        if size > parts.JOINED_BYTES:
            self._has_large = True
        if self._chunked:
            self._out.append(b"\r\n")

    def _end_body(self) -> None:
        if self._chunked:
            self._out.append(b"0\r\n" if self._sends_trailers else b"0\r\n\r\n")
