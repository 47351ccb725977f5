"""Statistics of all processes, where one of them does not answer as it should."""

import asyncio
from typing import Any

from tests.channels.redis.raw import ask
from tests.support.redis_server import RedisServer

from penstock.channels import ChannelLayer, connect
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


async def test_an_answer_that_is_none_is_left_out(server: RedisServer) -> None:
    async with (
        asyncio.timeout(SECONDS),
        await beside_a_stranger(server, "odd", lease_seconds=LONG) as layer,
    ):
        telling = asyncio.create_task(layer.channel_statistics("queue"))
        token, asker = await asked(server, "odd")
        for each in (b"of nobody", token):
            await ask(server, "XADD", b"{odd}:in:" + asker, "*", "a", each, "m", b"\xc1")
        assert (await telling)["messages_count"] == 1


async def test_nobody_loses_messages_to_a_question(server: RedisServer) -> None:
    """A full inbox is not asked."""
    async with (
        asyncio.timeout(SECONDS),
        await beside_a_stranger(server, "full", lease_seconds=LONG, inbox_length=1) as layer,
    ):
        assert (await layer.global_statistics())["messages_pending"] == 1
        assert not await ask(server, "EXISTS", f"{{full}}:lost:{STRANGER}")
