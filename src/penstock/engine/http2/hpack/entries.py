"""Fields as the tables hold them, and the table that never changes (RFC 7541 section 2.3.1).

An entry holds its field as the finished pair: whoever refers to it gets that very object.
"""

from penstock.engine.http2.hpack.static import STATIC_FIELDS

_ENTRY_BYTES = 32  # what an entry counts for besides name and value (section 4.1)


class Entry:
    """A field. `size` is what it counts for, in a table and in a list of fields; `number` tells how many its
    table had seen when it came, itself included.
    """

    __slots__ = ("field", "number", "size")

    def __init__(self, name: bytes, value: bytes) -> None:
        self.field = (name, value)
        self.size = len(name) + len(value) + _ENTRY_BYTES
        self.number = 0


# By index; the first index is 1 (section 2.3.3).
STATIC: list[Entry] = [Entry(b"", b""), *(Entry(*field) for field in STATIC_FIELDS)]
FIRST_DYNAMIC = len(STATIC)  # the index of the newest entry of a dynamic table
