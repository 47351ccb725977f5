"""Groups and flush: items 27 to 30 and 33 of the checklist."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from penstock.channels.interface import ChannelLayer
from penstock.testing.layers.delivery import numbered
from penstock.testing.layers.judge import LayerJudge, has, judged

FEW = 100
MANY = 1000
KILLED = 3
SENDS = 20


class Groups(LayerJudge):
    async def join(self, layer: ChannelLayer, group: str, count: int) -> list[str]:
        """Make so many new members."""
        members = [await layer.new_channel() for _ in range(count)]
        for member in members:
            await layer.group_add(group, member)
        return members

    @judged("groups")
    async def test_item_30_every_member_gets_a_message_once(
        self, layer: ChannelLayer, sender: ChannelLayer
    ) -> None:
        members = await self.join(layer, "room", 3) + await self.join(sender, "room", 2)
        await sender.group_send("room", numbered(1))
        for reader, member in zip([layer] * 3 + [sender] * 2, members, strict=True):
            await self.assert_receives(reader, member, numbered(1))

    @judged("groups")
    async def test_fault_20_a_thousand_members_all_get_all_messages(
        self, layer: ChannelLayer, sender: ChannelLayer
    ) -> None:
        members = await self.join(layer, "room", MANY)
        for number in range(3):
            await sender.group_send("room", numbered(number))
        for member in members:
            received = await self.take_all(layer, member, 3)
            assert received == [numbered(0), numbered(1), numbered(2)]

    @judged("groups", capacity=MANY)
    async def test_fault_16_every_member_gets_the_messages_of_one_sender_in_order(
        self, layer: ChannelLayer, sender: ChannelLayer
    ) -> None:
        members = await self.join(layer, "room", 5)
        for number in range(100):
            await sender.group_send("room", numbered(number))
        for member in members:
            assert await self.take_all(layer, member, 100) == [numbered(number) for number in range(100)]

    @judged("groups")
    async def test_item_30_a_normal_channel_may_be_a_member(self, layer: ChannelLayer) -> None:
        await layer.group_add("room", "normal")
        await layer.group_send("room", numbered(1))
        await self.assert_receives(layer, "normal", numbered(1))

    @judged("groups")
    async def test_item_30_other_groups_hear_nothing(self, layer: ChannelLayer) -> None:
        (here,), (there,) = await self.join(layer, "here", 1), await self.join(layer, "there", 1)
        await layer.group_send("here", numbered(1))
        await self.assert_receives(layer, here, numbered(1))
        await self.assert_silent(layer, there)

    @judged("groups")
    async def test_item_28_who_is_added_twice_gets_a_message_once(self, layer: ChannelLayer) -> None:
        (member,) = await self.join(layer, "room", 1)
        await layer.group_add("room", member)
        await layer.group_send("room", numbered(1))
        await self.assert_receives(layer, member, numbered(1))
        await self.assert_members(layer, "room", member)

    @judged("groups")
    async def test_item_29_who_has_left_gets_nothing(self, layer: ChannelLayer) -> None:
        first, second = await self.join(layer, "room", 2)
        await layer.group_discard("room", first)
        await layer.group_send("room", numbered(1))
        await self.assert_receives(layer, second, numbered(1))
        await self.assert_silent(layer, first)

    @judged("groups")
    async def test_item_29_discarding_who_is_no_member_is_no_error(self, layer: ChannelLayer) -> None:
        await layer.group_discard("nobody.here", "nobody")
        (member,) = await self.join(layer, "room", 1)
        await layer.group_discard("room", "nobody")
        await self.assert_members(layer, "room", member)

    @judged("groups")
    async def test_item_27_a_group_without_members_takes_messages(self, layer: ChannelLayer) -> None:
        await layer.group_send("nobody.here", numbered(1))
        await self.assert_members(layer, "nobody.here")

    @judged("groups")
    async def test_members_of_all_processes_are_listed_and_counted(
        self, layer: ChannelLayer, other: ChannelLayer
    ) -> None:
        members = await self.join(layer, "room", 2) + await self.join(other, "room", 3)
        for each in (layer, other):
            assert sorted(await each.group_channels("room")) == sorted(members)
            assert await each.group_count("room") == 5

    @judged("flush")
    async def test_item_33_flush_empties_everything_for_everybody(
        self, layer: ChannelLayer, other: ChannelLayer
    ) -> None:
        (member,) = await self.join(layer, "room", 1)
        for channel in ("normal", member):
            await layer.send(channel, numbered(1))
        if has(layer, "delay"):
            await layer.send_later("normal", numbered(2), 0.05)
        await other.flush()
        await self.elapse(0.1)
        await self.assert_members(layer, "room")
        await other.group_send("room", numbered(3))
        for channel in ("normal", member):
            await self.assert_silent(layer, channel)

    @judged("flush")
    async def test_item_33_after_a_flush_the_layer_goes_on(self, layer: ChannelLayer) -> None:
        waiting = asyncio.create_task(layer.receive("normal"))
        await asyncio.sleep(self.SILENCE_SECONDS)
        await layer.flush()
        await layer.send("normal", numbered(1))
        assert await self.within(waiting) == numbered(1)
        (member,) = await self.join(layer, "room", 1)
        await layer.group_send("room", numbered(2))
        await self.assert_receives(layer, member, numbered(2))

    @judged("groups")
    async def test_fault_05_a_delivery_costs_the_same_however_large_the_group(
        self, layer: ChannelLayer
    ) -> None:
        few, many = await self.join(layer, "few", FEW), await self.join(layer, "many", MANY)
        of_few = await counted_calls(lambda: self._send_and_read(layer, "few", few))
        of_many = await counted_calls(lambda: self._send_and_read(layer, "many", many))
        assert of_many / MANY < 2 * of_few / FEW, f"{of_few} calls for {FEW} members, {of_many} for {MANY}"

    @judged("presence", lease_seconds=1.0)
    async def test_fault_12_members_that_were_killed_make_no_group_send_dearer(
        self, layer: ChannelLayer
    ) -> None:
        watcher = await layer.new_channel()
        await layer.group_watch("room", watcher)
        members = await self.join(layer, "room", 1)
        await self.take(layer, watcher)
        before = await counted_calls(lambda: self._send_often(layer, "room", members))
        await asyncio.gather(*(self.join_and_die(layer, "room") for _ in range(KILLED)))
        told = await self.take_all(layer, watcher, 2 * KILLED)
        assert [each["type"] for each in told].count("presence.leave") == KILLED
        after = await counted_calls(lambda: self._send_often(layer, "room", members))
        assert after < 2 * before, f"{before} calls before {KILLED} members were killed, {after} afterwards"

    async def _send_often(self, layer: ChannelLayer, group: str, members: list[str]) -> None:
        for _ in range(SENDS):
            await self._send_and_read(layer, group, members)

    async def _send_and_read(self, layer: ChannelLayer, group: str, members: list[str]) -> None:
        await layer.group_send(group, numbered(1))
        for member in members:
            await self.take(layer, member)


async def counted_calls(call: Callable[[], Awaitable[None]]) -> int:
    """How many functions are called in it, by this thread: work that no busy machine makes longer."""
    calls = 0

    def count(frame: Any, event: str, argument: Any) -> None:
        nonlocal calls
        calls += 1

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        await call()
    finally:
        sys.setprofile(before)
    return calls
