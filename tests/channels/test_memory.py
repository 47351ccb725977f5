"""What only the memory layer can be asked: equal calls do equal things, trouble has a seed, nothing stays."""

import asyncio
import contextlib
import gc
import sys
from typing import Any

import pytest

from penstock.channels import Gap, LayerClosed
from penstock.channels.memory import MemoryLayer
from penstock.channels.messages import Message
from penstock.testing.clock import VirtualClock
from penstock.testing.layers.delivery import Numbers, numbered

COUNT = 200


async def received(layer: MemoryLayer, channel: str) -> list[int]:
    """The numbers of all messages that wait."""
    pending = (await layer.channel_statistics(channel))["messages_pending"]
    return [(await layer.receive(channel))["number"] for _ in range(pending)]


async def troubled(clock: VirtualClock, **trouble: Any) -> list[int]:
    """What arrives, in a minute, of messages that are sent to a layer in trouble."""
    layer = MemoryLayer(clock=clock, capacity=COUNT, **trouble)
    for number in range(COUNT):
        await layer.send("x!y", numbered(number))
    numbers = await received(layer, "x!y")
    clock.advance(30)
    return numbers + await received(layer, "x!y")


async def test_dropped_messages_never_arrive_and_the_others_in_order(clock: VirtualClock) -> None:
    numbers = await troubled(clock, drop=0.3)
    assert COUNT / 2 < len(numbers) < COUNT
    assert numbers == sorted(numbers)


async def test_delayed_messages_arrive_later_and_all_of_them(clock: VirtualClock) -> None:
    numbers = await troubled(clock, delay=0.3, delay_seconds=5)
    assert numbers != sorted(numbers)
    assert sorted(numbers) == list(range(COUNT))


async def test_reordered_messages_all_arrive_once(clock: VirtualClock) -> None:
    numbers = await troubled(clock, reorder=0.3)
    assert numbers != sorted(numbers)
    assert sorted(numbers) == list(range(COUNT))


async def test_the_same_seed_makes_the_same_trouble() -> None:
    first, again, other = [
        await troubled(VirtualClock(), drop=0.1, delay=0.1, reorder=0.1, seed=seed) for seed in (1, 1, 2)
    ]
    assert first == again != other


async def test_a_group_send_meets_with_trouble_too(clock: VirtualClock) -> None:
    layer = MemoryLayer(clock=clock, drop=0.5)
    for number in range(COUNT):
        await layer.group_add("room", f"x!{number}")
    await layer.group_send("room", numbered(1))
    statistics = await layer.global_statistics()
    assert COUNT / 4 < statistics["messages_dropped"]["resilience"] < COUNT
    assert statistics["messages_pending"] + statistics["messages_dropped"]["resilience"] == COUNT


async def test_a_delayed_message_that_closes_a_channel_ends_its_memberships(clock: VirtualClock) -> None:
    layer = MemoryLayer(clock=clock, delay=1.0, delay_seconds=5, capacity=1, policy="close")
    for member in ("x!group", "x!sent"):
        await layer.group_add("room", member)
    for number in range(2):
        await layer.group_send("room", numbered(number))
        await layer.send("x!sent", numbered(number))
    clock.advance(10)
    assert await layer.group_channels("room") == []
    with pytest.raises(layer.ChannelClosed):
        await layer.receive("x!group")


@pytest.mark.parametrize("way", ["send", "group_send"])
async def test_a_delayed_message_that_finds_no_room_is_counted(clock: VirtualClock, way: str) -> None:
    layer = MemoryLayer(clock=clock, delay=1.0, delay_seconds=5, capacity=1)
    await layer.group_add("room", "x!y")
    for number in range(3):
        await getattr(layer, way)("x!y" if way == "send" else "room", numbered(number))
    clock.advance(10)
    for statistics in (await layer.channel_statistics("x!y"), await layer.global_statistics()):
        assert statistics["messages_dropped"] == {"full": 2}
        assert statistics["channel_full_count"] == 2


async def test_in_trouble_a_group_send_counts_members_that_are_full_as_ever(clock: VirtualClock) -> None:
    layer = MemoryLayer(clock=clock, reorder=0.001, capacity=1)
    await layer.group_add("room", "x!y")
    for number in range(3):
        await layer.group_send("room", numbered(number))
    assert (await layer.channel_statistics("x!y"))["messages_dropped"] == {"full": 2}


async def test_messages_change_places_though_a_reader_waits_for_each(clock: VirtualClock) -> None:
    layer = MemoryLayer(clock=clock, reorder=0.3)
    numbers = Numbers()
    reading = asyncio.create_task(numbers.read(layer, "x!y"))
    for number in range(COUNT):
        await asyncio.sleep(0)
        await layer.send("x!y", numbered(number))
        clock.advance(0.1)
    clock.advance(10)
    await numbers.wait(COUNT)
    reading.cancel()
    assert numbers != sorted(numbers)
    assert sorted(numbers) == list(range(COUNT))


async def test_a_sender_in_a_hurry_gives_its_reader_a_turn() -> None:
    """Neither of the two ever waits for anything else."""
    layer = MemoryLayer(capacity=10)
    numbers: list[int] = []

    async def read() -> None:
        async for message in layer.messages("a"):
            numbers.append(message["number"])

    reading = asyncio.create_task(read())
    for number in range(COUNT):
        await layer.send("a", numbered(number))
    await asyncio.sleep(0)
    reading.cancel()
    assert numbers == list(range(COUNT))


async def test_a_group_sender_in_a_hurry_gives_the_members_a_turn() -> None:
    layer = MemoryLayer(capacity=4)
    numbers: list[int] = []

    async def read(channel: str) -> None:
        async for message in layer.messages(channel):
            numbers.append(message["number"])

    readings = [asyncio.create_task(read(f"x!{member}")) for member in range(3)]
    for member in range(3):
        await layer.group_add("room", f"x!{member}")
    for number in range(COUNT):
        await layer.group_send("room", numbered(number))
    await asyncio.sleep(0)
    for reading in readings:
        reading.cancel()
    assert sorted(numbers) == sorted(list(range(COUNT)) * 3)


async def test_a_stuck_member_leaves_its_groups_and_is_told(clock: VirtualClock) -> None:
    layer = MemoryLayer(clock=clock, expiry=10)
    await layer.group_add("room", "x!stuck")
    await layer.group_watch("room", "x!watcher")
    await layer.group_send("room", numbered(1))
    clock.advance(11)
    await layer.send("other", numbered(2))
    left = {"type": "presence.leave", "group": "room", "channel": "x!stuck", "reason": "unread"}
    assert await layer.receive("x!watcher") == left
    assert (await layer.receive("x!stuck"))["type"] == "channel.gap"


async def test_without_notices_a_stuck_member_is_told_nothing(clock: VirtualClock) -> None:
    layer = MemoryLayer(clock=clock, expiry=10, notices=False)
    await layer.group_add("room", "x!stuck")
    await layer.group_send("room", numbered(1))
    clock.advance(11)
    await layer.send("other", numbered(2))
    assert (await layer.channel_statistics("x!stuck"))["messages_pending"] == 0


async def test_history_is_bounded_in_bytes_over_all_groups(clock: VirtualClock) -> None:
    layer = MemoryLayer(clock=clock, history=100, max_history_bytes=10_000)
    for number in range(COUNT):
        await layer.group_send(f"room{number}", {"number": number, "payload": b"x" * 1000})
    kept = [number for number in range(COUNT) if await layer.group_history(f"room{number}")]
    assert kept == list(range(COUNT - 9, COUNT))


async def test_channels_and_groups_that_come_and_go_leave_no_memory(clock: VirtualClock) -> None:
    layer = MemoryLayer(clock=clock, expiry=10, history=1, group_expiry=30)

    async def visit() -> None:
        channel = await layer.new_channel()
        await layer.group_add(f"room.{channel.partition('!')[2]}", channel)
        await layer.group_send("room", numbered(1))
        await layer.send(channel, numbered(2))
        await layer.receive(channel)
        clock.advance(0.1)

    async def allocated_after(visits: int) -> int:
        for _ in range(visits):
            await visit()
        gc.collect()
        return sys.getallocatedblocks()

    before = await allocated_after(2000)
    assert await allocated_after(2000) < before + 2000


async def test_who_waits_again_and_again_in_vain_leaves_nothing(clock: VirtualClock) -> None:
    layer = MemoryLayer(clock=clock)

    async def give_up(count: int) -> int:
        for _ in range(count):
            waiting = asyncio.ensure_future(layer.receive("x!"))
            await asyncio.sleep(0)
            waiting.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await waiting
        gc.collect()
        return sys.getallocatedblocks()

    before = await give_up(500)
    assert await give_up(500) < before + 200


async def test_a_thousand_readers_that_leave_in_disorder_leave_the_message_to_the_last(
    clock: VirtualClock,
) -> None:
    layer = MemoryLayer(clock=clock)
    readers = [asyncio.create_task(layer.receive("a")) for _ in range(1000)]
    await asyncio.sleep(0)
    await layer.send("a", numbered(1))
    for reader in readers[::2] + readers[1:-1:2]:
        reader.cancel()
    results = await asyncio.gather(*readers, return_exceptions=True)
    assert [each for each in results if isinstance(each, dict)] == [numbered(1)]


async def test_a_prefix_reader_and_a_full_reader_share_what_comes() -> None:
    layer = MemoryLayer()
    own = asyncio.create_task(layer.receive("x!a"))
    await asyncio.sleep(0)
    for number in range(3):
        await layer.send("x!a", numbered(number))
    every: list[Message] = [await layer.receive("x!") for _ in range(2)]
    assert sorted([(await own)["number"], *(message["number"] for message in every)]) == [0, 1, 2]


async def test_after_a_close_every_call_says_so() -> None:
    layer = MemoryLayer()
    await layer.close()
    await layer.close()
    for call in (layer.receive("a"), layer.receive("x!"), layer.send("a", {}), layer.receive_acked("a")):
        with pytest.raises(LayerClosed):
            await call


async def test_listeners_come_and_go_though_memory_has_no_gaps() -> None:
    heard: list[Gap] = []
    layer = MemoryLayer()
    layer.add_listener(heard.append)
    layer.remove_listener(heard.append)
    layer.remove_listener(heard.append)
    assert heard == []


async def test_two_layers_share_nothing() -> None:
    here, there = MemoryLayer(), MemoryLayer()
    await here.send("a", numbered(1))
    assert (await there.global_statistics())["messages_pending"] == 0


async def test_a_watcher_that_is_closed_is_told_no_more(clock: VirtualClock) -> None:
    layer = MemoryLayer(clock=clock, channel_capacity={"x!watcher": 2}, channel_policy={"x!watcher": "close"})
    await layer.group_watch("room", "x!watcher")
    for number in range(3):
        await layer.group_add("room", f"x!{number}")
    with pytest.raises(layer.ChannelClosed):
        await layer.receive("x!watcher")
    await layer.group_add("room", "x!late")
    assert (await layer.channel_statistics("x!watcher"))["messages_pending"] == 0
