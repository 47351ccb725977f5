"""Processes whose clocks are apart: what is kept expires by the server's clock, and nothing by theirs.

A worker shifts both of Python's clocks before anything else has looked at them.
"""

import asyncio
import json
from collections import Counter
from contextlib import AsyncExitStack

import pytest
from tests.channels.redis.processes import process
from tests.channels.redis.raw import ask
from tests.support.redis_server import RedisServer

from penstock.channels import connect

SHIFTED = """
import sys, time

shift, wall, steady = float(sys.argv[1]), time.time, time.monotonic
time.time = lambda: wall() + shift
time.monotonic = lambda: steady() + shift

import asyncio, json
from penstock.channels import connect
"""
WORKER = SHIFTED + """
async def tell(layer, channel, where):
    while True:
        print(json.dumps([where, (await layer.receive(channel))["number"]]), flush=True)

async def main(url, first, count):
    async with connect(url, lease_seconds=1.0, capacity=10 * count) as layer:
        own = await layer.new_channel()
        await layer.group_add("room", own)
        telling = [asyncio.create_task(tell(layer, *each)) for each in ((own, "room"), ("work", "work"))]
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        for number in range(first, first + count):
            await layer.group_send("room", {"type": "test", "number": number})
            await layer.send("work", {"type": "test", "number": number})
        await asyncio.gather(*telling)

asyncio.run(main(sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
"""
LEAVER = SHIFTED + """
async def main(url, expiry):
    async with connect(url, expiry=expiry, group_expiry=expiry) as layer:
        await layer.send("work", {"type": "test"})
        await layer.group_add("room", await layer.new_channel())
        print("ready", flush=True)
        await asyncio.Event().wait()

asyncio.run(main(sys.argv[2], float(sys.argv[3])))
"""
HOUR = 3600.0
COUNT = 200


async def test_processes_an_hour_apart_lose_and_double_nothing(server: RedisServer) -> None:
    url = f"redis://127.0.0.1:{server.port}?prefix=apart"
    found: asyncio.Queue[tuple[int, str, int]] = asyncio.Queue()
    async with AsyncExitStack() as stack:
        workers = [
            await stack.enter_async_context(process(WORKER, shift, url, place * COUNT, COUNT))
            for place, shift in enumerate((HOUR, -HOUR))
        ]
        telling = [asyncio.create_task(tell(place, worker, found)) for place, worker in enumerate(workers)]
        for worker in workers:
            assert worker.stdin is not None
            worker.stdin.write(b"go\n")
        received = [await found.get() for _ in range(3 * 2 * COUNT)]
        for worker in workers:
            worker.kill()
        await asyncio.wait(telling)
    assert found.empty()
    assert Counter(number for _, where, number in received if where == "work") == Counter(range(2 * COUNT))
    for place in range(2):
        told = [number for each, where, number in received if (each, where) == (place, "room")]
        assert Counter(told) == Counter(range(2 * COUNT))
        assert [number for number in told if number < COUNT] == list(range(COUNT))  # in each sender's order
        assert [number for number in told if number >= COUNT] == list(range(COUNT, 2 * COUNT))


@pytest.mark.parametrize("shift", [HOUR, -HOUR])
async def test_messages_and_memberships_end_by_the_clock_of_the_server(
    server: RedisServer, shift: float
) -> None:
    url = f"redis://127.0.0.1:{server.port}?prefix=ends{shift:.0f}"
    expiry = 0.5
    async with connect(url, expiry=expiry, group_expiry=expiry) as layer:
        before = await seconds(server)
        async with process(LEAVER, shift, url, expiry):
            while await layer.group_count("room"):
                pass
            assert await seconds(server) >= before + expiry
            while (await layer.global_statistics())["messages_pending"]:
                pass
        await layer.send("work", {"type": "second"})
        assert await layer.receive("work") == {"type": "second"}


async def tell(
    place: int, worker: asyncio.subprocess.Process, found: "asyncio.Queue[tuple[int, str, int]]"
) -> None:
    assert worker.stdout is not None
    while line := await worker.stdout.readline():
        found.put_nowait((place, *json.loads(line)))


async def seconds(server: RedisServer) -> float:
    whole, micro = await ask(server, "TIME")
    return int(whole) + int(micro) / 1_000_000
