"""What can be wrong with a field block: that it cannot be read, or that it says too much.

The first ends the connection, since nobody knows any more what the peer's indices mean. The second concerns
one stream only: the block was read to its end, and the next one can be.
"""

from penstock.base.errors import PenstockError


class HpackError(PenstockError):
    """The block is malformed and the table no longer the peer's: a connection error COMPRESSION_ERROR (RFC
    9113 section 4.3).
    """


class FieldListTooLong(PenstockError):
    """The fields are more, or larger, than the caller allows. The table is still the peer's: the stream can
    be answered with 431 (RFC 9113 section 10.5.1).
    """
