"""The table of fields that both sides of a direction keep alike (RFC 7541 section 2.3).

New entries come at the front and are counted from there; when their sizes pass the maximum, the oldest are
evicted. Here they are a list in order of age whose evicted beginning is cut off now and then, so that adding,
evicting and looking up cost the same however many there are.
"""

from penstock.engine.http2.hpack.entries import Entry

INITIAL_TABLE_BYTES = 4096  # until settings say otherwise (RFC 9113 section 6.5.2)

_CUT = 32  # so many evicted places are worth moving the others


class DynamicTable:
    """`used_bytes` never passes `max_bytes` when the owner makes room before it adds, and after it lowered
    the maximum. `added` counts all entries that there ever were.
    """

    __slots__ = ("_entries", "_evicted", "added", "max_bytes", "used_bytes")

    def __init__(self) -> None:
        self.max_bytes = INITIAL_TABLE_BYTES
        self.used_bytes = 0
        self.added = 0
        self._entries: list[Entry | None] = []  # the oldest first
        self._evicted = 0  # places at the beginning

    def count(self) -> int:
        return len(self._entries) - self._evicted

    def get(self, place: int) -> Entry:
        """The entry at `place`, the newest at 0; the caller has compared it with `count()`."""
        entry = self._entries[len(self._entries) - 1 - place]
        assert entry is not None
        return entry

    def add(self, entry: Entry) -> None:
        self.added += 1
        entry.number = self.added
        self.used_bytes += entry.size
        self._entries.append(entry)

    def evict(self) -> Entry:
        """The oldest entry, which is no longer in the table; the caller knows that there is one."""
        entry = self._entries[self._evicted]
        assert entry is not None
        self.used_bytes -= entry.size
        self._entries[self._evicted] = None
        self._evicted += 1
        if self._evicted >= _CUT and self._evicted * 2 >= len(self._entries):
            del self._entries[: self._evicted]
            self._evicted = 0
        return entry
