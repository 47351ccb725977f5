"""Loops, threads and processes: item 23 of the checklist, and what happens when something dies."""

import asyncio
import threading
from collections.abc import Callable

from penstock.channels.errors import LayerClosed
from penstock.channels.interface import ChannelLayer
from penstock.channels.notices import GAP, Gap
from penstock.testing.layers.delivery import numbered
from penstock.testing.layers.judge import LayerJudge, judged, refuses

THREADS = 4
EACH = 50


async def in_threads(count: int, target: Callable[[int], None]) -> None:
    """Run `target` in so many threads at once and wait for all. What one raises is raised."""
    await asyncio.gather(*(asyncio.to_thread(target, number) for number in range(count)))


class Processes(LayerJudge):
    @judged(capacity=THREADS * EACH)
    async def test_item_23_loops_in_several_threads_share_a_layer(self, layer: ChannelLayer) -> None:
        async def send(number: int) -> None:
            for each in range(EACH):
                await layer.send("a", numbered(number * EACH + each))

        await in_threads(THREADS, lambda number: asyncio.run(send(number)))
        received = await self.take_all(layer, "a", THREADS * EACH)
        assert sorted(message["number"] for message in received) == list(range(THREADS * EACH))

    @judged()
    async def test_fault_13_two_loops_receive_at_one_time(self, layer: ChannelLayer) -> None:
        channels = [await layer.new_channel() for _ in range(THREADS)]
        received: dict[int, int] = {}

        def receive(number: int) -> None:
            received[number] = asyncio.run(self.take(layer, channels[number]))["number"]

        reading = asyncio.create_task(in_threads(THREADS, receive))
        await asyncio.sleep(self.SILENCE_SECONDS)
        for number, channel in enumerate(channels):
            await layer.send(channel, numbered(number))
        await self.within(reading)
        assert received == {number: number for number in range(THREADS)}

    @judged()
    async def test_fault_15_a_loop_that_is_closed_harms_no_other(self, layer: ChannelLayer) -> None:
        async def use() -> None:
            await layer.group_add("room", "member")
            await layer.group_send("room", numbered(1))
            assert await self.take(layer, "member") == numbered(1)

        for _ in range(3):
            await asyncio.to_thread(lambda: asyncio.run(use()))
        await self.within(use())

    @judged()
    async def test_code_without_a_loop_uses_sync(self, layer: ChannelLayer) -> None:
        def use(number: int) -> None:
            channel = layer.sync.new_channel()
            layer.sync.group_add(f"room{number}", channel)
            layer.sync.group_send(f"room{number}", numbered(number))
            assert layer.sync.receive(channel, self.WAIT_SECONDS) == numbered(number)
            assert layer.sync.group_count(f"room{number}") == 1
            layer.sync.group_discard(f"room{number}", channel)

        await self.within(in_threads(THREADS, use))

    @judged()
    async def test_sync_reaches_who_waits_on_a_loop(self, layer: ChannelLayer) -> None:
        channel = await layer.new_channel()
        waiting = asyncio.create_task(layer.receive(channel))
        await asyncio.sleep(0)
        await asyncio.to_thread(layer.sync.send, channel, numbered(1))
        assert await self.within(waiting) == numbered(1)

    @judged()
    async def test_sync_is_safe_in_the_thread_of_a_running_loop(self, layer: ChannelLayer) -> None:
        """As where an async view calls a plain function: that loop stands still meanwhile."""
        channel, own = await layer.new_channel(), layer.sync.new_channel()
        await layer.group_add("room", channel)
        waiting = asyncio.create_task(layer.receive(channel))
        await asyncio.sleep(self.SILENCE_SECONDS)
        layer.sync.group_add("room", own)
        for number in range(EACH):
            layer.sync.group_send("room", numbered(number))
        await layer.group_send("room", numbered(EACH))
        expected = [numbered(number) for number in range(EACH + 1)]
        assert layer.sync.receive(own, self.WAIT_SECONDS) == expected[0]
        assert await self.within(waiting) == expected[0]
        await self.assert_receives(layer, channel, *expected[1:])
        assert layer.sync.group_count("room") == 2
        layer.sync.group_discard("room", own)
        assert await layer.group_channels("room") == [channel]

    @judged()
    async def test_sync_in_a_running_loop_receives_what_others_send(
        self, layer: ChannelLayer, other: ChannelLayer
    ) -> None:
        channel = await layer.new_channel()
        await layer.group_add("room", channel)
        await asyncio.to_thread(other.sync.group_send, "room", numbered(1))
        await asyncio.to_thread(other.sync.send, "work", numbered(2))
        assert layer.sync.receive(channel, self.WAIT_SECONDS) == numbered(1)
        with layer.sync.receive_acked("work", self.WAIT_SECONDS) as work:
            assert work.message == numbered(2)
        layer.sync.flush()
        assert await other.group_count("room") == 0
        layer.sync.close()
        await refuses(LayerClosed, layer.send(channel, numbered(3)))

    @judged()
    async def test_a_sync_receive_that_runs_out_of_time_loses_nothing(self, layer: ChannelLayer) -> None:
        def receive() -> None:
            try:
                layer.sync.receive("a", self.SILENCE_SECONDS)
            except TimeoutError:
                return
            raise AssertionError("something was received; expected TimeoutError")

        await asyncio.to_thread(receive)
        await layer.send("a", numbered(1))
        await self.assert_receives(layer, "a", numbered(1))

    @judged()
    async def test_a_forgotten_thread_is_no_obstacle(self, layer: ChannelLayer) -> None:
        """A loop that was stopped with a reader in it, as a careless test or shell leaves it."""
        loop = asyncio.new_event_loop()
        task = loop.create_task(layer.receive("a"))
        stopping = threading.Thread(target=lambda: loop.run_until_complete(asyncio.sleep(0.01)))
        stopping.start()
        await asyncio.to_thread(stopping.join)
        task.cancel()
        await asyncio.to_thread(lambda: loop.run_until_complete(asyncio.wait({task})))
        loop.close()
        await layer.send("a", numbered(1))
        await self.assert_receives(layer, "a", numbered(1))

    @judged("open")
    async def test_who_waits_when_the_layer_is_closed_is_told(self, layer: ChannelLayer) -> None:
        waiting = asyncio.create_task(layer.receive("a"))
        await asyncio.sleep(self.SILENCE_SECONDS)
        await layer.close()
        await refuses(LayerClosed, self.within(waiting))
        await refuses(LayerClosed, layer.send("a", numbered(1)))

    @judged()
    async def test_fault_11_an_interruption_ends_no_consumer_and_is_told(self, layer: ChannelLayer) -> None:
        gaps: list[Gap] = []
        layer.add_listener(gaps.append)
        channel = await layer.new_channel()
        await layer.group_add("room", channel)
        waiting = asyncio.create_task(layer.receive(channel))
        await asyncio.sleep(self.SILENCE_SECONDS)
        await self.interrupt(layer)
        assert (await self.within(waiting))["type"] == GAP
        assert len(gaps) == 1
        await layer.group_send("room", numbered(1))
        assert await self.take(layer, channel) == numbered(1)

    @judged(lease_seconds=1.0)
    async def test_fault_12_a_process_that_is_killed_is_a_member_no_more(self, layer: ChannelLayer) -> None:
        watcher = await layer.new_channel()
        await layer.group_watch("room", watcher)
        await self.join_and_die(layer, "room")
        assert (await self.take(layer, watcher))["type"] == "presence.join"
        left = await self.take(layer, watcher)
        assert (left["type"], left["reason"]) == ("presence.leave", "lost")
        assert await layer.group_count("room") == 0
