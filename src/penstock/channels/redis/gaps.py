"""Telling of a gap once, however many shards were away: when the last of them is back."""

from penstock.channels.listeners import Listeners
from penstock.channels.notices import Gap
from penstock.channels.redis.shard import Restored


class Gaps:
    def __init__(self, listeners: Listeners, shards: int) -> None:
        self._listeners = listeners
        self._shards = shards
        self._untold: dict[int, Restored] = {}

    def note(self, shard: int, how: Restored) -> None:
        """A shard is back. Where its connections only moved to another loop, nothing was lost."""
        if not how.is_first and (how.lapsed or how.seconds > 0):
            self._untold[shard] = how

    def tell(self, are_all_up: bool) -> None:
        if not self._untold or not are_all_up:
            return
        untold, self._untold = list(self._untold.values()), {}
        seconds = max(how.seconds for how in untold)
        part = "" if len(untold) == self._shards else f" ({len(untold)} of {self._shards} shards)"
        if any(how.forgot for how in untold):
            reason = f"Redis has lost what it kept{part}"
        elif any(how.lapsed for how in untold):
            reason = f"Redis has given this process up, which it did not hear of for lease_seconds{part}"
        else:
            reason = f"the connection to Redis was lost{part}"
        self._listeners.tell(Gap(reason, seconds))
