"""The fields that every response of a server has (RFC 9110 sections 6.6.1 and 10.2.4).

They are put together once a second and shared by all connections: as lines for HTTP/1.1, as pairs for HTTP/2.
"""

from collections.abc import Iterable

from penstock.base.errors import LocalProtocolError
from penstock.engine.fields import our_pairs, our_value

CONNECTION_FIELDS = frozenset(
    (b"connection", b"content-length", b"keep-alive", b"proxy-connection", b"transfer-encoding", b"upgrade")
)
LONGEST = 30  # a bit that a C integer has on every machine


def _lengths(names: Iterable[bytes]) -> int:
    """A number with the bit of each name's length set: one shift tells that a name is none of them."""
    mask = 0
    for name in names:
        mask |= 1 << min(len(name), LONGEST)
    return mask


class ResponseDefaults:
    """The fields that every response of a server has, unless the application sends one of that name.

    `server` is the value of the `server` field, or empty for none; `fields` are further ones. With
    `date_wanted` the caller says what time it is: `set_date` once a second with the value of the `date` field
    (RFC 9110 section 6.6.1). `block` are the lines of all of them, `pairs` the same as names and values.
    """

    __slots__ = ("_date", "_fixed", "block", "date_wanted", "lengths", "names", "pairs")

    def __init__(self, server: bytes, fields: tuple[tuple[bytes, bytes], ...], date_wanted: bool) -> None:
        given = ((b"server", server), *fields) if server else fields
        self._fixed = our_pairs(given)
        self._date = b""
        self.date_wanted = date_wanted
        self.names = frozenset((b"date", *(name for name, _ in self._fixed)))
        if not self.names.isdisjoint(CONNECTION_FIELDS):
            raise LocalProtocolError("a default field may not speak for a connection or a body")
        self.lengths = _lengths((*CONNECTION_FIELDS, *self.names))
        self._build()

    def set_date(self, value: bytes) -> None:
        if self.date_wanted:
            self._date = our_value(value)
            self._build()

    def without(self, names: frozenset[bytes]) -> bytes:
        """The lines of all default fields but `names`."""
        return b"".join([b"%b: %b\r\n" % pair for pair in self.pairs if pair[0] not in names])

    def _build(self) -> None:
        self.pairs = [(b"date", self._date), *self._fixed] if self._date else self._fixed
        self.block = self.without(frozenset())
