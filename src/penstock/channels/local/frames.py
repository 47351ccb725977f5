"""Frames between a process and the hub: a length of four bytes, then a MessagePack array.

Its first element is the kind, its second the number of the call that it belongs to, 0 for none; what follows
depends on the kind. Messages in it are packed once more, as bytes: the hub hands them on without a look.
What is longer than agreed is refused before its bytes are kept.
"""

import struct
from typing import Any

import msgpack

from penstock.channels.errors import ChannelLayerError

MAGIC = "penstock.local"
VERSION = 1  # of everything below but HELLO, WELCOME and REFUSED, which every version understands
FRAME_ROOM_BYTES = 64 << 10  # beside a message: names, numbers, a batch of names
BATCH_BYTES = 48 << 10  # of an answer with many parts

Frame = tuple[Any, ...]
LENGTH = struct.Struct(">I")

# Both ways.
HELLO, WELCOME, REFUSED, BEAT = range(4)
# From a process to the hub. The first is answered only when the message has reached its mailbox.
(
    SEND,
    GROUP_SEND,
    GROUP_ADD,
    GROUP_DISCARD,
    GROUP_CHANNELS,
    GROUP_COUNT,
    GROUP_HISTORY,
    GROUP_WATCH,
    GROUP_UNWATCH,
    SEND_LATER,
    CANCEL_LATER,
    FLUSH,
    STATISTICS,
    CHANNEL_STATISTICS,
    LEAVE,  # channels that leave all their groups, and why
    TAKE,  # a reader waits
    UNTAKE,  # so many readers wait no more
    GIVE_BACK,  # a message whose reader went away
    END_WORK,  # acknowledged, retried or rejected
    OUTCOME,  # what has become of what the hub handed on
    BYE,
) = range(10, 31)
# From the hub to a process.
(
    ANSWER,
    PART,  # of an answer
    DELIVER,  # a message for one channel
    DELIVER_GROUP,  # one for all members of a group that are channels of this process
    KEPT,  # one of the history, for a channel that joins
    JOINED,
    LEFT,
    TAKEN,  # a message for a reader that waits
    UNTAKEN,
    CLOSED_CHANNEL,
    EMPTY,  # flush
    TELL_STATISTICS,
    MISSED,  # messages were dropped on the way
) = range(40, 53)


MEANINGLESS = (
    KeyError,
    TypeError,
    ValueError,
    AttributeError,
)  # what handlers raise on a frame without meaning


class BadFrame(ChannelLayerError):
    """What came from the other side is no frame, or a longer one than was agreed."""

    @classmethod
    def of(cls, frame: Frame, error: Exception) -> "BadFrame":
        return cls(f"a frame of kind {frame[0]} has no meaning: {error!r}")


def build(frame: Frame) -> bytes:
    body: bytes = msgpack.packb(frame, use_bin_type=True)
    return LENGTH.pack(len(body)) + body


class FrameReader:
    """Bytes in, frames out."""

    __slots__ = ("_max_bytes", "_rest")

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._rest = bytearray()

    def feed(self, data: bytes) -> list[Frame]:
        """The frames that `data` completes. Raises BadFrame."""
        if self._rest:
            self._rest += data
            data = self._rest  # type: ignore[assignment] # read as bytes are
        frames = []
        start, end = 0, len(data)
        with memoryview(data) as view:
            while end - start >= 4:
                stop = start + 4 + self._checked(LENGTH.unpack_from(view, start)[0])
                if stop > end:
                    break
                frames.append(_parsed(view[start + 4 : stop]))
                start = stop
        if data is self._rest:
            del self._rest[:start]
        elif start < end:
            self._rest += data[start:]
        return frames

    def _checked(self, length: int) -> int:
        if length > self._max_bytes:
            raise BadFrame(f"got a frame of {length} bytes; expected {self._max_bytes} at most")
        return length


def _parsed(view: memoryview) -> Frame:
    try:
        with view:
            frame = msgpack.unpackb(view, raw=False, use_list=False)
    except (ValueError, TypeError) as error:
        raise BadFrame(f"got bytes that are no MessagePack: {error}") from None
    if isinstance(frame, tuple) and len(frame) >= 2 and type(frame[0]) is int and type(frame[1]) is int:
        return frame
    raise BadFrame(f"got a {type(frame).__name__}; expected an array that begins with a kind and a number")


def batches(names: list[Any], size_of: Any) -> list[list[Any]]:
    """`names` in lists of about BATCH_BYTES each, for answers that would not fit into one frame."""
    parts: list[list[Any]] = []
    room = 0
    for name in names:
        if room <= 0:
            parts.append([])
            room = BATCH_BYTES
        parts[-1].append(name)
        room -= size_of(name) + 5
    return parts
