"""What the conformance tests of asgiref 1.x asked and the checklist does not say, in today's calls.

One thing they asked is gone: a full name behind `!` could not be received from (item 21).
"""

import asyncio

from penstock.channels.interface import ChannelLayer
from penstock.testing.layers.delivery import numbered, send_numbered
from penstock.testing.layers.judge import LayerJudge, judged, refuses

STATISTICS = {
    "messages_count",
    "messages_count_per_second",
    "messages_pending",
    "messages_max_age",
    "channel_full_count",
    "channel_full_count_per_second",
}


class In2016(LayerJudge):
    @judged()
    async def test_in_2016_a_message_for_one_channel_reaches_no_other(self, layer: ChannelLayer) -> None:
        await layer.send("sr_test", numbered(1))
        await self.assert_silent(layer, "sr_test2")
        await self.assert_receives(layer, "sr_test", numbered(1))

    @judged(capacity=200)
    async def test_in_2016_a_single_reader_channel_keeps_the_order(
        self, layer: ChannelLayer, sender: ChannelLayer
    ) -> None:
        channel = await layer.new_channel("http.request.body?")
        await send_numbered(sender, channel, 100)
        assert await self.take_all(layer, channel, 100) == [numbered(number) for number in range(100)]

    @judged(capacity=2)
    async def test_in_2016_a_full_channel_is_no_obstacle_for_another(self, layer: ChannelLayer) -> None:
        await send_numbered(layer, "cap_test", 2)
        await refuses(self.channel_full(layer), layer.send("cap_test", numbered(2)))
        await layer.send("cap_test2", numbered(3))
        await self.assert_receives(layer, "cap_test2", numbered(3))

    @judged()
    async def test_in_2016_a_member_of_two_groups_hears_both(self, layer: ChannelLayer) -> None:
        member = await layer.new_channel()
        for group in ("tgroup_1", "tgroup_2"):
            await layer.group_add(group, member)
        await layer.group_send("tgroup_1", numbered(1))
        await layer.group_send("tgroup_2", numbered(2))
        await self.assert_receives(layer, member, numbered(1), numbered(2))

    @judged()
    async def test_in_2016_leaving_one_group_is_not_leaving_another(self, layer: ChannelLayer) -> None:
        member = await layer.new_channel()
        for group in ("tgroup_1", "tgroup_2"):
            await layer.group_add(group, member)
        await layer.group_discard("tgroup_1", member)
        await layer.group_send("tgroup_1", numbered(1))
        await layer.group_send("tgroup_2", numbered(2))
        await self.assert_receives(layer, member, numbered(2))

    @judged()
    async def test_in_2016_a_member_may_be_sent_to_by_its_own_name(self, layer: ChannelLayer) -> None:
        member = await layer.new_channel()
        await layer.group_add("tgroup", member)
        await layer.send(member, numbered(1))
        await layer.group_send("tgroup", numbered(2))
        await self.assert_receives(layer, member, numbered(1), numbered(2))

    @judged(capacity=200)
    async def test_in_2016_many_writers_lose_and_double_nothing(
        self, layer: ChannelLayer, other: ChannelLayer
    ) -> None:
        channel = await layer.new_channel()
        await asyncio.gather(*(send_numbered(each, channel, 25) for each in (layer, other) * 2))
        received = [message["number"] for message in await self.take_all(layer, channel, 100)]
        assert sorted(received) == sorted(list(range(25)) * 4)

    @judged("statistics")
    async def test_in_2016_statistics_have_the_keys_of_the_specification(self, layer: ChannelLayer) -> None:
        await layer.send("stats", numbered(1))
        assert set(await layer.global_statistics()) >= STATISTICS
        assert set(await layer.channel_statistics("stats")) >= STATISTICS
