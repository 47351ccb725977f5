"""A layer that nobody has any more, and that nobody has closed, leaves by itself."""

import asyncio
import gc

import pytest
from tests.channels.redis.raw import ask
from tests.support.redis_server import RedisServer

from penstock.channels import ChannelLayer, connect
from penstock.channels.errors import LayerUnavailable

LEASE = 60.0  # which is not what ends it


def layer_of(server: RedisServer, prefix: str) -> ChannelLayer:
    return connect(f"redis://127.0.0.1:{server.port}?prefix={prefix}", lease_seconds=LEASE)


async def gone(server: RedisServer, prefix: str) -> None:
    while await ask(server, "KEYS", f"{{{prefix}}}:in:*"):
        gc.collect()


async def test_a_layer_that_is_dropped_leaves_its_groups(server: RedisServer) -> None:
    async with layer_of(server, "dropped") as other:
        layer = layer_of(server, "dropped")
        await layer.group_add("room", await layer.new_channel())
        assert await other.group_count("room") == 1
        del layer
        while await other.group_count("room"):
            gc.collect()


async def test_one_that_never_reached_redis_gives_up() -> None:
    before = asyncio.all_tasks()
    layer = connect("redis://127.0.0.1:1", connect_seconds=0.01)
    with pytest.raises(LayerUnavailable):
        await layer.open()
    del layer
    while others := asyncio.all_tasks() - before:
        gc.collect()
        await asyncio.wait(others, timeout=0.01)


async def test_one_of_synchronous_code_leaves(server: RedisServer) -> None:
    layer = layer_of(server, "synchronous")
    await asyncio.to_thread(layer.sync.group_add, "room", await layer.new_channel())
    assert len(await ask(server, "KEYS", "{synchronous}:in:*")) == 1
    del layer
    await gone(server, "synchronous")


async def test_one_whose_loop_has_ended_leaves(server: RedisServer) -> None:
    layer = layer_of(server, "ended")
    await asyncio.to_thread(asyncio.run, layer.group_add("room", "member"))
    del layer
    await gone(server, "ended")


async def test_one_that_somebody_reads_from_stays(server: RedisServer) -> None:
    async with layer_of(server, "read") as other:
        layer = layer_of(server, "read")
        channel = await layer.new_channel()
        await layer.group_add("room", channel)
        reading = asyncio.create_task(layer.receive(channel))
        del layer
        gc.collect()
        await other.group_send("room", {"type": "test"})
        assert await reading == {"type": "test"}
