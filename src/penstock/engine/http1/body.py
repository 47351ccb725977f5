"""The body of a request, by length or chunked (RFC 9112 sections 6 and 7).

Octets are handed over as they come and never collected: a received bytes object that is wholly body is handed
over itself. Only chunk lines and trailer lines are held while they are unfinished, each within its limit.
"""

import re
from typing import Final

from penstock.base.asgi import Fields
from penstock.base.errors import RemoteProtocolError
from penstock.base.limits import Limits
from penstock.engine import octets
from penstock.engine.fields import FORBIDDEN_IN_TRAILERS
from penstock.engine.http1 import lines
from penstock.engine.http1.events import BodyPart, Event
from penstock.engine.http1.grammar import parse_field
from penstock.engine.http1.lines import LineReader

NO_LIMIT = 1 << 62

_SIZE_LINE = 0
_DATA = 1
_DATA_END = 2
_TRAILERS = 3
_DONE = 4

_MAX_SIZE_DIGITS = 16
# The grammar has a place for white space around `;` and `=`, but nobody sends it, and recipients differ.
_EXTENSIONS: Final = re.compile(
    rb"(?:;[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
    rb"(?:=(?:[!#$%&'*+\-.^_`|~0-9A-Za-z]+|\"(?:[\t !#-\[\]-~\x80-\xff]|\\[\t -~\x80-\xff])*\"))?)*"
)


class Body:
    """A body that is under way. `complete` once its last octet was read; `trailers` are then known."""

    __slots__ = ("complete", "trailers")

    def __init__(self) -> None:
        self.complete = False
        self.trailers: Fields = []

    def read(self, data: bytes, position: int, parts: list[Event]) -> int:
        """Append what `data` holds of the body from `position` on; the position behind it."""
        raise NotImplementedError

    def known_rest(self) -> int:
        """How many octets are still to come, 0 when the peer has not told."""
        raise NotImplementedError


class FixedBody(Body):
    """A body of the length that the head told (RFC 9112 section 6.2)."""

    __slots__ = ("_rest",)

    def __init__(self, size: int) -> None:
        super().__init__()
        self._rest = size

    def read(self, data: bytes, position: int, parts: list[Event]) -> int:
        end = _append_part(data, position, self._rest, parts)
        self._rest -= end - position
        self.complete = self._rest == 0
        return end

    def known_rest(self) -> int:
        return self._rest


class ChunkedBody(Body):
    """A body in chunks, with a trailer section (RFC 9112 section 7.1)."""

    __slots__ = (
        "_lines",
        "_max_body_bytes",
        "_max_chunk_line_bytes",
        "_max_fields",
        "_max_trailer_bytes",
        "_rest",
        "_state",
        "_total",
        "_trailer_room",
    )

    def __init__(self, limits: Limits) -> None:
        super().__init__()
        self._lines = LineReader()
        self._max_body_bytes = NO_LIMIT if limits.max_body_bytes is None else limits.max_body_bytes
        self._max_chunk_line_bytes = limits.max_chunk_line_bytes
        self._max_fields = limits.max_fields
        self._max_trailer_bytes = self._trailer_room = limits.max_trailer_bytes
        self._rest = self._total = 0
        self._state = _SIZE_LINE

    def read(self, data: bytes, position: int, parts: list[Event]) -> int:
        while self._state != _DONE and position < len(data):
            if self._state == _DATA:
                end = _append_part(data, position, self._rest, parts)
                self._rest -= end - position
                position = end
                if self._rest == 0:
                    self._state = _DATA_END
            else:
                position = self._read_line(data, position)
        self.complete = self._state == _DONE
        return position

    def known_rest(self) -> int:
        return self._rest

    def _read_line(self, data: bytes, position: int) -> int:
        found = self._lines.read(data, position, self._line_limit())
        if found == lines.UNFINISHED:
            return len(data)
        if found == lines.TOO_LONG:
            raise self._too_long()
        if self._state == _SIZE_LINE:
            self._read_size(self._lines.line, self._lines.begin, self._lines.end)
        elif self._state == _DATA_END:
            self._state = _SIZE_LINE
        else:
            self._read_trailer(self._lines.line, self._lines.begin, self._lines.end)
        return self._lines.after

    def _line_limit(self) -> int:
        if self._state == _SIZE_LINE:
            return self._max_chunk_line_bytes + 2
        return 2 if self._state == _DATA_END else self._trailer_room

    def _too_long(self) -> RemoteProtocolError:
        if self._state == _SIZE_LINE:
            return RemoteProtocolError(f"a chunk line is longer than {self._max_chunk_line_bytes} bytes", 400)
        if self._state == _DATA_END:
            return RemoteProtocolError("a chunk is longer than its size says", 400)
        return RemoteProtocolError(f"the trailer section is longer than {self._max_trailer_bytes} bytes", 431)

    def _read_size(self, line: bytes, start: int, end: int) -> None:
        size = 0
        at = start
        while at < end and at - start <= _MAX_SIZE_DIGITS:
            digit = _hex_digit(line[at])
            if digit < 0:
                break
            if size >= NO_LIMIT >> 4:
                raise RemoteProtocolError("a chunk size is too large", 413)
            size = size * 16 + digit
            at += 1
        if at == start or at - start > _MAX_SIZE_DIGITS:
            raise RemoteProtocolError(f"a chunk size is not 1 to {_MAX_SIZE_DIGITS} hexadecimal digits", 400)
        if at < end and _EXTENSIONS.fullmatch(octets.cut(line, at, end)) is None:
            raise RemoteProtocolError("a chunk size is followed by something that is no chunk extension", 400)
        self._begin_chunk(size)

    def _begin_chunk(self, size: int) -> None:
        if size > self._max_body_bytes - self._total:
            raise RemoteProtocolError(f"the body is longer than {self._max_body_bytes} bytes", 413)
        self._total += size
        self._rest = size
        self._state = _DATA if size > 0 else _TRAILERS

    def _read_trailer(self, line: bytes, start: int, end: int) -> None:
        self._trailer_room -= end - start + 2
        if start == end:
            self._state = _DONE
            return
        if len(self.trailers) == self._max_fields:
            raise RemoteProtocolError(f"the trailer section has more than {self._max_fields} fields", 431)
        field = parse_field(line, start, end)
        if field[0] in FORBIDDEN_IN_TRAILERS:
            raise RemoteProtocolError(f"{field[0].decode()} has no place in a trailer section", 400)
        self.trailers.append(field)


def _append_part(data: bytes, position: int, at_most: int, parts: list[Event]) -> int:
    end = len(data)
    if end - position > at_most:
        end = position + at_most
    if end > position:
        part = BodyPart.__new__(BodyPart)
        part.data = data if end - position == len(data) else octets.cut(data, position, end)
        parts.append(part)
    return end


def _hex_digit(octet: int) -> int:
    """The value of a hexadecimal digit, -1 for any other octet."""
    if 48 <= octet <= 57:
        return octet - 48
    octet |= 32
    return octet - 87 if 97 <= octet <= 102 else -1
