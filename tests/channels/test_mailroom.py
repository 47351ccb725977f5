"""Mailboxes and readers, in every interleaving that Hypothesis thinks of."""

import asyncio
from types import ModuleType

from hypothesis import given, settings
from hypothesis import strategies as st

from penstock.channels import mailroom
from penstock.channels.mailbox import ACCEPTED
from penstock.channels.mailroom import Mailroom
from penstock.channels.messages import freeze
from penstock.channels.settings import LayerSettings
from penstock.testing.clock import VirtualClock

CHANNELS = ("x!a", "x!b", "normal")
STEPS = st.lists(
    st.tuples(st.just("put"), st.sampled_from(CHANNELS))
    | st.tuples(st.just("read"), st.sampled_from((*CHANNELS, "x!")))
    | st.tuples(st.just("cancel"), st.integers(0, 20))
    | st.tuples(st.just("turn"), st.just(0)),
    max_size=60,
)


class Play:
    """Messages that are put, and readers that come and are cancelled, as the steps say. `module` is one of
    the twins of the mailroom.
    """

    def __init__(self, module: ModuleType = mailroom) -> None:
        room_settings = LayerSettings(capacity=1000, expiry=10)
        self.clock = VirtualClock()
        self.unread: list[str] = []
        self.room: Mailroom = module.Mailroom(room_settings, self.clock, self.unread.append)
        self.sent: list[tuple[str, int]] = []
        self.readers: list[asyncio.Task[tuple[str, int]]] = []

    async def step(self, name: str, what: str | int) -> None:
        if name == "put":
            self.put(str(what))
        elif name == "read":
            self.readers.append(asyncio.create_task(self.read(str(what)), name=str(what)))
        elif name == "cancel" and self.readers:
            self.readers[int(what) % len(self.readers)].cancel()
        elif name == "turn":
            await asyncio.sleep(0)

    def put(self, channel: str) -> None:
        number = len(self.sent)
        self.sent.append((channel, number))
        self.room.put(channel, self.room.entry(freeze({"number": number}, 100)))

    async def read(self, name: str) -> tuple[str, int]:
        channel, entry = await self.room.take(name)
        return channel, entry.frozen.thaw()["number"]

    async def settle(self) -> None:
        """Nothing moves any more."""
        for _ in range(10):
            await asyncio.sleep(0)

    def pending(self, name: str) -> int:
        """The messages of a channel, or of all that begin so."""
        names = [each for each in CHANNELS if each.startswith(name)]
        return sum(self.room.channel_statistics(each)["messages_pending"] for each in names)

    async def drain(self) -> None:
        """Take what is left, then let the readers that wait in vain go."""
        while self.room.statistics()["messages_pending"]:
            for channel in CHANNELS:
                if self.room.channel_statistics(channel)["messages_pending"]:
                    self.readers.append(asyncio.create_task(self.read(channel)))
            await self.settle()
        for reader in self.readers:
            reader.cancel()
        await asyncio.wait(self.readers or [asyncio.ensure_future(asyncio.sleep(0))])

    def received(self) -> list[tuple[str, int]]:
        return [reader.result() for reader in self.readers if not reader.cancelled()]


@settings(max_examples=300, deadline=None)
@given(STEPS)
def test_each_message_goes_to_one_reader_whoever_is_cancelled(steps: list[tuple[str, str | int]]) -> None:
    async def play() -> None:
        game = Play()
        for step in steps:
            await game.step(*step)
        await game.settle()
        await game.drain()
        assert sorted(game.received()) == sorted(game.sent)

    asyncio.run(play())


@settings(max_examples=300, deadline=None)
@given(STEPS)
def test_nobody_waits_while_there_is_a_message_to_have(steps: list[tuple[str, str | int]]) -> None:
    async def play() -> None:
        game = Play()
        for step in steps:
            await game.step(*step)
        await game.settle()
        for reader in game.readers:
            if not reader.done():
                assert game.pending(reader.get_name()) == 0, reader.get_name()
        await game.drain()

    asyncio.run(play())


async def test_a_notice_behind_a_notice_takes_its_place() -> None:
    game = Play()
    game.put("normal")
    for number in (1, 2):
        game.room.announce(freeze({"number": -number}, 100))
    game.put("normal")
    game.room.announce(freeze({"number": -3}, 100))
    assert [(await game.read("normal"))[1] for _ in range(4)] == [0, -2, 1, -3]


async def test_a_notice_finds_room_where_no_message_does() -> None:
    game = Play()
    for _ in range(1000):
        game.put("normal")
    game.room.announce(freeze({"number": -1}, 100))
    assert game.pending("normal") == 1001


async def test_a_channel_that_lapses_while_it_is_not_read_is_told_of() -> None:
    game = Play()
    game.put("normal")
    game.clock.advance(11)
    game.put("x!a")
    game.room.inspect()
    assert game.unread == ["normal"]


async def test_a_channel_that_is_read_is_not_told_of_though_a_message_expired() -> None:
    game = Play()
    game.put("normal")
    game.clock.advance(5)
    await game.read("normal")
    game.put("normal")
    game.clock.advance(5.5)
    game.room.inspect()
    assert game.unread == []


async def test_a_message_that_expires_between_inspections_is_neither_delivered_nor_in_the_way() -> None:
    clock = VirtualClock()
    room = Mailroom(LayerSettings(capacity=1, expiry=10), clock, lambda channel: None)
    for channel in ("read", "sent to"):
        room.put(channel, room.entry(freeze({"number": 0}, 100)))
        await room.take(channel)
    clock.advance(3)
    for channel in ("read", "sent to"):
        room.put(channel, room.entry(freeze({"number": 1}, 100)))
    clock.advance(8)
    room.inspect()
    clock.advance(3)
    reading = asyncio.create_task(room.take("read"))
    await asyncio.sleep(0)
    assert not reading.done()
    reading.cancel()
    assert room.put("sent to", room.entry(freeze({"number": 2}, 100))) == ACCEPTED
    _, entry = await asyncio.wait_for(room.take("sent to"), 1)
    assert entry.frozen.thaw() == {"number": 2}


async def test_readers_are_served_in_the_order_they_came() -> None:
    game = Play()
    for _ in range(4):
        await game.step("read", "normal")
    await game.settle()
    game.put("normal")
    await game.step("read", "normal")
    await game.settle()
    for _ in range(4):
        game.put("normal")
        await game.settle()
    assert game.received() == game.sent
