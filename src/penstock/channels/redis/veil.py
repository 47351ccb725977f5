"""What Redis gets to see of names and messages.

A payload begins with a letter: `m` a message as it is, `s` a sealed one, `p` what a script has to say about
who joins and leaves. Without keys, names and messages are as clear as in any Redis.
"""

from typing import Any

import msgpack

from penstock.channels.codec import pack, unpack
from penstock.channels.errors import CorruptMessage
from penstock.channels.messages import Frozen, freeze
from penstock.channels.notices import join_message, leave_message

PLAIN, SEALED, PRESENCE = b"m", b"s", b"p"


class Veil:
    """The clear one. `hide` and `show` are for names of channels and groups."""

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes

    def hide(self, name: str) -> str:
        return name

    def show(self, hidden: bytes) -> str:
        return hidden.decode("ascii")

    def wrap(self, frozen: Frozen) -> bytes:
        return PLAIN + pack(frozen)

    def unwrap(self, payload: bytes) -> Frozen:
        """Raises CorruptMessage."""
        kind = payload[:1]
        if kind == PRESENCE:
            return self._presence(payload[1:])
        if kind != PLAIN:
            raise CorruptMessage(f"got a payload of kind {kind!r}; do all processes have the same keys?")
        return unpack(memoryview(payload)[1:], self._max_bytes)

    def _presence(self, packed: bytes) -> Frozen:
        try:
            kind, group, channel, reason = msgpack.unpackb(packed, raw=True)
            names = self.show(group), self.show(channel)
        except (ValueError, TypeError) as error:
            raise CorruptMessage(f"got {packed[:40]!r}, {error}; expected who joined or left") from None
        message: dict[str, Any] = (
            join_message(*names) if kind == b"join" else leave_message(*names, reason.decode("ascii"))
        )
        return freeze(message, self._max_bytes)
