"""How messages are delivered: items 9 to 14 and 17 to 22 of the checklist; what others lose or double."""

import asyncio

from penstock.channels.interface import ChannelLayer
from penstock.channels.messages import Message
from penstock.testing.layers.judge import LayerJudge, judged

SENDS = 400
MANY = 1000
READ_SECONDS = 0.002  # how long a reader of these tests waits before it is cancelled


def numbered(number: int) -> Message:
    return {"type": "test.numbered", "number": number}


async def send_numbered(layer: ChannelLayer, channel: str, count: int) -> None:
    """Messages from 0 on, with a turn of the loop behind each."""
    for number in range(count):
        await layer.send(channel, numbered(number))
        await asyncio.sleep(0)


class Numbers(list[int]):
    """What was received, by any number of readers."""

    def __init__(self) -> None:
        super().__init__()
        self._grown = asyncio.Event()

    async def read(self, layer: ChannelLayer, channel: str) -> None:
        while True:
            self.append((await layer.receive(channel))["number"])
            self._grown.set()

    async def wait(self, count: int) -> None:
        while len(self) < count:
            self._grown.clear()
            await self._grown.wait()


class Delivery(LayerJudge):
    async def until(self, numbers: Numbers, count: int) -> None:
        """Wait until so many have come, and a while longer for those that may not come."""
        async with asyncio.timeout(self.WAIT_SECONDS):
            await numbers.wait(count)
        await asyncio.sleep(self.SILENCE_SECONDS)

    @judged(capacity=MANY)
    async def test_item_09_each_message_goes_to_one_reader(
        self, layer: ChannelLayer, second: ChannelLayer, sender: ChannelLayer
    ) -> None:
        await self._judge_readers([layer, second], sender)

    @judged(capacity=MANY)
    async def test_fault_07_four_readers_get_nothing_twice(
        self, first: ChannelLayer, second: ChannelLayer, third: ChannelLayer, fourth: ChannelLayer
    ) -> None:
        await self._judge_readers([first, second, third, fourth], first)

    async def _judge_readers(self, readers: list[ChannelLayer], sender: ChannelLayer) -> None:
        numbers = Numbers()
        tasks = [asyncio.create_task(numbers.read(reader, "work")) for reader in readers]
        await send_numbered(sender, "work", MANY)
        await self.until(numbers, MANY)
        for task in tasks:
            task.cancel()
        assert sorted(numbers) == list(range(MANY))

    @judged()
    async def test_item_09_several_readers_of_one_process_share_a_channel(self, layer: ChannelLayer) -> None:
        tasks = [asyncio.create_task(layer.receive("work")) for _ in range(5)]
        await send_numbered(layer, "work", 5)
        received = await self.within(asyncio.gather(*tasks))
        assert sorted(message["number"] for message in received) == list(range(5))

    @judged(capacity=MANY)
    async def test_item_10_one_writer_and_one_reader_keep_the_order(
        self, layer: ChannelLayer, sender: ChannelLayer
    ) -> None:
        channel = await layer.new_channel()
        numbers = Numbers()
        reader = asyncio.create_task(numbers.read(layer, channel))
        await send_numbered(sender, channel, MANY)
        await self.until(numbers, MANY)
        reader.cancel()
        assert numbers == list(range(MANY))

    @judged(capacity=MANY)
    async def test_item_10_messages_that_wait_keep_the_order(self, layer: ChannelLayer) -> None:
        channel = await layer.new_channel()
        await send_numbered(layer, channel, 200)
        await self.assert_receives(layer, channel, *map(numbered, range(200)))

    @judged(capacity=5)
    async def test_item_11_send_never_waits_for_a_reader(self, layer: ChannelLayer) -> None:
        async with asyncio.timeout(self.WAIT_SECONDS):
            for number in range(50):
                try:
                    await layer.send("nobody.reads", numbered(number))
                except self.channel_full(layer):
                    return
        raise AssertionError("50 messages were accepted; expected ChannelFull beyond 5")

    @judged(capacity=MANY)
    async def test_item_13_a_busy_channel_hides_no_quiet_one(self, layer: ChannelLayer) -> None:
        prefix = "server.7!"
        for number in range(50):
            await layer.send(f"{prefix}busy", numbered(number))
        await layer.send(f"{prefix}quiet", numbered(-1))
        first = [(await self.take(layer, prefix))["number"] for _ in range(3)]
        assert -1 in first

    @judged()
    async def test_item_13_a_reader_that_always_finds_a_message_lets_others_run(
        self, layer: ChannelLayer
    ) -> None:
        turns = 0

        async def count_turns() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        counting = asyncio.create_task(count_turns())
        for number in range(500):
            await layer.send("a", numbered(number))
            await layer.receive("a")
        counting.cancel()
        assert turns > 1

    @judged(capacity=MANY)
    async def test_item_14_nothing_is_lost_in_normal_conditions(
        self, layer: ChannelLayer, sender: ChannelLayer
    ) -> None:
        channels = [await layer.new_channel() for _ in range(20)]
        for number in range(50):
            for channel in channels:
                await sender.send(channel, numbered(number))
        for channel in channels:
            await self.assert_receives(layer, channel, *map(numbered, range(50)))

    @judged()
    async def test_item_18_receive_waits_for_what_is_sent_later(
        self, layer: ChannelLayer, sender: ChannelLayer
    ) -> None:
        for channel in ("normal", await layer.new_channel()):
            waiting = asyncio.create_task(layer.receive(channel))
            await asyncio.sleep(self.SILENCE_SECONDS)
            assert not waiting.done()
            await sender.send(channel, numbered(1))
            assert await self.within(waiting) == numbered(1)

    @judged()
    async def test_item_18_messages_are_iterated_as_they_come(self, layer: ChannelLayer) -> None:
        await send_numbered(layer, "a", 3)
        numbers = []
        async for message in layer.messages("a"):
            numbers.append(message["number"])
            if len(numbers) == 3:
                break
        assert numbers == [0, 1, 2]

    @judged()
    async def test_item_20_the_exceptions_and_extensions_are_attributes(self, layer: ChannelLayer) -> None:
        assert issubclass(layer.ChannelFull, Exception)
        assert issubclass(layer.MessageTooLarge, Exception)
        assert {"groups", "flush"} <= set(layer.extensions)

    @judged()
    async def test_item_21_who_reads_a_prefix_learns_the_full_name(
        self, layer: ChannelLayer, sender: ChannelLayer
    ) -> None:
        prefix = "server.8!"
        reading = asyncio.create_task(layer.receive(prefix))
        await asyncio.sleep(0)
        await sender.send(f"{prefix}one", numbered(1))
        assert await self.within(reading) == {**numbered(1), "__asgi_channel__": f"{prefix}one"}
        await sender.send(f"{prefix}two", numbered(2))
        assert (await self.take(layer, prefix))["__asgi_channel__"] == f"{prefix}two"

    @judged()
    async def test_item_21_who_reads_a_full_name_gets_its_messages_alone(self, layer: ChannelLayer) -> None:
        first, second = await layer.new_channel(), await layer.new_channel()
        await layer.send(second, numbered(2))
        await layer.send(first, numbered(1))
        await self.assert_receives(layer, first, numbered(1))
        await self.assert_receives(layer, second, numbered(2))

    @judged(capacity=SENDS)
    async def test_fault_10_a_cancelled_receive_loses_nothing_on_a_normal_channel(
        self, layer: ChannelLayer, sender: ChannelLayer
    ) -> None:
        assert sorted(await self._read_with_cancels(layer, sender, "normal")) == list(range(SENDS))

    @judged(capacity=SENDS)
    async def test_fault_10_a_cancelled_receive_loses_nothing_on_a_specific_channel(
        self, layer: ChannelLayer, sender: ChannelLayer
    ) -> None:
        channel = await layer.new_channel()
        assert await self._read_with_cancels(layer, sender, channel) == list(range(SENDS))

    async def _read_with_cancels(self, layer: ChannelLayer, sender: ChannelLayer, channel: str) -> list[int]:
        """Every other receive is cancelled as early as can be, the others when they find nothing for long."""
        numbers: list[int] = []
        sending = asyncio.create_task(send_numbered(sender, channel, SENDS))
        async with asyncio.timeout(self.WAIT_SECONDS * 4):
            turn = 0
            while len(numbers) < SENDS:
                turn += 1
                reading = asyncio.create_task(layer.receive(channel))
                await asyncio.wait({reading}, timeout=READ_SECONDS * (turn % 2))
                reading.cancel()
                await asyncio.wait({reading})
                if not reading.cancelled():
                    numbers.append(reading.result()["number"])
        await sending
        await self.assert_silent(layer, channel)
        return numbers

    @judged()
    async def test_item_22_a_cancelled_reader_passes_its_message_to_the_next(
        self, layer: ChannelLayer
    ) -> None:
        readers = [asyncio.create_task(layer.receive("a")) for _ in range(3)]
        await asyncio.sleep(self.SILENCE_SECONDS)
        await layer.send("a", numbered(1))
        for reader in readers[:2]:
            reader.cancel()
        await asyncio.wait(readers[:2])
        received = [reader.result() for reader in readers[:2] if not reader.cancelled()]
        assert (received or [await self.within(readers[2])]) == [numbered(1)]
        readers[2].cancel()

    @judged()
    async def test_fault_08_every_specific_channel_gets_its_message(
        self, layer: ChannelLayer, sender: ChannelLayer
    ) -> None:
        channels = [await layer.new_channel() for _ in range(40)]
        for number, channel in enumerate(channels):
            await sender.send(channel, numbered(number))
        for number, channel in enumerate(channels):
            assert await self.take(layer, channel) == numbered(number)

    @judged()
    async def test_fault_17_layers_apart_share_no_channel_and_no_group(self, layer: ChannelLayer) -> None:
        apart = self.make_layers(1)[0]
        try:
            await apart.group_add("room", "normal")
            await layer.send("normal", numbered(1))
            await layer.group_send("room", numbered(2))
            await self.assert_silent(apart, "normal")
            await self.assert_members(layer, "room")
        finally:
            await self.close(apart)
