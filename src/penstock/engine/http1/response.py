"""The head of a response: what the application gave, checked, and what the server adds (RFC 9112 section 4).

The application does not speak for the connection: of its `connection` field only `close` is heard, and the
other hop-by-hop fields are dropped. Its `content-length` becomes a promise that the writer keeps. Lines that
are the same for every response are built once: status lines here, default fields once a second.
"""

from collections.abc import Iterable
from http import HTTPStatus

from penstock.base.errors import LocalProtocolError
from penstock.engine import octets
from penstock.engine.defaults import CONNECTION_FIELDS, LONGEST, ResponseDefaults
from penstock.engine.fields import (
    FORBIDDEN_IN_TRAILERS,
    list_members,
    our_name,
    our_pairs,
    our_value,
    read_length,
)

UNKNOWN = -1  # as a length

_LONGEST = LONGEST
_UPGRADE_REQUIRED = 426  # RFC 9110 section 15.5.22

_STATUS_LINES = {
    status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode() for status in HTTPStatus
}


def status_line(status: int) -> bytes:
    """The first line of a response; a status without a registered reason phrase has none."""
    line = _STATUS_LINES.get(status)
    return b"HTTP/1.1 %d \r\n" % status if line is None else line


class ResponseHead:
    """A checked head that is not yet written.

    `length` is what its `content-length` promises, or UNKNOWN; `closes` tells that the application wants the
    connection closed. `complete` puts the head together.
    """

    __slots__ = ("_defaults", "_pieces", "_replaced", "closes", "length", "status")

    def _read(
        self, status: int, fields: Iterable[tuple[bytes, bytes]], defaults: ResponseDefaults
    ) -> None:
        if not isinstance(status, int) or not 200 <= status <= 999:
            raise _bad_status(status, 200, 999)
        self.status = status
        self.length = UNKNOWN
        self.closes = False
        self._defaults = defaults
        self._replaced: list[bytes] | None = None
        self._pieces = [status_line(self.status)]
        try:
            for name, value in fields:
                self._add(our_name(name), our_value(value), defaults.lengths)
        except (TypeError, ValueError) as error:
            raise LocalProtocolError("fields have to be pairs of bytes") from error

    def complete(self, framing: bytes, connection: bytes) -> list[bytes]:
        """The pieces of the head, with the lines that the writer adds. To be called once."""
        pieces = self._pieces
        pieces.append(framing)
        pieces.append(connection)
        if self._replaced is None:
            pieces.append(self._defaults.block)
        else:
            pieces.append(self._defaults.without(frozenset(self._replaced)))
        pieces.append(b"\r\n")
        return pieces

    def _add(self, name: bytes, value: bytes, lengths: int) -> None:
        size = len(name)
        is_ordinary = size < _LONGEST and not (lengths >> size) & 1
        if is_ordinary or self._passes(octets.lower(name, 0, size), value):
            self._pieces.append(octets.field_line(name, value))

    def _passes(self, name: bytes, value: bytes) -> bool:
        """Whether the field goes out as the application gave it. Those of the connection are the writer's."""
        if name == b"content-length":
            self._promise(value)
        elif name == b"connection":
            self.closes = self.closes or b"close" in list_members(value)
        elif name == b"upgrade" and self.status == _UPGRADE_REQUIRED:  # which has to name one
            self._pieces.append(b"connection: upgrade\r\n")
            return True
        elif name not in CONNECTION_FIELDS:
            if name in self._defaults.names:
                self._replaced = [*(self._replaced or ()), name]
            return True
        return False

    def _promise(self, value: bytes) -> None:
        if self.length != UNKNOWN:
            raise LocalProtocolError("the response has more than one content-length")
        self.length = read_length(value)
        if self.length < 0:
            raise LocalProtocolError(f"content-length is not a number: {value!r}")


def read_head(
    status: int, fields: Iterable[tuple[bytes, bytes]], defaults: ResponseDefaults
) -> ResponseHead:
    """Check what the application gave; LocalProtocolError for what cannot be sent."""
    head = ResponseHead.__new__(ResponseHead)
    head._read(status, fields, defaults)
    return head


def informational_head(status: int, fields: Iterable[tuple[bytes, bytes]]) -> bytes:
    """A whole informational response (RFC 9110 section 15.2), without the default fields."""
    if status == 101:
        raise LocalProtocolError("a 101 is sent by switching protocols")
    if not isinstance(status, int) or not 100 <= status <= 199:
        raise _bad_status(status, 100, 199)
    line = status_line(status)
    return line + b"".join(_lines(fields, CONNECTION_FIELDS)) + b"\r\n"


def switching_head(fields: Iterable[tuple[bytes, bytes]], defaults: ResponseDefaults) -> bytes:
    """A whole 101 (RFC 9110 section 15.2.2). `fields` are those of the new protocol, `upgrade` among them."""
    lines = b"".join(_lines(fields, CONNECTION_FIELDS - {b"upgrade"}))
    return status_line(101) + b"connection: Upgrade\r\n" + lines + defaults.block + b"\r\n"


def trailer_section(fields: Iterable[tuple[bytes, bytes]]) -> bytes:
    """A trailer section with its empty line; LocalProtocolError for a field that has no place in one."""
    return b"".join(_lines(fields, frozenset(), FORBIDDEN_IN_TRAILERS)) + b"\r\n"


def _lines(
    fields: Iterable[tuple[bytes, bytes]],
    dropped: frozenset[bytes],
    forbidden: frozenset[bytes] = frozenset(),
) -> list[bytes]:
    lines = []
    for name, value in our_pairs(fields):
        if name in forbidden:
            raise LocalProtocolError(f"{name.decode()} has no place in a trailer section")
        if name not in dropped:
            lines.append(b"%b: %b\r\n" % (name, value))
    return lines


def _bad_status(status: object, least: int, most: int) -> LocalProtocolError:
    return LocalProtocolError(f"the status has to be a number from {least} to {most}, not {status!r}")
