"""The head of a response as fields (RFC 9113 section 8.3.2): what the application gave, checked, and what the
server adds.

The application does not speak for the connection: fields of HTTP/1.1 that do are dropped (section 8.2.2). Its
`content-length` becomes a promise that is kept. White space around a value is taken away, since a peer has to
refuse it (section 8.2.1).
"""

from collections.abc import Iterable

from penstock.base.asgi import Fields
from penstock.base.errors import LocalProtocolError
from penstock.engine import octets
from penstock.engine.defaults import CONNECTION_FIELDS, ResponseDefaults
from penstock.engine.fields import FORBIDDEN_IN_TRAILERS, our_name, our_value, read_length

UNKNOWN = -1  # as a length

_SPACE = 32
_LONGEST = 30
_CONNECTION_FIELDS = CONNECTION_FIELDS
_STATUSES = [(b":status", b"%d" % status) for status in range(1000)]


class ResponseHead:
    """A checked head that is not yet written. `length` is what its `content-length` promises, or UNKNOWN."""

    __slots__ = ("_defaults", "_fields", "_length_field", "_replaced", "length", "status")

    def begin(self, status: int, fields: Iterable[tuple[bytes, bytes]], defaults: ResponseDefaults) -> None:
        """In place of a constructor: compiled, calling one costs more than it does."""
        self.status = status
        self.length = UNKNOWN
        self._defaults = defaults
        self._length_field: tuple[bytes, bytes] | None = None
        self._replaced: list[bytes] | None = None
        self._fields = [_STATUSES[status]]
        try:
            for field in fields:
                name, value = field
                self._read(field, name, value)
        except (TypeError, ValueError) as error:
            raise LocalProtocolError("fields have to be pairs of bytes") from error

    def complete(self, length: int) -> Fields:
        """The fields of the head, with this `content-length` unless it is UNKNOWN. To be called once."""
        fields = self._fields
        if length != UNKNOWN and length == self.length and self._length_field is not None:
            fields.append(self._length_field)
        elif length != UNKNOWN:
            fields.append((b"content-length", octets.decimal(length)))
        if self._replaced is None:
            fields.extend(self._defaults.pairs)
        else:
            fields.extend([pair for pair in self._defaults.pairs if pair[0] not in self._replaced])
        return fields

    def _read(self, field: object, name: object, value: object) -> None:
        """A pair that is good as it is stays itself, which saves a copy and makes it easy to find again."""
        lowered = _lowered(name)
        stripped = _stripped(value)
        if type(field) is tuple and lowered is name and stripped is value:
            self._add(field, lowered, stripped)
        else:
            self._add((lowered, stripped), lowered, stripped)

    def _add(self, field: tuple[bytes, bytes], name: bytes, value: bytes) -> None:
        size = len(name)
        if size >= _LONGEST or not (self._defaults.lengths >> size) & 1:
            self._fields.append(field)
        elif name == b"content-length":
            self._promise(value)
            self._length_field = field
        elif name not in _CONNECTION_FIELDS:
            if name in self._defaults.names:
                self._replaced = [*(self._replaced or ()), name]
            self._fields.append(field)

    def _promise(self, value: bytes) -> None:
        if self.length != UNKNOWN:
            raise LocalProtocolError("the response has more than one content-length")
        self.length = read_length(value)
        if self.length < 0:
            raise LocalProtocolError(f"content-length is not a number: {value!r}")


def read_head(status: int, fields: Iterable[tuple[bytes, bytes]], defaults: ResponseDefaults) -> ResponseHead:
    """The head of a final response, checked; LocalProtocolError when it may not be sent."""
    if not isinstance(status, int) or not 200 <= status <= 999:
        raise _bad_status(status, 200, 999)
    head = ResponseHead.__new__(ResponseHead)
    head.begin(status, fields, defaults)
    return head


def informational_fields(status: int, fields: Iterable[tuple[bytes, bytes]]) -> Fields:
    """Those of an informational response (RFC 9110 section 15.2), without the default fields."""
    if not isinstance(status, int) or not 100 <= status <= 199 or status == 101:
        raise _bad_status(status, 100, 199)
    kept = [field for field in our_fields(fields) if field[0] not in _CONNECTION_FIELDS]
    return [_STATUSES[status], *kept]


def trailer_fields(fields: Iterable[tuple[bytes, bytes]]) -> Fields:
    """Those of a trailer section; LocalProtocolError for one that has no place there."""
    checked = our_fields(fields)
    for name, _ in checked:
        if name in FORBIDDEN_IN_TRAILERS:
            raise LocalProtocolError(f"{name.decode()} has no place in a trailer section")
    return checked


def our_fields(fields: Iterable[tuple[bytes, bytes]]) -> Fields:
    """The fields of our side as they may go out; LocalProtocolError when one may not."""
    try:
        return [(_lowered(name), _stripped(value)) for name, value in fields]
    except (TypeError, ValueError) as error:
        raise LocalProtocolError("fields have to be pairs of bytes") from error


def _lowered(name: object) -> bytes:
    if type(name) is bytes and octets.is_lower_token(name, 0, len(name)):
        return name
    return our_name(name).lower()


def _stripped(value: object) -> bytes:
    checked = our_value(value)
    size = len(checked)
    if size > 0 and (checked[0] <= _SPACE or checked[size - 1] <= _SPACE):
        return checked.strip(b" \t")
    return checked


def _bad_status(status: object, least: int, most: int) -> LocalProtocolError:
    return LocalProtocolError(
        f"the status has to be a number from {least} to {most}, and not 101, not {status!r}"
    )
