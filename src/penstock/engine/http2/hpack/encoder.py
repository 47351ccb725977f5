"""Field blocks of ours, encoded (RFC 7541 section 6), and which fields are kept in the table.

A field that is in a table is an index of one octet or two. Whether one that is not goes into the table is
decided by its name and size:

- Secrets never do, and are marked so that no intermediary puts them into its own (section 7.1.3). The table
  finds whole fields only, but whoever can make us send fields of his choice on the connection, and sees how
  long the blocks are, could still try one value after the other (section 7.1; the attack named CRIME).
- What differs from one response to the next does not: its entry would be used by nobody, push out those that
  repeat, and cost more time than its literal. `content-length` saves four octets where it repeats and is
  left out for the many where it does not. `location` may carry tokens as well.
- What fills more than half of the table does not: it would push out all others.
- Everything else does. `date` repeats for a second, and its 29 octets are the longest of a plain response; an
  entry a second is gone when some sixty others have come.
"""

from collections.abc import Iterable

from penstock.engine import octets
from penstock.engine.http2.hpack import entries
from penstock.engine.http2.hpack.entries import Entry
from penstock.engine.http2.hpack.static import STATIC_FIELDS
from penstock.engine.http2.hpack.table import INITIAL_TABLE_BYTES, DynamicTable
from penstock.engine.http2.hpack.writer import append_string, build_integer

# The first octets of the three kinds of literals.
INDEXED = 0x40
NOT_INDEXED = 0x00
NEVER_INDEXED = 0x10

SECRET = frozenset(
    b"authentication-info authorization cookie proxy-authentication-info proxy-authorization"
    b" set-cookie".split()
)
CHANGING = frozenset(
    b"age content-length content-location content-range etag expires last-modified location server-timing"
    b" traceparent tracestate x-correlation-id x-request-id".split()
)
_KINDS = {**dict.fromkeys(CHANGING, NOT_INDEXED), **dict.fromkeys(SECRET, NEVER_INDEXED)}

_STATIC_INDICES = {field: at + 1 for at, field in enumerate(STATIC_FIELDS)}
_STATIC_NAMES = {field[0]: at + 1 for at, field in reversed(list(enumerate(STATIC_FIELDS)))}


class HpackEncoder:
    """One for the life of a connection; its blocks are sent in the order in which they were made.

    `max_table_bytes` is what we keep at most, however much the peer allows.
    """

    __slots__ = ("_entries", "_lowest", "_most", "_names", "_table", "_told")

    def __init__(self, max_table_bytes: int = INITIAL_TABLE_BYTES) -> None:
        self._most = max_table_bytes
        self._table = DynamicTable()
        self._entries: dict[tuple[bytes, bytes], Entry] = {}
        self._names: dict[bytes, Entry] = {}  # the newest entry of each name
        self._told = self._lowest = INITIAL_TABLE_BYTES  # the size that the peer knows, and the least since
        self.limit_table(INITIAL_TABLE_BYTES)

    def limit_table(self, max_bytes: int) -> None:
        """The peer's SETTINGS_HEADER_TABLE_SIZE is now this. The next block tells it what we make of it, and
        how small the table was in between (section 4.2).
        """
        size = min(max_bytes, self._most)
        self._lowest = min(self._lowest, size)
        self._table.max_bytes = size
        self._shrink(size)

    def encode(self, fields: Iterable[tuple[bytes, bytes]]) -> bytes:
        """A whole block. The names are in lower case, and the order is kept."""
        pieces: list[bytes] = []
        if self._told != self._table.max_bytes or self._told != self._lowest:
            self._append_updates(pieces)
        for field in fields:
            entry = self._entries.get(field)
            if entry is not None:
                pieces.append(build_integer(0x80, 0x7F, self._index(entry)))
                continue
            index = _STATIC_INDICES.get(field, 0)
            if index:
                pieces.append(build_integer(0x80, 0x7F, index))
            else:
                self._append_new(pieces, field[0], field[1])
        return octets.join(pieces)

    def _append_updates(self, pieces: list[bytes]) -> None:
        size = self._table.max_bytes
        if self._lowest < min(size, self._told):
            pieces.append(build_integer(0x20, 0x1F, self._lowest))
        pieces.append(build_integer(0x20, 0x1F, size))
        self._told = self._lowest = size

    def _append_new(self, pieces: list[bytes], name: bytes, value: bytes) -> None:
        """A field that is in no table, as a literal (section 6.2)."""
        kind = _KINDS.get(name, INDEXED)
        if kind == INDEXED:
            entry = Entry(name, value)
            if entry.size <= self._table.max_bytes // 2:
                self._append_literal(pieces, INDEXED, 0x3F, name, value)
                self._insert(entry)
                return
            kind = NOT_INDEXED
        self._append_literal(pieces, kind, 0x0F, name, value)

    def _append_literal(self, pieces: list[bytes], kind: int, mask: int, name: bytes, value: bytes) -> None:
        index = self._index_of_name(name)
        pieces.append(build_integer(kind, mask, index))
        if index == 0:
            append_string(pieces, name)
        append_string(pieces, value)

    def _index_of_name(self, name: bytes) -> int:
        """The index of a field with this name, 0 when there is none."""
        index = _STATIC_NAMES.get(name, 0)
        if index:
            return index
        entry = self._names.get(name)
        return 0 if entry is None else self._index(entry)

    def _index(self, entry: Entry) -> int:
        return entries.FIRST_DYNAMIC + self._table.added - entry.number

    def _insert(self, entry: Entry) -> None:
        self._shrink(self._table.max_bytes - entry.size)
        self._table.add(entry)
        self._entries[entry.field] = entry
        self._names[entry.field[0]] = entry

    def _shrink(self, most: int) -> None:
        table = self._table
        while table.used_bytes > most and table.count() > 0:
            self._forget(table.evict())

    def _forget(self, entry: Entry) -> None:
        name = entry.field[0]
        del self._entries[entry.field]
        if self._names[name] is entry:
            del self._names[name]
