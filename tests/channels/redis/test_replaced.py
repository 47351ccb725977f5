"""A Redis that has lost what it had, or is another one, and whose clock is behind that of the one before."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.channels.redis.raw import ask
from tests.support.redis_server import RedisServer, redis_server

from penstock.channels import ChannelLayer, connect
from penstock.channels.notices import Gap

SECONDS = 20
AHEAD = 3600  # seconds, of the clock of the server that is gone
OLDER_COPY = """
redis.call('DEL', KEYS[1])
redis.call('XADD', KEYS[1], '*', 'h', '1')
redis.call('PEXPIRE', KEYS[1], 10000)
"""


class Side:
    """A layer with a member of a group, and another that sends."""

    def __init__(self, server: RedisServer, layer: ChannelLayer, other: ChannelLayer) -> None:
        self.server = server
        self.other = other
        self.layer = layer
        self._gaps: tuple[asyncio.Queue[Gap], asyncio.Queue[Gap]] = asyncio.Queue(), asyncio.Queue()
        for each, gaps in zip((layer, other), self._gaps, strict=True):
            each.add_listener(gaps.put_nowait)
        self.member = ""

    async def join(self) -> None:
        self.member = await self.layer.new_channel()
        await self.layer.group_add("room", self.member)

    @property
    def inbox(self) -> str:
        return "{replaced}:in:" + self.member.partition(".")[2].partition("!")[0]

    async def read_far_ahead(self) -> None:
        """What stands in its inbox has come by the clock of the server, which is to go wrong."""
        await self.other.group_send("room", {"number": 1})
        assert await self.layer.receive(self.member) == {"number": 1}
        fields = (await ask(self.server, "XREVRANGE", self.inbox, "+", "-", "COUNT", 1))[0][1]
        await ask(self.server, "XADD", self.inbox, f"{int(time.time() + AHEAD) * 1000}-0", *fields)
        assert await self.layer.receive(self.member) == {"number": 1}

    async def goes_on(self) -> None:
        for gaps in self._gaps:
            await gaps.get()
        await self.other.group_send("room", {"number": 2})
        while await self.layer.receive(self.member) != {"number": 2}:
            continue
        await self.other.group_send("room", {"number": 3})
        assert await self.layer.receive(self.member) == {"number": 3}


@asynccontextmanager
async def side() -> AsyncIterator[Side]:
    with redis_server() as server:
        url = f"redis://127.0.0.1:{server.port}?prefix=replaced"
        async with connect(url) as layer, connect(url) as other, asyncio.timeout(SECONDS):
            there = Side(server, layer, other)
            await there.join()
            yield there


async def test_messages_come_after_redis_was_emptied_and_its_clock_set_back() -> None:
    async with side() as there:
        await there.read_far_ahead()
        await asyncio.to_thread(there.server.restart)
        await there.goes_on()


async def test_messages_come_from_a_copy_that_is_older_and_whose_clock_is_behind() -> None:
    async with side() as there:
        await there.read_far_ahead()
        await ask(there.server, "EVAL", OLDER_COPY, 1, there.inbox)
        await ask(there.server, "CLIENT", "KILL", "TYPE", "normal")
        await there.goes_on()
