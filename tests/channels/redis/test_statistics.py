"""Statistics of all processes, where one of them does not answer as it should."""

import asyncio
from typing import Any

from tests.channels.redis.raw import ask
from tests.support.redis_server import RedisServer, redis_server

from penstock.channels import ChannelLayer, connect
from penstock.channels.redis import RedisLayer
from penstock.testing.layers.delivery import numbered

STRANGER = "0" * 24  # a process that does nothing
FAR = 10**14  # milliseconds since 1970
LONG = 60.0
SECONDS = 20


async def beside_a_stranger(server: RedisServer, prefix: str, **settings: Any) -> ChannelLayer:
    """A layer that has sent one message, and a process that lives as far as Redis knows."""
    await ask(server, "XADD", f"{{{prefix}}}:in:{STRANGER}", "*", "h", "1")
    await ask(server, "ZADD", f"{{{prefix}}}:procs", FAR, STRANGER)
    layer = connect(f"redis://127.0.0.1:{server.port}?prefix={prefix}", **settings)
    await layer.send("queue", numbered(1))
    return layer


async def asked(server: RedisServer, prefix: str) -> tuple[bytes, bytes]:
    """The token and the asker of the question that comes to the stranger."""
    while True:
        for _, fields in await ask(server, "XRANGE", f"{{{prefix}}}:in:{STRANGER}", "-", "+"):
            if fields[0] == b"s":
                return fields[3], fields[5]


async def test_who_does_not_answer_is_left_out(server: RedisServer) -> None:
    async with (
        asyncio.timeout(SECONDS),
        await beside_a_stranger(server, "silent", lease_seconds=1.0) as layer,
    ):
        telling = asyncio.create_task(layer.global_statistics())
        await asked(server, "silent")
        assert (await telling)["messages_count"] == 1


async def test_who_does_not_answer_costs_the_asker_nothing(server: RedisServer) -> None:
    """Whose loop is held up for as long as a lease is given up by Redis itself."""
    async with (
        asyncio.timeout(SECONDS),
        await beside_a_stranger(server, "held", lease_seconds=3.0) as layer,
    ):
        assert isinstance(layer, RedisLayer)
        assert layer.sync.global_statistics()["messages_count"] == 1
        assert await ask(server, "EXISTS", f"{{held}}:in:{layer._station().client}")


async def test_an_answer_that_is_none_is_left_out(server: RedisServer) -> None:
    async with (
        asyncio.timeout(SECONDS),
        await beside_a_stranger(server, "odd", lease_seconds=LONG) as layer,
    ):
        telling = asyncio.create_task(layer.channel_statistics("queue"))
        token, asker = await asked(server, "odd")
        for answer in (b"of nobody {}", b"\xc1", STRANGER.encode() + b' ["no numbers"]'):
            await ask(server, "XADD", b"{odd}:in:" + asker, "*", "a", token, "m", answer)
        assert (await telling)["messages_count"] == 1


async def test_messages_may_be_smaller_than_what_is_told_of_them(server: RedisServer) -> None:
    url = f"redis://127.0.0.1:{server.port}?prefix=small"
    small = {"max_message_bytes": 100, "lease_seconds": LONG}
    async with asyncio.timeout(SECONDS), connect(url, **small) as layer, connect(url, **small) as other:
        await other.send("queue", numbered(1))
        assert (await layer.global_statistics())["messages_count"] == 1


async def test_who_is_away_from_one_shard_is_asked_through_another(server: RedisServer) -> None:
    """So it is told to whoever is away from the first, too."""
    with redis_server() as second:
        hosts = [f"redis://127.0.0.1:{each.port}" for each in (server, second)]
        settings = {"hosts": hosts, "prefix": "away", "lease_seconds": LONG}
        async with asyncio.timeout(SECONDS), RedisLayer(**settings) as layer, RedisLayer(**settings) as other:
            await other.send("queue", numbered(1))
            await ask(server, "DEL", f"{{away}}:in:{other._station().client}")
            assert (await layer.global_statistics())["messages_count"] == 1


async def test_nobody_loses_messages_to_a_question(server: RedisServer) -> None:
    """A full inbox is not asked."""
    async with (
        asyncio.timeout(SECONDS),
        await beside_a_stranger(server, "full", lease_seconds=LONG, inbox_length=1) as layer,
    ):
        assert (await layer.global_statistics())["messages_pending"] == 1
        assert not await ask(server, "EXISTS", f"{{full}}:lost:{STRANGER}")
