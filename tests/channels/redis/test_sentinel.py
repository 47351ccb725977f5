"""The layer through Sentinel: judged, encrypted and not, and what happens when the master fails."""

import asyncio
from collections.abc import Iterator

import pytest
from tests.channels.redis.judged import RedisConformance, Sealed
from tests.channels.redis.raw import ask
from tests.support.redis_server import Watched, watched_redis

from penstock.channels import Gap, connect
from penstock.channels.errors import LayerUnavailable


@pytest.fixture(scope="module")
def watched() -> Iterator[Watched]:
    with watched_redis() as watched:
        yield watched


@pytest.fixture(scope="class", autouse=True)
def given(request: pytest.FixtureRequest, watched: Watched) -> None:
    if request.cls is not None:
        request.cls.watched = watched


class TestRedisLayerBySentinel(RedisConformance):
    watched: Watched

    def url(self) -> str:
        return f"redis+sentinel://127.0.0.1:1,127.0.0.1:{self.watched.sentinel.port}/penstock/0"

    def restart(self) -> None:
        self.watched.master.restart()


class TestSealedRedisLayerBySentinel(Sealed, TestRedisLayerBySentinel):
    pass


async def test_when_the_master_fails_the_layer_follows_to_the_next(watched: Watched) -> None:
    gaps: asyncio.Queue[Gap] = asyncio.Queue()
    url = f"redis+sentinel://127.0.0.1:{watched.sentinel.port}/penstock/0"
    async with connect(url, prefix="failing", connect_seconds=20, lease_seconds=1.0) as layer:
        layer.add_listener(gaps.put_nowait)
        channel = await layer.new_channel()
        await layer.group_add("room", channel)
        await layer.send(channel, {"type": "before"})
        await ask(watched.sentinel, "SENTINEL", "FAILOVER", "penstock")
        await asyncio.to_thread(watched.sentinel.wait_line, r"\+switch-master")
        # The sentinel would say so itself, ten seconds later.
        await ask(watched.master, "REPLICAOF", *map(str, watched.replica.address))
        await gaps.get()
        assert await layer.receive(channel) == {"type": "before"}
        assert (await layer.receive(channel))["type"] == "channel.gap"
        await layer.group_send("room", {"type": "test"})
        assert await layer.receive(channel) == {"type": "test"}


async def test_a_master_that_no_sentinel_knows_is_told(watched: Watched) -> None:
    layer = connect(f"redis+sentinel://127.0.0.1:{watched.sentinel.port}/nobody/0", connect_seconds=0.3)
    with pytest.raises(LayerUnavailable, match="no sentinel knows the master 'nobody'"):
        await layer.open()
    await layer.close()
