"""Lines that end in CRLF, out of data that is cut anywhere (RFC 9112 section 2.2).

A line inside one piece of data is handed out as positions in it, without a copy. The beginning of a line
whose end has not come is kept in a buffer that grows by what is new: every octet is looked at once, however
it trickles in. A bare CR, a bare LF or another control character is refused when it is seen, not when the
line ends, so that no peer waits for an answer.
"""

from penstock.base.errors import RemoteProtocolError
from penstock.engine import octets

UNFINISHED = 0
COMPLETE = 1
TOO_LONG = 2

_CR = 13
_LF = 10


class LineReader:
    """After `COMPLETE` the line is `line[begin:end]`, without its CRLF; the next begins at `after`."""

    __slots__ = ("_held", "after", "begin", "end", "line")

    def __init__(self) -> None:
        self.line = b""
        self.begin = self.end = self.after = 0
        self._held: bytearray | None = None

    def holds_some(self) -> bool:
        """Whether a line has begun whose end has not come."""
        return self._held is not None

    def forget(self) -> None:
        """Let go of the data in which the last line stands."""
        self.line = b""

    def read(self, data: bytes, start: int, limit: int) -> int:
        """`UNFINISHED` has taken all of `data`; `TOO_LONG` means no CRLF within `limit` octets."""
        if self._held is not None:
            return self._read_on(self._held, data, start, limit)
        stop = len(data)
        if stop - start > limit:
            stop = start + limit
        at = octets.find_control(data, start, stop)
        if at < 0:
            return self._keep(data, start, stop, limit)
        if data[at] != _CR:
            raise _bad_octet(data[at])
        if at + 1 == stop:
            return self._keep(data, start, stop, limit)
        if data[at + 1] != _LF:
            raise _bad_octet(_CR)
        self.line = data
        self.begin = start
        self.end = at
        self.after = at + 2
        return COMPLETE

    def _keep(self, data: bytes, start: int, stop: int, limit: int) -> int:
        if stop - start >= limit:
            return TOO_LONG
        if stop > start:
            self._held = bytearray(octets.cut(data, start, stop))
        return UNFINISHED

    def _read_on(self, held: bytearray, data: bytes, start: int, limit: int) -> int:
        size = len(held)
        if held[size - 1] == _CR:
            return self._read_line_feed(held, data, start)
        stop = len(data)
        if stop - start > limit - size:
            stop = start + limit - size
        at = octets.find_control(data, start, stop)
        if at >= 0 and data[at] != _CR:
            raise _bad_octet(data[at])
        if at >= 0:
            stop = at + 1
        held += octets.cut(data, start, stop)
        if len(held) >= limit:
            return TOO_LONG
        return UNFINISHED if at < 0 else self._read_line_feed(held, data, stop)

    def _read_line_feed(self, held: bytearray, data: bytes, start: int) -> int:
        if start == len(data):
            return UNFINISHED
        if data[start] != _LF:
            raise _bad_octet(_CR)
        self.line = bytes(held)
        self.begin = 0
        self.end = len(self.line) - 1
        self.after = start + 1
        self._held = None
        return COMPLETE


def _bad_octet(octet: int) -> RemoteProtocolError:
    if octet == _LF:
        return RemoteProtocolError("a line ends in a bare LF instead of CRLF", 400)
    if octet == _CR:
        return RemoteProtocolError("a CR is not followed by LF", 400)
    return RemoteProtocolError(f"a control character ({octet:#04x}) in a line", 400)
