"""Messages as bytes between processes: MessagePack, by the msgpack library.

It tells bytes from str and keeps 64-bit ints and doubles exactly. What comes off a wire is not trusted: the
library's own limits (no header may promise more than the data holds, nesting is bounded) come first, then
`freeze` checks it by the same law as what an application sends. Keys and frames around it are the layers'.
"""

from typing import Any

import msgpack

from penstock.channels.errors import ChannelLayerError, CorruptMessage, MessageTooLarge
from penstock.channels.messages import Frozen, freeze
from penstock.channels.names import shown


def pack(frozen: Frozen) -> bytes:
    """A message as bytes: `frozen.size_bytes` of them at most."""
    packed: bytes = msgpack.packb(frozen.value, use_bin_type=True)
    return packed


def unpack(data: bytes | memoryview, max_bytes: int) -> Frozen:
    """The message that `pack` made `data` of. Raises CorruptMessage on anything else, MessageTooLarge beyond
    `max_bytes`, which is looked at first.
    """
    if len(data) > max_bytes:
        raise MessageTooLarge(f"got {len(data)} bytes; expected {max_bytes} at most (max_message_bytes)")
    try:
        value = msgpack.unpackb(data, raw=False, strict_map_key=True, ext_hook=_refuse_extension)
        return freeze(value, max_bytes)
    except (ValueError, ChannelLayerError) as error:
        problem = f"got {shown(bytes(data[:40]))}..., {error}; expected a packed message"
        raise CorruptMessage(problem) from None


def _refuse_extension(kind: int, data: bytes) -> Any:
    raise ValueError(f"an extension type, {kind}")
