"""What synchronous code does that holds up the very loop on which the connections live.

An async view or consumer calls a plain function, and that calls `layer.sync`: until it returns, the home loop
does not turn, and nothing that needs its connections can be done. For such calls the process is a second one
to Redis, with connections on the background loop: to move those of the home would leave in doubt whatever is
under way on them. What the second process does for channels of the first comes by the inbox of the first, as
from any other process.

That inbox is read meanwhile by the second process, and acted upon in the thread of the home, which does
nothing else: so what was sent by `sync` is there when the call returns, before whatever is sent after it.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from redis.exceptions import RedisError

from penstock.base.errors import SettingsError
from penstock.channels import background
from penstock.channels.errors import LayerUnavailable
from penstock.channels.redis.feed import ENTRIES
from penstock.channels.redis.shard import Shard
from penstock.channels.redis.station import Station
from penstock.channels.redis.traffic import Traffic
from penstock.channels.waking import running_loop

T = TypeVar("T")


class Aside:
    """Of `ours`; `begin` makes the second."""

    def __init__(self, ours: Traffic, begin: Callable[[], Traffic]) -> None:
        self._ours = ours
        self._begin = begin
        self._second: Traffic | None = None
        self._most_reads = 1 + ours.station.settings.inbox_length // ENTRIES  # of a full inbox

    @property
    def is_held_up(self) -> bool:
        """Whether whoever waits for the code that this is called from holds up the home."""
        held_up = background.held_up()
        return held_up is not None and held_up is self._ours.station.home.place

    def way(self) -> Traffic:
        """That of the two which can do something now."""
        if not self.is_held_up:
            return self._ours
        if self._second is None:
            self._second = self._begin()
            _share(self._ours.station, self._second.station)
        return self._second

    def stations(self) -> list[Station]:
        """Of the one, or of both."""
        return [each.station for each in (self._ours, self._second) if each is not None]

    def run(self, coroutine: Coroutine[Any, Any, T], seconds: float | None = None) -> T:
        """As `background.run`, in any thread."""
        here = running_loop()
        if here is None or here is not self._ours.station.home.place:
            return background.run(coroutine, seconds)
        try:
            return background.run(coroutine, seconds, lambda: self._catch_up(lambda shard: shard.is_up))
        finally:
            self._catch_up(lambda shard: shard.is_quiet)  # else an answer unread there may have come before

    async def leave(self) -> None:
        """Both. One whose home is held up goes when that can."""
        station = self._ours.station
        if not station.home.is_settled:
            station.room.close()
        elif self.is_held_up:
            station.abandon()
        else:
            await station.home.run(station.leave())
        if self._second is not None:
            await self._second.station.home.run(self._second.station.leave())

    def abandon(self) -> None:
        """As `Station.abandon`."""
        self._ours.station.abandon()
        if self._second is not None:
            self._second.station.abandon()

    def _catch_up(self, may_be_read: Callable[[Shard], bool]) -> None:
        """Act upon what has come for the first process."""
        if self._second is None:
            return
        shards = [shard for shard in self._ours.station.shards if may_be_read(shard)]
        try:
            for _ in range(self._most_reads):
                found = background.run(self._fetch(self._second, shards))
                for shard, entries in found:
                    shard.feed.take(entries)
                if not any(len(entries) == ENTRIES for _, entries in found):
                    return
        except (LayerUnavailable, RedisError, SettingsError):
            return  # it is read where it always is, when the home goes on

    async def _fetch(self, second: Traffic, shards: list[Shard]) -> list[tuple[Shard, list[Any]]]:
        """What is there and was not read yet, by the shard that has it."""
        ways = [second.station.shards[shard.number] for shard in shards]
        asked = (way.ask(*shard.feed.question()) for way, shard in zip(ways, shards, strict=True))
        answers = await asyncio.gather(*asked)
        return [(shard, found[0][1]) for shard, found in zip(shards, answers, strict=True) if found]


def _share(ours: Station, second: Station) -> None:
    """What is the process's, whichever of the two has begun it and whichever ends it."""
    second.memberships.guests = ours.memberships.guests
    second.memberships.watches = ours.memberships.watches
