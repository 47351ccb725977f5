"""What goes by itself: items 15, 31 and 32 of the checklist."""

import asyncio

from penstock.channels.interface import ChannelLayer
from penstock.testing.layers.delivery import Numbers, numbered
from penstock.testing.layers.judge import LayerJudge, judged

EXPIRY = 1.0
LITTLE = 0.6  # less than the expiry, so that a busy machine keeps to it; twice of it more
ENOUGH = 1.5


class Expiry(LayerJudge):
    @judged(expiry=EXPIRY)
    async def test_item_15_an_unread_message_is_gone_after_its_time(self, layer: ChannelLayer) -> None:
        for channel in ("normal", await layer.new_channel()):
            await layer.send(channel, numbered(1))
            await self.elapse(ENOUGH)
            await self.assert_silent(layer, channel)

    @judged(expiry=EXPIRY)
    async def test_item_15_a_message_is_there_until_its_time(self, layer: ChannelLayer) -> None:
        for channel in ("normal", await layer.new_channel()):
            await layer.send(channel, numbered(1))
            await self.elapse(LITTLE)
            await self.assert_receives(layer, channel, numbered(1))

    @judged(expiry=EXPIRY)
    async def test_fault_09_a_newer_message_keeps_no_older_one(self, layer: ChannelLayer) -> None:
        for channel in ("normal", await layer.new_channel()):
            await layer.send(channel, numbered(1))
            await self.elapse(LITTLE)
            await layer.send(channel, numbered(2))
            await self.elapse(LITTLE)
            await self.assert_receives(layer, channel, numbered(2))

    @judged(expiry=EXPIRY, capacity=2)
    async def test_item_15_what_has_expired_takes_no_room(self, layer: ChannelLayer) -> None:
        for number in range(2):
            await layer.send("normal", numbered(number))
        await self.elapse(ENOUGH)
        for number in range(2, 4):
            await layer.send("normal", numbered(number))
        await self.assert_receives(layer, "normal", numbered(2), numbered(3))

    @judged("group_count", expiry=EXPIRY)
    async def test_fault_06_what_nobody_reads_leaves_nothing_behind(self, layer: ChannelLayer) -> None:
        for _ in range(50):
            channel = await layer.new_channel()
            await layer.group_add("room", channel)
            await layer.send(channel, numbered(1))
        for _ in range(3):
            await self.elapse(ENOUGH)
            for number in range(10):
                await layer.send("other", numbered(number))
                await layer.receive("other")
        assert await layer.group_count("room") == 0
        statistics = await layer.global_statistics()
        assert statistics["messages_pending"] == 0, statistics

    @judged(expiry=EXPIRY)
    async def test_item_32_a_channel_of_anybody_leaves_when_nobody_reads_it(
        self, layer: ChannelLayer, other: ChannelLayer
    ) -> None:
        for channel in ("normal", await other.new_channel("server!"), await other.new_channel("reply?")):
            await other.group_add("room", channel)
        for number in range(4):
            await layer.group_send("room", numbered(number))
            await self.elapse(ENOUGH)
            await layer.send("other", numbered(number))
            await layer.receive("other")
        await layer.group_send("room", numbered(5))
        assert await layer.group_channels("room") == []

    @judged(expiry=EXPIRY)
    async def test_item_32_a_channel_of_anybody_stays_when_its_reader_is_slow(
        self, layer: ChannelLayer
    ) -> None:
        await layer.group_add("room", "normal")
        for number in range(2):
            await layer.group_send("room", numbered(number))
        for number in range(2, 5):
            await self.elapse(LITTLE)
            await self.take(layer, "normal")
            await layer.group_send("room", numbered(number))
            await layer.group_send("room", numbered(number))
        await self.elapse(LITTLE)
        await layer.group_send("room", numbered(6))
        assert await layer.group_channels("room") == ["normal"]

    @judged(expiry=EXPIRY)
    async def test_item_32_who_reads_stays_a_member(self, layer: ChannelLayer) -> None:
        channel = await layer.new_channel()
        await layer.group_add("room", channel)
        numbers = Numbers()
        reading = asyncio.create_task(numbers.read(layer, channel))
        for number in range(4):
            await layer.group_send("room", numbered(number))
            await asyncio.sleep(self.SILENCE_SECONDS)
            await self.elapse(LITTLE)
        await self.within(numbers.wait(4))
        reading.cancel()
        assert numbers == list(range(4))
        await self.assert_members(layer, "room", channel)

    @judged(expiry=EXPIRY)
    async def test_item_32_a_member_stays_until_a_message_expires(self, layer: ChannelLayer) -> None:
        channel = await layer.new_channel()
        await layer.group_add("room", channel)
        await self.elapse(3 * EXPIRY)
        await layer.group_send("room", numbered(1))
        await self.elapse(LITTLE)
        await self.assert_members(layer, "room", channel)
        await self.assert_receives(layer, channel, numbered(1))

    @judged(group_expiry=EXPIRY)
    async def test_item_31_a_membership_ends_after_its_time(self, layer: ChannelLayer) -> None:
        channel = await layer.new_channel()
        await layer.group_add("room", channel)
        await self.elapse(ENOUGH)
        await layer.group_send("room", numbered(1))
        await self.assert_members(layer, "room")
        await self.assert_silent(layer, channel)

    @judged(group_expiry=EXPIRY)
    async def test_item_28_adding_again_renews_the_membership(self, layer: ChannelLayer) -> None:
        channel = await layer.new_channel()
        await layer.group_add("room", channel)
        await self.elapse(LITTLE)
        await layer.group_add("room", channel)
        await self.elapse(LITTLE)
        await self.assert_members(layer, "room", channel)
        await layer.group_send("room", numbered(1))
        await self.assert_receives(layer, channel, numbered(1))

    @judged("groups")
    async def test_item_31_memberships_last_a_day_and_messages_a_minute(self, layer: ChannelLayer) -> None:
        assert layer.group_expiry == 86400
        assert layer.expiry == 60
