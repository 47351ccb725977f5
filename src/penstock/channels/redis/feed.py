"""Reading what comes for this process: its inbox, a stream, from where it was left.

The place is kept across connections: what came in the meantime is read, and nothing twice. What was read is
trimmed from time to time, in the same breath with which the next is asked for: each trim is one answer more
that a reader waits for.
"""

from collections.abc import Callable

from redis.exceptions import ResponseError

from penstock.channels.errors import LayerUnavailable
from penstock.channels.redis.settings import RedisSettings
from penstock.channels.redis.wire import Wire

ENTRIES = 500  # at once: then other tasks get a turn
KEPT = 64  # entries that were read and not yet trimmed, and no more than an eighth of the inbox
OnEntry = Callable[[bytes, list[bytes]], None]


class Feed:
    def __init__(self, inbox: str, settings: RedisSettings, on_entry: OnEntry) -> None:
        self._inbox = inbox
        self._block = max(1, round(settings.lease_seconds * 1000))
        self._on_entry = on_entry
        self._last = b"0-0"
        self._kept = 0  # entries since the last trim
        self._most_kept = min(KEPT, settings.inbox_length // 8)

    async def read(self, wire: Wire) -> None:
        """Until it is lost."""
        try:
            while True:
                found = await self._next(wire)
                for identity, fields in found:
                    self._last = identity
                    self._on_entry(identity, fields)
                # What is left over of a busy time goes when nothing has come for a lease.
                self._kept = self._kept + len(found) if found else KEPT
        except (LayerUnavailable, ResponseError):
            return

    async def _next(self, wire: Wire) -> list[tuple[bytes, list[bytes]]]:
        options = "COUNT", ENTRIES, "BLOCK", self._block, "STREAMS"
        packed = wire.pack("XREAD", *options, self._inbox, self._last)
        if self._kept < self._most_kept:
            await wire.send(packed)
        else:
            self._kept = 0
            await wire.send(wire.pack("XTRIM", self._inbox, "MINID", _after(self._last)) + packed)
            await wire.read()
        found = await wire.read()
        return found[0][1] if found else []


def _after(identity: bytes) -> bytes:
    milliseconds, _, number = identity.partition(b"-")
    return b"%s-%d" % (milliseconds, int(number) + 1)
