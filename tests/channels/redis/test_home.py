"""Synchronous code in the very thread of the loop on which a layer's connections live."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from tests.channels.redis.raw import ask
from tests.support.redis_server import RedisServer, redis_server

from penstock.channels import ChannelLayer, connect
from penstock.channels.notices import Gap
from penstock.testing.layers.delivery import numbered

COUNT = 300
WAIT_SECONDS = 10.0


@asynccontextmanager
async def at_home(server: RedisServer, prefix: str) -> AsyncIterator[tuple[ChannelLayer, str]]:
    """A layer whose connections live on this loop, and a member of "room"."""
    async with connect(f"redis://127.0.0.1:{server.port}?prefix={prefix}", capacity=10 * COUNT) as layer:
        channel = await layer.new_channel()
        await layer.group_add("room", channel)
        yield layer, channel


async def received(layer: ChannelLayer, channel: str, count: int) -> list[int]:
    async with asyncio.timeout(WAIT_SECONDS):
        return [(await layer.receive(channel))["number"] for _ in range(count)]


async def test_what_is_sent_in_both_ways_by_turns_keeps_its_order(server: RedisServer) -> None:
    async with at_home(server, "turns") as (layer, channel):
        reading = asyncio.create_task(received(layer, channel, 4 * COUNT))
        for number in range(0, 4 * COUNT, 4):
            await layer.group_send("room", numbered(number))
            layer.sync.group_send("room", numbered(number + 1))
            layer.sync.send(channel, numbered(number + 2))
            await layer.send(channel, numbered(number + 3))
        assert await reading == list(range(4 * COUNT))


async def test_what_others_send_meanwhile_is_neither_lost_nor_doubled(server: RedisServer) -> None:
    gaps: list[Gap] = []
    begun = threading.Event()

    def send() -> None:
        with connect(f"redis://127.0.0.1:{server.port}?prefix=others").sync as other:
            for number in range(COUNT):
                other.group_send("room", numbered(number))
                begun.set()

    async with at_home(server, "others") as (layer, channel):
        layer.add_listener(gaps.append)
        sending = asyncio.create_task(asyncio.to_thread(send))
        await asyncio.to_thread(begun.wait)
        for _ in range(COUNT):
            layer.sync.group_send("elsewhere", numbered(0))
        assert await received(layer, channel, COUNT) == list(range(COUNT))
        await sending
        await layer.group_send("room", numbered(COUNT))
        assert await received(layer, channel, 1) == [COUNT]
    assert not gaps


async def test_what_is_under_way_is_done_and_answered(server: RedisServer) -> None:
    async with at_home(server, "under-way") as (layer, channel):
        sending = [asyncio.create_task(layer.group_send("room", numbered(number))) for number in range(COUNT)]
        await asyncio.sleep(0)
        layer.sync.group_send("room", numbered(COUNT))
        await asyncio.gather(*sending)
        assert sorted(await received(layer, channel, COUNT + 1)) == list(range(COUNT + 1))


async def test_many_calls_take_one_process_more(server: RedisServer) -> None:
    async with at_home(server, "many") as (layer, channel):
        for number in range(COUNT):
            layer.sync.group_send("room", numbered(number))
        assert len(await ask(server, "KEYS", "{many}:in:*")) == 2
        assert await received(layer, channel, COUNT) == list(range(COUNT))
    assert not await ask(server, "KEYS", "{many}:in:*")


async def test_both_learn_that_redis_has_lost_everything() -> None:
    with redis_server() as server:
        async with at_home(server, "lost") as (layer, channel):
            for number in range(COUNT):
                layer.sync.group_send("before", numbered(number))
            late = await layer.new_channel()
            await layer.group_add("room", late)
            await layer.group_add("room", "queue")
            server.restart()
            assert (await layer.receive(channel))["reason"] == "Redis has lost what it kept"
            await layer.group_send("room", numbered(COUNT))
            for each in (channel, late, "queue"):
                assert await received(layer, each, 1) == [COUNT]


async def test_queues_and_work_and_statistics_and_what_is_late(server: RedisServer) -> None:
    async with at_home(server, "queues") as (layer, channel):
        layer.sync.group_add("room", "queue")
        layer.sync.group_watch("room", "watcher")
        layer.sync.group_send("room", numbered(1))
        assert layer.sync.receive("queue", WAIT_SECONDS) == numbered(1)
        assert layer.sync.receive(channel, WAIT_SECONDS) == numbered(1)
        await layer.group_discard("room", "queue")
        assert layer.sync.receive("watcher", WAIT_SECONDS)["type"] == "presence.leave"
        layer.sync.send("work", numbered(2))
        assert layer.sync.global_statistics()["messages_pending"] == 1
        assert layer.sync.channel_statistics("work")["messages_count"] == 1
        work = await asyncio.to_thread(layer.sync.receive_acked, "work")
        assert work.ack()
        assert layer.sync.cancel_later(layer.sync.send_later("work", numbered(3), 60))
        with pytest.raises(TimeoutError):
            layer.sync.receive(channel, 0.05)


async def test_statistics_are_told_wherever_they_are_asked_for(server: RedisServer) -> None:
    """Here the process is two to Redis, and what either knows is told once. The other has its connections
    elsewhere.
    """
    async with at_home(server, "told") as (layer, channel):
        with connect(f"redis://127.0.0.1:{server.port}?prefix=told").sync as other:
            name = await asyncio.to_thread(other.new_channel)
            await layer.send("queue", numbered(1))
            await layer.send(name, numbered(2))
            layer.sync.send("queue", numbered(3))
            layer.sync.send(channel, numbered(4))
            for told in (await asyncio.to_thread(other.global_statistics), layer.sync.global_statistics()):
                assert (told["messages_count"], told["messages_pending"]) == (4, 4)
            assert layer.sync.channel_statistics(name)["messages_pending"] == 1
            assert layer.sync.channel_statistics("queue")["messages_count"] == 2
            told = await asyncio.to_thread(other.channel_statistics, channel)
            assert told["messages_count"] == 1


async def test_django_s_way_from_a_view_and_from_a_thread(server: RedisServer) -> None:
    async with at_home(server, "django") as (layer, channel):
        send = async_to_sync(layer.group_send)
        await sync_to_async(send)("room", numbered(0))
        await asyncio.to_thread(send, "room", numbered(1))
        with pytest.raises(RuntimeError, match="same thread as an async event loop"):
            send("room", numbered(2))
        await sync_to_async(layer.sync.group_send)("room", numbered(2))
        layer.sync.group_send("room", numbered(3))
        assert await received(layer, channel, 4) == list(range(4))
