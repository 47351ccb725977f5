"""Synchronous code in the very thread of the loop that serves a layer's sockets."""

import asyncio
from pathlib import Path

from penstock.channels import background
from penstock.channels.local.layer import LocalLayer
from penstock.channels.local.seat import Seat
from penstock.testing.layers.delivery import numbered

COUNT = 100
LEASE_SECONDS = 3600.0  # no beat comes to the rescue


async def test_a_guest_that_is_held_up_serves_no_more() -> None:
    seat = Seat()
    await seat.adopt()
    assert seat.guest_loop is asyncio.get_running_loop()
    background.run(seat.asked())
    assert seat.guest_loop is None
    assert seat.loop is background.loop()
    await seat.adopt()
    assert seat.guest_loop is asyncio.get_running_loop()


async def test_what_is_sent_in_both_ways_by_turns_keeps_its_order(tmp_path: Path) -> None:
    path = str(tmp_path / "layer.sock")
    async with (
        LocalLayer(path, lease_seconds=LEASE_SECONDS) as hub,
        LocalLayer(path, lease_seconds=LEASE_SECONDS, capacity=2 * COUNT) as layer,
    ):
        assert await asyncio.to_thread(hub.sync.group_count, "room") == 0
        channel = await layer.new_channel()
        await layer.group_add("room", channel)
        for number in range(0, 2 * COUNT, 2):
            await layer.group_send("room", numbered(number))
            layer.sync.group_send("room", numbered(number + 1))
        received = [await layer.receive(channel) for _ in range(2 * COUNT)]
        assert received == [numbered(number) for number in range(2 * COUNT)]
