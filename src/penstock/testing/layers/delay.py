"""Messages that are sent later."""

from penstock.channels.interface import ChannelLayer
from penstock.testing.layers.delivery import numbered
from penstock.testing.layers.judge import LayerJudge, judged, refuses

SECONDS = 1.0
LITTLE = 0.6  # less than SECONDS, twice of it more
ENOUGH = 1.5


class Delay(LayerJudge):
    @judged("delay")
    async def test_a_delayed_message_comes_when_its_time_has_come(
        self, layer: ChannelLayer, sender: ChannelLayer
    ) -> None:
        channel = await layer.new_channel()
        await sender.send_later(channel, numbered(1), SECONDS)
        await self.elapse(LITTLE)
        await self.assert_silent(layer, channel)
        await self.elapse(LITTLE)
        await self.assert_receives(layer, channel, numbered(1))

    @judged("delay")
    async def test_delayed_messages_come_in_the_order_of_their_times(self, layer: ChannelLayer) -> None:
        channel = await layer.new_channel()
        for number, seconds in ((3, 0.4), (1, 0.1), (2, 0.25)):
            await layer.send_later(channel, numbered(number), seconds)
        await self.elapse(SECONDS)
        await self.assert_receives(layer, channel, numbered(1), numbered(2), numbered(3))

    @judged("delay")
    async def test_a_delayed_message_can_be_cancelled_until_it_is_sent(self, layer: ChannelLayer) -> None:
        token = await layer.send_later("a", numbered(1), LITTLE)
        other = await layer.send_later("a", numbered(2), LITTLE)
        assert await layer.cancel_later(token)
        assert not await layer.cancel_later(token)
        assert not await layer.cancel_later("nobody knows it")
        await self.elapse(SECONDS)
        await self.assert_receives(layer, "a", numbered(2))
        assert not await layer.cancel_later(other)

    @judged("delay", expiry=SECONDS)
    async def test_a_delayed_message_expires_from_the_time_it_is_sent(self, layer: ChannelLayer) -> None:
        await layer.send_later("a", numbered(1), ENOUGH)
        await self.elapse(ENOUGH + 0.1)
        await self.assert_receives(layer, "a", numbered(1))

    @judged("delay")
    async def test_a_delay_that_is_no_time_is_refused(self, layer: ChannelLayer) -> None:
        for seconds in (-1, float("nan"), float("inf")):
            await refuses(ValueError, layer.send_later("a", numbered(1), seconds), "seconds")
        for wrong in (None, "soon"):
            await refuses(TypeError, layer.send_later("a", numbered(1), wrong))  # type: ignore[arg-type] # the test

    @judged("delay", max_delayed=2)
    async def test_more_delayed_messages_than_allowed_are_refused(self, layer: ChannelLayer) -> None:
        for number in range(2):
            await layer.send_later("a", numbered(number), SECONDS)
        await refuses(self.channel_full(layer), layer.send_later("a", numbered(2), SECONDS), "max_delayed")
