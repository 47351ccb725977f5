"""By a name alone: who reads a channel, and which shard keeps it. The same in every process."""

import re

from penstock.channels.names import DEAD_LETTERS, LOCAL_NAME_BYTES, reading_prefix
from penstock.channels.redis.ring import Ring

_OWNER = re.compile(rf"\.([0-9a-f]{{{2 * LOCAL_NAME_BYTES}}})!")


def owner_of(channel: str) -> str:
    """The process that made the channel and reads it; empty for a queue, which anybody may read."""
    found = _OWNER.search(channel)
    return found[1] if found else ""


def shard_of_channel(ring: Ring, hidden: str) -> int:
    """A process's channels are together, so that its messages keep their order; so are a family, and work
    with its dead letters.
    """
    return ring.of(owner_of(hidden) or reading_prefix(hidden) or hidden.removesuffix(DEAD_LETTERS))
