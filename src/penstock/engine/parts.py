"""Parts of a body, and pieces of output, as bytes that nobody changes: what is copied, and what is not."""

from penstock.base.errors import LocalProtocolError
from penstock.engine import octets

JOINED_BYTES = 16384  # up to here a copy is cheaper than one more piece to write


def as_bytes(data: object) -> bytes:
    """A part of a body as bytes that nobody changes: mutable buffers are copied, since the transport may keep
    the part.
    """
    if type(data) is bytes:
        return data
    if isinstance(data, bytes | bytearray):
        return memoryview(data).tobytes()
    if not isinstance(data, memoryview):
        raise LocalProtocolError(
            f"a body has to be bytes, bytearray or memoryview, not {type(data).__name__}"
        )
    whole = data.obj
    return whole if type(whole) is bytes and len(whole) == data.nbytes and data.contiguous else data.tobytes()


def joined(pieces: list[bytes]) -> list[bytes]:
    """Runs of small pieces as one each; large pieces as they are."""
    runs = []
    small: list[bytes] = []
    for piece in pieces:
        if len(piece) <= JOINED_BYTES:
            small.append(piece)
            continue
        if small:
            runs.append(octets.join(small))
            small = []
        runs.append(piece)
    if small:
        runs.append(octets.join(small))
    return runs


def kept_total(sent: int, size: int, length: int, end: bool) -> int:
    """The octets of a body behind a part of `size`. LocalProtocolError for a part that breaks the promise of
    a `content-length`, which is negative where there is none (RFC 9110 section 8.6).
    """
    if length >= 0 and size > length - sent:
        raise LocalProtocolError(f"the body is longer than its content-length of {length}")
    total = sent + size
    if end and total < length:
        raise LocalProtocolError(f"the body ends at {total} bytes of its content-length of {length}")
    return total
