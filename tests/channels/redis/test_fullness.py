"""Capacity is counted where the reader is, and told to those who send from elsewhere."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.channels.redis.processes import process
from tests.channels.redis.raw import ask
from tests.support.redis_server import RedisServer

from penstock.channels import ChannelLayer, connect

SENDER = """
import asyncio, sys
from penstock.channels import connect

async def main(url, channel):
    async with connect(url) as layer:
        print("ready", flush=True)
        for line in sys.stdin:
            try:
                await layer.send(channel, {"type": "test", "number": int(line)})
                print("sent", flush=True)
            except layer.ChannelFull as error:
                print(error, flush=True)

asyncio.run(main(sys.argv[1], sys.argv[2]))
"""


async def test_a_sender_in_another_process_is_told_that_a_channel_is_full(server: RedisServer) -> None:
    url = f"redis://127.0.0.1:{server.port}?prefix=told"
    async with connect(url, capacity=3) as layer:
        channel = await layer.new_channel()
        async with process(SENDER, url, channel) as sender:

            async def send(number: int) -> str:
                assert sender.stdin is not None and sender.stdout is not None
                sender.stdin.write(b"%d\n" % number)
                return (await sender.stdout.readline()).decode()

            assert [await send(number) for number in range(3)] == ["sent\n"] * 3
            await marked(server, "told", True)
            assert channel in await send(3)
            assert (await layer.receive(channel))["number"] == 0
            await marked(server, "told", False)
            assert await send(4) == "sent\n"
            assert [(await layer.receive(channel))["number"] for _ in range(3)] == [1, 2, 4]
        assert (await layer.channel_statistics(channel))["messages_dropped"] == {}


async def test_a_channel_that_was_full_has_room_again_when_its_messages_have_expired(
    server: RedisServer,
) -> None:
    async with two_layers(server, "expired", expiry=0.2) as (layer, sender):
        channel = await layer.new_channel()
        await sender.send(channel, {"type": "test"})
        await marked(server, "expired", True)
        await marked(server, "expired", False)
        await sender.send(channel, {"type": "second"})
        assert await layer.receive(channel) == {"type": "second"}


async def test_a_flush_makes_room_for_those_elsewhere(server: RedisServer) -> None:
    async with two_layers(server, "flushed") as (layer, sender):
        channel = await layer.new_channel()
        await sender.send(channel, {"type": "test"})
        await marked(server, "flushed", True)
        await sender.flush()
        await marked(server, "flushed", False)
        await sender.send(channel, {"type": "second"})
        assert await layer.receive(channel) == {"type": "second"}


async def test_a_channel_with_another_policy_is_never_full_for_those_elsewhere(server: RedisServer) -> None:
    async with two_layers(server, "latest", policy="keep-latest") as (layer, sender):
        channel = await layer.new_channel()
        for number in range(5):
            await sender.send(channel, {"type": "test", "number": number})
        while (await layer.receive(channel))["number"] < 4:
            continue


@asynccontextmanager
async def two_layers(
    server: RedisServer, prefix: str, **settings: object
) -> AsyncIterator[tuple[ChannelLayer, ChannelLayer]]:
    url = f"redis://127.0.0.1:{server.port}?prefix={prefix}"
    async with connect(url, capacity=1, **settings) as layer, connect(url, capacity=1, **settings) as sender:
        yield layer, sender


async def marked(server: RedisServer, prefix: str, expected: bool) -> None:
    """Until Redis says so."""
    while (await ask(server, "KEYS", f"{{{prefix}}}:full:*") != []) != expected:
        pass
