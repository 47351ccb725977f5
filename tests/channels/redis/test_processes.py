"""Several processes on one Redis: what is lost, doubled or out of order is counted, and none may be."""

import asyncio
import json
import os
import signal
from collections import Counter
from contextlib import AsyncExitStack

import pytest
from tests.channels.redis.processes import process
from tests.channels.redis.raw import ask
from tests.support.redis_server import RedisServer, redis_server

from penstock.channels import ChannelLayer, connect
from penstock.channels.errors import LayerUnavailable

READER = """
import asyncio, json, sys
from penstock.channels import connect

async def main(url, channel, cancel_seconds):
    async with connect(url, lease_seconds=1.0) as layer:
        print("ready", flush=True)
        while True:
            reading = asyncio.create_task(layer.receive(channel))
            await asyncio.wait({reading}, timeout=cancel_seconds)
            reading.cancel()
            await asyncio.wait({reading})
            if not reading.cancelled():
                print(json.dumps(reading.result()), flush=True)

asyncio.run(main(sys.argv[1], sys.argv[2], float(sys.argv[3]) or None))
"""
MEMBER = """
import asyncio, sys
from penstock.channels import connect

async def main(url, count):
    async with connect(url, lease_seconds=1.0) as layer:
        channel = await layer.new_channel()
        await asyncio.gather(*(layer.group_add(f"group{number}", channel) for number in range(count)))
        print("ready", flush=True)
        await layer.receive(channel)

asyncio.run(main(sys.argv[1], int(sys.argv[2])))
"""
FORKED = """
import asyncio, os, sys
from penstock.channels import connect

layer = connect(sys.argv[1])
ours = layer.sync.new_channel()
layer.sync.group_add("room", ours)
if os.fork() == 0:
    theirs = layer.sync.new_channel()
    layer.sync.group_add("room", theirs)
    layer.sync.group_send("room", {"type": "of the child"})
    assert layer.sync.receive(theirs, 10) == {"type": "of the child"}
    layer.sync.close()
    os._exit(0)
assert layer.sync.receive(ours, 10) == {"type": "of the child"}
assert os.wait()[1] == 0
assert layer.sync.group_count("room") == 1
layer.sync.close()
print("ready", flush=True)
"""
MESSAGES = 600


async def numbers(reader: asyncio.subprocess.Process, found: "asyncio.Queue[int]") -> None:
    assert reader.stdout is not None
    while line := await reader.stdout.readline():
        found.put_nowait(json.loads(line)["number"])


async def judge_readers(url: str, count: int, cancel_seconds: float) -> None:
    """Readers in processes of their own share a queue: each message comes once."""
    found: asyncio.Queue[int] = asyncio.Queue()
    async with connect(url, capacity=MESSAGES) as layer, AsyncExitStack() as stack:
        started = [process(READER, url, "work", cancel_seconds) for _ in range(count)]
        readers = [await stack.enter_async_context(each) for each in started]
        reading = [asyncio.create_task(numbers(reader, found)) for reader in readers]
        for number in range(MESSAGES):
            await layer.send("work", {"type": "test", "number": number})
        received = Counter([await found.get() for _ in range(MESSAGES)])
        for reader in readers:
            reader.kill()
        await asyncio.wait(reading)
        assert found.empty()
        assert received == Counter(range(MESSAGES))


@pytest.mark.parametrize("count", [2, 4])
async def test_readers_in_several_processes_share_a_queue(server: RedisServer, count: int) -> None:
    await judge_readers(f"redis://127.0.0.1:{server.port}?prefix=shared{count}", count, 0)


async def test_receives_that_are_cancelled_every_few_milliseconds_lose_nothing(server: RedisServer) -> None:
    await judge_readers(f"redis://127.0.0.1:{server.port}?prefix=cancelled", 2, 0.003)


async def test_a_process_that_is_killed_leaves_a_thousand_groups(server: RedisServer) -> None:
    url = f"redis://127.0.0.1:{server.port}?prefix=killed"
    groups = [f"group{number}" for number in range(1000)]
    async with connect(url, lease_seconds=1.0, capacity=1000) as layer:
        async with process(MEMBER, url, 1000) as member:
            assert await layer.group_count("group999") == 1
            watcher = await layer.new_channel()
            for group in groups:
                await layer.group_watch(group, watcher)
            os.kill(member.pid, signal.SIGKILL)
            left = [await layer.receive(watcher) for _ in groups]
        assert {message["reason"] for message in left} == {"lost"}
        assert sorted(message["group"] for message in left) == sorted(groups)
        counts = [await layer.group_count(group) for group in groups]
        assert sum(counts) == 0
        assert await ask(server, "KEYS", "{killed}:pm:*") == []


async def test_redis_stopped_and_started_under_load_ends_no_process_and_doubles_nothing() -> None:
    with redis_server("--appendonly", "yes", "--appendfsync", "always") as server:
        url = f"redis://127.0.0.1:{server.port}?prefix=load"
        async with connect(url, capacity=10**6) as layer, connect(url, capacity=10**6) as sender:
            channel, stop = await layer.new_channel(), asyncio.Event()
            await layer.group_add("room", channel)
            sending = asyncio.create_task(send_until_told(sender, stop))
            first = [await layer.receive(channel) for _ in range(50)]
            await asyncio.to_thread(server.stop, signal.SIGTERM)
            await asyncio.to_thread(server.start)
            await told_of_a_gap(layer, channel, first)
            for _ in range(50):
                first.append(await layer.receive(channel))
            stop.set()
            accepted, unknown = await sending
            while len(first) < len(accepted) + 1 or first[-1].get("number") != accepted[-1]:
                first.append(await layer.receive(channel))
    received = [message["number"] for message in first if message["type"] == "test"]
    assert received == sorted(set(received))
    assert set(received) >= set(accepted)
    assert set(received) <= set(accepted) | unknown


async def send_until_told(sender: ChannelLayer, stop: asyncio.Event) -> tuple[list[int], set[int]]:
    """Returns what was accepted, and what may have been: the connection was lost before the answer."""
    accepted: list[int] = []
    unknown: set[int] = set()
    number = 0
    while not stop.is_set():
        try:
            await sender.group_send("room", {"type": "test", "number": number})
            accepted.append(number)
        except LayerUnavailable:
            unknown.add(number)
        number += 1
        await asyncio.sleep(0)
    return accepted, unknown


async def told_of_a_gap(layer: ChannelLayer, channel: str, received: list[dict[str, object]]) -> None:
    while received[-1]["type"] != "channel.gap":
        received.append(await layer.receive(channel))


async def test_a_forked_process_is_one_of_its_own(server: RedisServer) -> None:
    async with process(FORKED, f"redis://127.0.0.1:{server.port}?prefix=forked"):
        pass
