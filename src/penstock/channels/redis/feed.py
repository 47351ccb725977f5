"""Reading what comes for this process: its inbox, a stream, from where it was left.

The place is kept across connections: what came in the meantime is read, and nothing twice. What was read is
trimmed in the same breath with which the next is asked for.
"""

from collections.abc import Callable

import hiredis

from penstock.channels.errors import LayerUnavailable
from penstock.channels.redis.link import Link
from penstock.channels.redis.settings import RedisSettings

ENTRIES = 500  # at once: then other tasks get a turn
OnEntry = Callable[[bytes, list[bytes]], None]


class Feed:
    def __init__(self, inbox: str, settings: RedisSettings, on_entry: OnEntry) -> None:
        self._inbox = inbox
        self._block = max(1, round(settings.lease_seconds * 1000))
        self._on_entry = on_entry
        self._last = b"0-0"

    async def read(self, link: Link) -> None:
        """Until the link is lost."""
        try:
            while True:
                link.tell("XTRIM", self._inbox, "MINID", _after(self._last))
                found = await link.call(
                    "XREAD", "COUNT", ENTRIES, "BLOCK", self._block, "STREAMS", self._inbox, self._last
                )
                for identity, fields in found[0][1] if found else ():
                    self._last = identity
                    self._on_entry(identity, fields)
        except (LayerUnavailable, hiredis.ReplyError):
            return


def _after(identity: bytes) -> bytes:
    milliseconds, _, number = identity.partition(b"-")
    return b"%s-%d" % (milliseconds, int(number) + 1)
