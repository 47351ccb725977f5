"""Work out of a queue: Redis keeps the lease, and gives the work to somebody else when it runs out."""

from collections.abc import Callable

from penstock.channels.interface import Delivery
from penstock.channels.redis.demand import Taken
from penstock.channels.redis.station import Station
from penstock.channels.redis.traffic import Traffic
from penstock.channels.schedule import checked_seconds


class RedisDelivery(Delivery):
    """`way()` leads to the shards."""

    __slots__ = ("_hidden", "_token", "_way")

    def __init__(self, way: Callable[[], Traffic], channel: str, taken: Taken) -> None:
        super().__init__(channel, taken.frozen.thaw(), taken.attempt)
        self._way = way
        self._hidden = taken.hidden
        self._token = taken.token

    async def ack(self) -> bool:
        return await self._answer("ack", 0.0)

    async def retry(self, seconds: float = 0.0) -> bool:
        return await self._answer("retry", checked_seconds(seconds))

    async def reject(self) -> bool:
        return await self._answer("reject", 0.0)

    async def _answer(self, what: str, seconds: float) -> bool:
        station = self._way().station
        return bool(await station.home.run(self._tell(station, what, seconds)))

    async def _tell(self, station: Station, what: str, seconds: float) -> bool:
        shard = station.shard_of_channel(self._hidden)
        done = await shard.call("answer", self._token, what, round(seconds * 1000))
        if seconds > 0:
            shard.expect(seconds)
        return bool(done)
