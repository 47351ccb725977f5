"""Work queues: at least once instead of at most once."""

from penstock.channels.interface import ChannelLayer
from penstock.channels.names import dead_letter_channel
from penstock.testing.layers.delivery import numbered
from penstock.testing.layers.judge import LayerJudge, judged, refuses

LEASE = 0.5
ENOUGH = 0.8


class Work(LayerJudge):
    @judged("acknowledge", ack_seconds=LEASE)
    async def test_acknowledged_work_comes_once(self, layer: ChannelLayer) -> None:
        await layer.send("work", numbered(1))
        work = await self.within(layer.receive_acked("work"))
        assert (work.channel, work.message, work.attempt) == ("work", numbered(1), 1)
        assert await work.ack()
        await self.elapse(ENOUGH)
        await self.assert_silent(layer, "work")

    @judged("acknowledge", ack_seconds=LEASE)
    async def test_work_that_is_not_acknowledged_comes_again(
        self, layer: ChannelLayer, other: ChannelLayer
    ) -> None:
        await layer.send("work", numbered(1))
        lost = await self.within(layer.receive_acked("work"))
        await self.elapse(ENOUGH)
        again = await self.within(other.receive_acked("work"))
        assert (again.message, again.attempt) == (numbered(1), 2)
        assert not await lost.ack()
        assert await again.ack()

    @judged("acknowledge")
    async def test_work_can_be_given_back_at_once_and_later(self, layer: ChannelLayer) -> None:
        await layer.send("work", numbered(1))
        assert await (await self.within(layer.receive_acked("work"))).retry()
        work = await self.within(layer.receive_acked("work"))
        assert work.attempt == 2
        assert await work.retry(LEASE)
        assert not await work.ack()
        await self.assert_silent(layer, "work")
        await self.elapse(ENOUGH)
        assert (await self.within(layer.receive_acked("work"))).attempt == 3

    @judged("acknowledge", max_attempts=2)
    async def test_work_that_fails_too_often_goes_to_the_dead_letters(self, layer: ChannelLayer) -> None:
        await layer.send("work", numbered(1))
        for _ in range(2):
            await (await self.within(layer.receive_acked("work"))).retry()
        await self.assert_silent(layer, "work")
        await self.assert_receives(layer, dead_letter_channel("work"), numbered(1))

    @judged("acknowledge")
    async def test_rejected_work_goes_to_the_dead_letters(self, layer: ChannelLayer) -> None:
        await layer.send("work", numbered(1))
        assert await (await self.within(layer.receive_acked("work"))).reject()
        await self.assert_receives(layer, dead_letter_channel("work"), numbered(1))

    @judged("acknowledge", ack_seconds=LEASE)
    async def test_a_block_acknowledges_and_an_exception_gives_back(self, layer: ChannelLayer) -> None:
        await layer.send("work", numbered(1))
        try:
            async with await self.within(layer.receive_acked("work")):
                raise LookupError("the work could not be done")
        except LookupError:
            pass
        async with await self.within(layer.receive_acked("work")) as work:
            assert work.attempt == 2
        await self.elapse(ENOUGH)
        await self.assert_silent(layer, "work")

    @judged("acknowledge")
    async def test_only_normal_channels_carry_work(self, layer: ChannelLayer) -> None:
        for channel in (await layer.new_channel(), "server!", "single?reader"):
            await refuses(TypeError, layer.receive_acked(channel), "normal")
