"""How much a channel holds, and what happens beyond: items 24 to 27 of the checklist, and the policies."""

import re
import unittest
from enum import IntEnum, StrEnum

from penstock.base.errors import SettingsError
from penstock.channels.errors import ChannelClosed
from penstock.channels.interface import ChannelLayer
from penstock.testing.layers.delivery import numbered
from penstock.testing.layers.judge import LayerJudge, has, judged, refuses

BY_NAME = [("small.*", 1), (re.compile(r"mid\d"), 2), ("mid*", 7)]


class Policies(StrEnum):
    """As settings files of some projects have them."""

    LATEST = "keep-latest"


class Few(IntEnum):
    THREE = 3


class Capacity(LayerJudge):
    async def fill(self, layer: ChannelLayer, channel: str, count: int) -> None:
        for number in range(count):
            await layer.send(channel, numbered(number))

    @judged(capacity=3)
    async def test_item_25_a_full_channel_is_an_error_of_the_sender(self, layer: ChannelLayer) -> None:
        for channel in ("normal", await layer.new_channel()):
            await self.fill(layer, channel, 3)
            await refuses(self.channel_full(layer), layer.send(channel, numbered(3)), channel)
            assert await self.take(layer, channel) == numbered(0)
            await layer.send(channel, numbered(4))
            await self.assert_receives(layer, channel, numbered(1), numbered(2), numbered(4))

    @judged(capacity=5, channel_capacity=BY_NAME)
    async def test_item_24_the_first_pattern_that_fits_decides(self, layer: ChannelLayer) -> None:
        for channel, capacity in (("small.one", 1), ("mid1", 2), ("middle", 7), ("other", 5)):
            await self.fill(layer, channel, capacity)
            await refuses(self.channel_full(layer), layer.send(channel, numbered(0)))

    @judged(channel_capacity={"small.*": 1})
    async def test_fault_01_capacities_may_be_a_mapping(self, layer: ChannelLayer) -> None:
        await layer.send("small.one", numbered(0))
        await refuses(self.channel_full(layer), layer.send("small.one", numbered(1)))

    @judged(capacity=3)
    async def test_fault_02_one_slow_consumer_fills_no_other_up(self, layer: ChannelLayer) -> None:
        slow, quick = await layer.new_channel("chat!"), await layer.new_channel("chat!")
        await self.fill(layer, slow, 3)
        await refuses(self.channel_full(layer), layer.send(slow, numbered(3)))
        await layer.send(quick, numbered(1))
        await self.assert_receives(layer, quick, numbered(1))

    @judged(capacity=2)
    async def test_item_27_a_group_send_leaves_out_who_is_full(self, layer: ChannelLayer) -> None:
        slow, quick = await layer.new_channel(), await layer.new_channel()
        for member in (slow, quick):
            await layer.group_add("room", member)
        for number in range(5):
            await layer.group_send("room", numbered(number))
            assert await self.take(layer, quick) == numbered(number)
        await self.assert_receives(layer, slow, numbered(0), numbered(1))

    @judged(capacity=3, policy="drop-oldest")
    async def test_drop_oldest_keeps_the_newest(self, layer: ChannelLayer) -> None:
        channel = await layer.new_channel()
        await self.fill(layer, channel, 5)
        await self.assert_receives(layer, channel, numbered(2), numbered(3), numbered(4))

    @judged(capacity=3, policy="drop-newest")
    async def test_drop_newest_keeps_the_oldest(self, layer: ChannelLayer) -> None:
        channel = await layer.new_channel()
        await self.fill(layer, channel, 5)
        await self.assert_receives(layer, channel, numbered(0), numbered(1), numbered(2))

    @judged(capacity=Few.THREE, policy=Policies.LATEST, history=Few.THREE)
    async def test_settings_may_be_of_enumerations(self, layer: ChannelLayer) -> None:
        for channel in ("queue", await layer.new_channel()):
            await self.fill(layer, channel, 4)
            await self.assert_receives(layer, channel, numbered(3))
        await layer.group_send("room", numbered(1))
        assert await layer.group_history("room", Few.THREE) == [numbered(1)]

    @judged(capacity=3, policy="keep-latest")
    async def test_keep_latest_drops_all_that_waits(self, layer: ChannelLayer) -> None:
        channel = await layer.new_channel()
        await self.fill(layer, channel, 4)
        await self.assert_receives(layer, channel, numbered(3))

    @judged(capacity=2, policy="close")
    async def test_close_tells_the_reader_and_ends_its_memberships(self, layer: ChannelLayer) -> None:
        slow = await layer.new_channel()
        await layer.group_add("room", slow)
        for number in range(3):
            await layer.group_send("room", numbered(number))
        assert await layer.group_channels("room") == []
        await refuses(self.channel_full(layer), layer.send(slow, numbered(3)))
        await refuses(ChannelClosed, self.take(layer, slow), slow)
        await layer.send(slow, numbered(4))
        await self.assert_receives(layer, slow, numbered(4))

    @judged(capacity=1, policy="close")
    async def test_a_queue_that_is_closed_leaves_all_its_groups(self, layer: ChannelLayer) -> None:
        """Also those that the layer keeps elsewhere, as soon as it can be told there."""
        groups = [f"room{number}" for number in range(8)]
        for group in groups:
            await layer.group_add(group, "queue")
        await layer.send("queue", numbered(0))
        await refuses(self.channel_full(layer), layer.send("queue", numbered(1)))
        for group in groups:
            while await layer.group_channels(group):
                continue

    @judged(capacity=2, channel_policy={"ticker.*": "keep-latest"})
    async def test_a_policy_may_be_of_some_channels(self, layer: ChannelLayer) -> None:
        await self.fill(layer, "ticker.x", 3)
        await self.assert_receives(layer, "ticker.x", numbered(2))
        await self.fill(layer, "other", 2)
        await refuses(self.channel_full(layer), layer.send("other", numbered(2)))

    @judged(capacity=2, group_policy=[("prices.*", "drop-oldest")])
    async def test_a_policy_of_a_group_goes_before_that_of_the_channel(self, layer: ChannelLayer) -> None:
        member = await layer.new_channel()
        for group in ("prices.x", "news"):
            await layer.group_add(group, member)
        for number in range(4):
            await layer.group_send("prices.x", numbered(number))
        await layer.group_send("news", numbered(9))
        await self.assert_receives(layer, member, numbered(2), numbered(3))

    def test_a_setting_that_cannot_be_used_is_named(self) -> None:
        if not has(self.make_layers(1)[0], "settings"):
            raise unittest.SkipTest("the layer has no 'settings', nor need it have")
        for settings in (
            {"capacity": 0},
            {"capacity": "many"},
            {"expiry": -1},
            {"channel_capacity": {"a": 0}},
            {"channel_capacity": {7: 7}},
            {"policy": "shout"},
            {"group_policy": {"a": "shout"}},
            {"no_such_setting": 1},
        ):
            (name,) = settings
            try:
                self.make_layers(1, **settings)
            except SettingsError as error:
                assert error.setting == name
                continue
            raise AssertionError(f"{settings!r} was accepted")
