"""How a process learns that messages may have been lost."""

import logging

import pytest

from penstock.channels.listeners import Listeners
from penstock.channels.mailroom import Mailroom
from penstock.channels.messages import freeze
from penstock.channels.notices import Gap
from penstock.channels.settings import LayerSettings
from penstock.testing.clock import VirtualClock

GAP = Gap("the server was restarted", 1.5)


def room_with_a_message(settings: LayerSettings, clock: VirtualClock) -> Mailroom:
    room = Mailroom(settings, clock, lambda channel: None)
    room.put("a", room.entry(freeze({"type": "before"}, 100)))
    return room


async def types(room: Mailroom) -> list[str]:
    """Of all messages that wait."""
    count = room.statistics()["messages_pending"]
    return [(await room.take("a"))[1].frozen.thaw()["type"] for _ in range(count)]


async def test_a_gap_is_told_once_to_every_listener_and_in_every_channel(clock: VirtualClock) -> None:
    settings = LayerSettings()
    room = room_with_a_message(settings, clock)
    listeners = Listeners(settings, room)
    heard: list[Gap] = []
    listeners.add(heard.append)
    listeners.tell(GAP)
    listeners.remove(heard.append)
    assert heard == [GAP]
    _, entry = await room.take("a")
    assert entry.frozen.thaw() == {"type": "before"}
    _, entry = await room.take("a")
    assert entry.frozen.thaw() == {
        "type": "channel.gap",
        "reason": "the server was restarted",
        "seconds": 1.5,
    }


async def test_without_notices_only_listeners_are_told(clock: VirtualClock) -> None:
    settings = LayerSettings(notices=False)
    room = room_with_a_message(settings, clock)
    listeners = Listeners(settings, room)
    heard: list[Gap] = []
    listeners.add(heard.append)
    listeners.tell(GAP)
    listeners.tell_channel("a", GAP)
    assert heard == [GAP]
    assert await types(room) == ["before"]


def test_a_listener_that_fails_keeps_the_gap_from_nobody(
    clock: VirtualClock, caplog: pytest.LogCaptureFixture
) -> None:
    settings = LayerSettings()
    listeners = Listeners(settings, room_with_a_message(settings, clock))
    heard: list[Gap] = []

    def fail(gap: Gap) -> None:
        raise LookupError("a fault of the listener")

    listeners.add(fail)
    listeners.add(heard.append)
    with caplog.at_level(logging.WARNING, logger="penstock.channels"):
        listeners.tell(GAP)
    assert heard == [GAP]
    assert "the server was restarted" in caplog.text
    assert "a fault of the listener" in caplog.text
