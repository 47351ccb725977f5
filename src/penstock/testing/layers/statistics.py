"""What a layer tells about itself."""

from penstock.channels.interface import ChannelLayer
from penstock.testing.layers.delivery import numbered
from penstock.testing.layers.judge import LayerJudge, judged, refuses

SECONDS = 1.0
LITTLE = 0.6  # less than SECONDS, twice of it more
ENOUGH = 1.5
POLICIES = {"oldest": "drop-oldest", "latest": "keep-latest", "newest": "drop-newest", "shut": "close"}


class Statistics(LayerJudge):
    @judged("statistics", capacity=3, expiry=SECONDS)
    async def test_a_channel_tells_what_waits_what_came_and_what_was_refused(
        self, layer: ChannelLayer
    ) -> None:
        for number in range(3):
            await layer.send("a", numbered(number))
        await refuses(layer.ChannelFull, layer.send("a", numbered(3)))
        await layer.receive("a")
        await self.elapse(LITTLE)
        told = await layer.channel_statistics("a")
        assert (told["messages_count"], told["messages_pending"], told["channel_full_count"]) == (3, 2, 1)
        assert LITTLE * 0.9 <= told["messages_max_age"] < SECONDS
        assert told["messages_count_per_second"] > told["channel_full_count_per_second"] > 0

    @judged("statistics", capacity=1, expiry=SECONDS)
    async def test_what_was_dropped_is_counted_by_reason(self, layer: ChannelLayer) -> None:
        await layer.group_add("room", "a")
        for number in range(3):
            await layer.group_send("room", numbered(number))
        await self.elapse(ENOUGH)
        assert (await layer.channel_statistics("a"))["messages_dropped"] == {"full": 2, "expired": 1}

    @judged("statistics", capacity=1)
    async def test_what_a_group_brings_to_a_channel_is_counted_there_and_in_all(
        self, layer: ChannelLayer, other: ChannelLayer
    ) -> None:
        """What was dropped is known to a process that has not sent it."""
        await other.group_add("room", "a")
        for number in range(3):
            await layer.group_send("room", numbered(number))
        told = await layer.channel_statistics("a")
        assert (told["messages_count"], told["channel_full_count"]) == (1, 2)
        for each in (told, await layer.global_statistics(), await other.channel_statistics("a")):
            assert each["messages_dropped"] == {"full": 2}
        await other.group_send("room", numbered(3))
        for asked in (other, layer):  # the sender first: what it has on its way goes before its question
            assert (await asked.global_statistics())["messages_dropped"] == {"full": 3}

    @judged("statistics", capacity=1, channel_policy=POLICIES)
    async def test_a_channel_was_full_whatever_its_policy_made_of_it(self, layer: ChannelLayer) -> None:
        for channel in ("oldest", "latest", "newest"):
            for number in range(3):
                await layer.send(channel, numbered(number))
        await layer.send("shut", numbered(0))
        for number in range(2):  # the second finds it closed
            await refuses(layer.ChannelFull, layer.send("shut", numbered(number)))
        for channel, came, was_full in (("oldest", 3, 2), ("latest", 3, 2), ("newest", 1, 2), ("shut", 1, 1)):
            told = await layer.channel_statistics(channel)
            assert (told["messages_count"], told["channel_full_count"]) == (came, was_full), channel

    @judged("statistics", history=2)
    async def test_what_the_layer_itself_puts_into_a_channel_is_counted(self, layer: ChannelLayer) -> None:
        for number in range(2):
            await layer.group_send("room", numbered(number))
        await layer.group_watch("room", "watcher")
        await layer.group_add("room", "a", history=2)
        await self.take_all(layer, "watcher", 1)
        assert (await layer.channel_statistics("watcher"))["messages_count"] == 1
        assert (await layer.channel_statistics("a"))["messages_count"] == 2

    @judged("statistics", capacity=1)
    async def test_what_came_late_is_counted(self, layer: ChannelLayer) -> None:
        for _ in range(2):
            await layer.send_later("a", numbered(1), 0.01)
        await self.elapse(LITTLE)
        told = await layer.channel_statistics("a")
        assert (told["messages_count"], told["channel_full_count"]) == (1, 1)
        assert told["messages_dropped"] == {"full": 1}

    @judged("statistics")
    async def test_the_layer_tells_of_all_its_channels(self, layer: ChannelLayer) -> None:
        for channel in ("a", "b"):
            await layer.send(channel, numbered(1))
        told = await layer.global_statistics()
        assert (told["messages_count"], told["messages_pending"]) == (2, 2)
        assert (await layer.channel_statistics("nobody"))["messages_count"] == 0

    @judged("statistics")
    async def test_every_process_tells_what_all_have(self, layer: ChannelLayer, other: ChannelLayer) -> None:
        """Who watches over an application is mostly a process beside it."""
        name = await other.new_channel()
        for number in range(2):
            await layer.send(name, numbered(number))
            await other.send("queue", numbered(number))
        for each in (layer, other):  # the one that does not read it first: its question comes behind them
            for told in (await each.channel_statistics(name), await each.channel_statistics("queue")):
                assert (told["messages_count"], told["messages_pending"]) == (2, 2)
            told = await each.global_statistics()
            assert (told["messages_count"], told["messages_pending"]) == (4, 4)
        await self.take(layer, "queue")
        await self.take(other, name)
        told = await layer.global_statistics()
        assert (told["messages_count"], told["messages_pending"]) == (4, 2)
