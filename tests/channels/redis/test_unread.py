"""Channels that anybody may read, as members of groups: they leave when nobody does."""

import asyncio

from tests.channels.redis.processes import process
from tests.channels.redis.raw import ask
from tests.support.redis_server import RedisServer

from penstock.channels import connect

EXPIRY = 0.3
SECONDS = 20
READER = """
import asyncio, sys
from penstock.channels import connect

async def main(url):
    layer = connect(url, lease_seconds=0.5)
    await layer.group_add("room", "read")
    reading = asyncio.create_task(layer.receive("read"))
    await layer.group_send("room", {"number": 0})
    assert await reading == {"number": 0}
    reading = asyncio.create_task(layer.receive("read"))
    print("ready", flush=True)
    await reading

asyncio.run(main(sys.argv[1]))
"""


async def test_one_that_was_sent_to_once_leaves_and_who_watches_is_told_why(server: RedisServer) -> None:
    """Nothing more is sent to the group: whoever comes by does it."""
    url = f"redis://127.0.0.1:{server.port}?prefix=once"
    async with connect(url, expiry=EXPIRY, lease_seconds=0.5) as layer, asyncio.timeout(SECONDS):
        watcher = await layer.new_channel()
        await layer.group_add("room", "unread")
        await layer.group_watch("room", watcher)
        await layer.group_send("room", {"type": "test"})
        told = await layer.receive(watcher)
        assert (told["channel"], told["reason"]) == ("unread", "unread")
        assert await layer.group_count("room") == 0
        assert not await ask(server, "KEYS", "{once}:q:*")


async def test_one_whose_reader_was_killed_leaves(server: RedisServer) -> None:
    url = f"redis://127.0.0.1:{server.port}?prefix=killed"
    async with connect(url, expiry=EXPIRY, lease_seconds=0.5) as layer, asyncio.timeout(SECONDS):
        async with process(READER, url):
            watcher = await layer.new_channel()
            await layer.group_watch("room", watcher)
        left = asyncio.create_task(layer.receive(watcher))
        while not left.done():
            await layer.group_send("room", {"number": 1})
            await asyncio.wait({left}, timeout=EXPIRY / 2)
        assert (await left)["reason"] == "unread"
