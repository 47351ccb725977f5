"""Reading what comes for this process: its inbox, a stream, from where it was left.

The place is kept across connections: what came in the meantime is read, and nothing twice. Where the server
has lost the inbox, or has an older one and a clock behind, the place is the end of what is there. What was
read is trimmed from time to time, in the same breath with which the next is asked for: each trim is one
answer more that a reader waits for.
"""

from collections.abc import Callable
from typing import Any

from redis.exceptions import RedisError

from penstock.channels.errors import LayerUnavailable
from penstock.channels.redis.link import Link
from penstock.channels.redis.settings import RedisSettings

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

    def begin_behind(self, newest: bytes) -> None:
        """`newest` is the last that the server has put into the inbox. If it is before what was read here, an
        inbox made anew or another server's copy by another clock, all that comes from now on is after it.
        """
        if _order(newest) < _order(self._last):
            self._last = newest

    async def read(self, link: Link) -> None:
        """Until it is lost. What came is handed over in the moment in which it comes. Raises LayerUnavailable
        when the server refuses.
        """
        try:
            while True:
                if self._kept >= self._most_kept:
                    self._kept = 0
                    link.tell("XTRIM", self._inbox, "MINID", _after(self._last))
                await link.ask(*self.question("BLOCK", self._block), then=self._came)
        except LayerUnavailable:
            return
        except RedisError as error:
            raise LayerUnavailable(f"Redis refuses to read {self._inbox}: {error}") from error

    def question(self, *options: Any) -> tuple[Any, ...]:
        """The command that reads what was not read yet."""
        return "XREAD", "COUNT", ENTRIES, *options, "STREAMS", self._inbox, self._last

    def take(self, entries: list[Any]) -> None:
        """Hand over what has come, also by another connection: what was read before is left out."""
        if entries and _order(entries[0][0]) <= (last := _order(self._last)):
            entries = [each for each in entries if _order(each[0]) > last]
        self._kept += len(entries)
        for identity, fields in entries:
            self._last = identity
            self._on_entry(identity, fields)

    def _came(self, found: list[Any] | None) -> None:
        if found:
            self.take(found[0][1])
        else:
            self._kept = KEPT  # what is left over of a busy time goes when nothing has come for a lease


def _after(identity: bytes) -> bytes:
    milliseconds, number = _order(identity)
    return b"%d-%d" % (milliseconds, number + 1)


def _order(identity: bytes) -> tuple[int, int]:
    milliseconds, _, number = identity.partition(b"-")
    return int(milliseconds), int(number)
