"""What killed processes cost those that live: the commands that Redis runs, those of scripts included."""

import asyncio
import re

from tests.channels.redis.processes import process
from tests.channels.redis.raw import ask
from tests.support.redis_server import RedisServer

from penstock.channels import ChannelLayer, connect

LAYERS = 10  # each as a process of its own
EACH = 20
SENDS = 50
MEMBERS = """
import asyncio, sys
from penstock.channels import connect

async def main(url, layers, each):
    for _ in range(layers):
        layer = connect(url, lease_seconds=1.0)
        for _ in range(each):
            await layer.group_add("room", await layer.new_channel())
        KEPT.append(layer)
    print("ready", flush=True)
    await asyncio.Event().wait()

KEPT = []
asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
"""


async def commands(server: RedisServer) -> int:
    told = (await ask(server, "INFO", "commandstats")).decode()
    return sum(map(int, re.findall(r"calls=(\d+)", told)))


async def cost(server: RedisServer, layer: ChannelLayer, channel: str) -> int:
    """Of so many messages to the group, each of which the one that lives reads."""
    before = await commands(server)
    for _ in range(SENDS):
        await layer.group_send("room", {"type": "test"})
        await layer.receive(channel)
    return await commands(server) - before


async def test_killed_processes_with_many_members_make_no_group_send_dearer(server: RedisServer) -> None:
    url = f"redis://127.0.0.1:{server.port}"
    async with connect(url, lease_seconds=1.0, capacity=4 * LAYERS * EACH) as layer:
        channel, watcher = await layer.new_channel(), await layer.new_channel()
        await layer.group_add("room", channel)
        alone = await cost(server, layer, channel)
        await layer.group_watch("room", watcher)
        async with process(MEMBERS, url, LAYERS, EACH) as killed:
            assert await layer.group_count("room") == 1 + LAYERS * EACH
            killed.kill()
        async with asyncio.timeout(20):
            for _ in range(2 * LAYERS * EACH):
                await layer.receive(watcher)
        assert await layer.group_channels("room") == [channel]
        await layer.group_unwatch("room", watcher)
        afterwards = await cost(server, layer, channel)
        assert afterwards < 1.5 * alone, f"{alone} commands before, {afterwards} afterwards"
