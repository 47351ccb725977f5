"""Field blocks of the peer, decoded (RFC 7541 sections 3, 4 and 6).

A block changes the table for all blocks after it, so each is read to its end, also when it holds more than
the caller takes: then fields are counted and no longer kept. What a block may cost is thereby bounded: one
octet can stand for a field as large as the table, but such fields are one shared object and are counted like
any other. Whether a field was marked as never to be indexed (section 6.2.3) concerns those who pass it on;
nothing of it is kept here.
"""

from penstock.engine.http2.hpack import entries
from penstock.engine.http2.hpack.entries import Entry
from penstock.engine.http2.hpack.errors import FieldListTooLong, HpackError
from penstock.engine.http2.hpack.reader import BlockReader
from penstock.engine.http2.hpack.table import INITIAL_TABLE_BYTES, DynamicTable

_MAX_UPDATES = 2  # the smallest size since the last block, and the present one (section 4.2)


class HpackDecoder:
    """One for the life of a connection; its blocks come in the order in which they were received.

    `max_table_bytes` is our SETTINGS_HEADER_TABLE_SIZE. A peer that has not read it yet may use a table of
    4096 octets, so a smaller one binds when `limit_table` says that the settings were acknowledged.
    """

    __slots__ = ("_limit", "_reader", "_table")

    def __init__(self, max_table_bytes: int = INITIAL_TABLE_BYTES) -> None:
        self._limit = max(max_table_bytes, INITIAL_TABLE_BYTES)
        self._reader = BlockReader()
        self._table = DynamicTable()

    def limit_table(self, max_bytes: int) -> None:
        """The peer acknowledged settings with this SETTINGS_HEADER_TABLE_SIZE. If its table is larger, the
        next block has to begin with an update (RFC 9113 section 4.3.1).
        """
        self._limit = max_bytes

    def decode(self, block: bytes, max_list_bytes: int, max_fields: int) -> list[tuple[bytes, bytes]]:
        """The fields of a whole block. HpackError when it is malformed, whereafter the decoder is of no more
        use; FieldListTooLong when it has more than `max_fields`, or more octets than `max_list_bytes`, each
        field counted with 32 more (RFC 9113 section 6.5.2).
        """
        reader = self._reader
        reader.begin(block)
        self._read_updates()
        fields = []
        count = 0
        room = max_list_bytes
        while reader.at < reader.end:
            entry = self._read_field(block[reader.at])
            count += 1
            room -= entry.size
            if room >= 0 and count <= max_fields:
                fields.append(entry.field)
        reader.begin(b"")
        if room < 0 or count > max_fields:
            raise FieldListTooLong(
                f"{count} fields of {max_list_bytes - room} bytes: more than {max_fields}, or than"
                f" {max_list_bytes} bytes"
            )
        return fields

    def _read_updates(self) -> None:
        reader = self._reader
        table = self._table
        count = 0
        while reader.at < reader.end and reader.block[reader.at] & 0xE0 == 0x20:
            count += 1
            if count > _MAX_UPDATES:
                raise HpackError("a block begins with more than two size updates (RFC 7541 section 4.2)")
            self._resize(reader.read_integer(0x1F))
        if table.max_bytes > self._limit:
            raise HpackError(
                f"the table has {table.max_bytes} bytes after settings with {self._limit} were acknowledged,"
                " and the block does not make it smaller (RFC 9113 section 4.3.1)"
            )

    def _resize(self, max_bytes: int) -> None:
        if max_bytes > self._limit:
            raise HpackError(
                f"a table size update to {max_bytes} bytes, of {self._limit} that are allowed (RFC 7541"
                " section 6.3)"
            )
        self._table.max_bytes = max_bytes
        self._shrink(max_bytes)

    def _read_field(self, first: int) -> Entry:
        """A field of any representation (section 6); `first` is its first octet."""
        if first >= 0x80:
            return self._find(self._reader.read_integer(0x7F))
        if first >= 0x40:
            return self._insert(self._read_literal(0x3F))
        if first >= 0x20:
            raise HpackError("a table size update behind a field (RFC 7541 section 4.2)")
        return self._read_literal(0x0F)

    def _find(self, index: int) -> Entry:
        if index < entries.FIRST_DYNAMIC:
            if index == 0:
                raise HpackError("the index 0 (RFC 7541 section 6.1)")
            return entries.STATIC[index]
        place = index - entries.FIRST_DYNAMIC
        if place >= self._table.count():
            last = entries.FIRST_DYNAMIC - 1 + self._table.count()
            raise HpackError(f"the index {index}, where {last} is the last (RFC 7541 section 2.3.3)")
        return self._table.get(place)

    def _read_literal(self, mask: int) -> Entry:
        index = self._reader.read_integer(mask)
        name = self._find(index).field[0] if index else self._reader.read_string()
        return Entry(name, self._reader.read_string())

    def _insert(self, entry: Entry) -> Entry:
        """An entry that is larger than the table leaves it empty, which is no error (section 4.4)."""
        self._shrink(self._table.max_bytes - entry.size)
        if entry.size <= self._table.max_bytes:
            self._table.add(entry)
        return entry

    def _shrink(self, most: int) -> None:
        table = self._table
        while table.used_bytes > most and table.count() > 0:
            table.evict()
