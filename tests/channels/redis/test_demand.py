"""What a process asks a queue for. A message and the answer to its asking come by two connections, so in any
order.
"""

from collections.abc import Callable
from typing import Any, cast

import pytest

from penstock.channels.mailroom import Mailroom
from penstock.channels.messages import freeze
from penstock.channels.redis.demand import Demand, Taken
from penstock.channels.redis.shard import Shard
from penstock.channels.settings import LayerSettings
from penstock.testing.clock import VirtualClock

NAME = "work"
NOTHING_HERE: list[bytes] = []


class Asked:
    """In a shard's place: what it is told, and whoever waits for the answers."""

    is_up = True

    def __init__(self) -> None:
        self.told: list[str] = []
        self.waiting: list[Callable[[Any], None]] = []

    def tell(self, *words: Any, then: Callable[[Any], None] | None = None) -> None:
        self.told.append(words[0])
        if then is not None:
            self.waiting.append(then)


class Side:
    """A process with a mailroom and its demand, and the queue that it asks."""

    def __init__(self) -> None:
        self.room = Mailroom(LayerSettings(), VirtualClock(), lambda channel: None)
        self.asked = Asked()
        self.shard = cast(Shard, self.asked)
        self.demand = Demand(self.room, lambda channel: self.shard, self._open)

    def _open(self, shard: Shard, channel: str, token: str, record: bytes) -> tuple[str, Taken]:
        return channel, Taken(freeze({"type": "test"}, 1000), (0.0, 1e12), 1, (channel, token, record))

    def message_comes(self) -> None:
        self.demand.came(self.shard, NAME, NAME, "", b"record")

    def answer_comes(self) -> None:
        self.asked.waiting.pop(0)(NOTHING_HERE)

    def reader_takes(self) -> None:
        assert self.room.take_now(NAME) is not None
        self.demand.leave(NAME, 0, took=True)


@pytest.fixture
def side() -> Side:
    return Side()


@pytest.mark.parametrize("is_overtaken", [False, True])
async def test_every_reader_that_waits_is_asked_for(side: Side, is_overtaken: bool) -> None:
    for _ in range(10):
        side.demand.join(NAME, NAME, 0)
        arrivals = [side.answer_comes, side.message_comes]
        for arrive in reversed(arrivals) if is_overtaken else arrivals:
            arrive()
        side.reader_takes()
    assert side.asked.told == ["take"] * 10


async def test_an_answer_behind_the_reader_that_took_the_message_leaves_nothing_asked_for(side: Side) -> None:
    side.demand.join(NAME, NAME, 0)
    side.message_comes()
    side.reader_takes()
    side.demand.join(NAME, NAME, 0)
    side.answer_comes()
    assert side.asked.told == ["take", "take"]


async def test_a_message_that_nobody_wants_goes_back(side: Side) -> None:
    side.message_comes()
    assert side.asked.told == ["give_back"]
