"""What the readers of this process want of the channels whose messages are in the hub.

For each reader that waits the hub is asked for one message. What comes lands in the mailroom, so a reader
that is cancelled has taken nothing. What more has been asked for or has landed than readers are left is
called off, and given back last first when nothing is on its way any more: so the order is kept.
"""

import math
from collections.abc import Callable

from penstock.channels.entry import Entry
from penstock.channels.local.frames import GIVE_BACK, TAKE, UNTAKE, Frame
from penstock.channels.local.room import LocalRoom
from penstock.channels.messages import Frozen

Key = tuple[str, bool]  # the name that is read, and whether as work


class Landed(Entry):
    """A message from the hub, as it was packed too. It does not expire here: a reader waits for it."""

    __slots__ = ("channel", "kept_until", "lease", "packed")

    def __init__(
        self, frozen: Frozen, packed: bytes, channel: str, facts: tuple[float, float, int, int]
    ) -> None:
        sent_at, self.kept_until, attempt, self.lease = facts
        super().__init__(frozen, sent_at, math.inf, attempt)
        self.channel = channel
        self.packed = packed


class Want:
    """`called_off` of those `asked` for are not wanted any more; the hub has yet to say which have come."""

    __slots__ = ("asked", "called_off", "landed", "readers")

    def __init__(self) -> None:
        self.readers = 0
        self.asked = 0
        self.called_off = 0
        self.landed: list[Landed] = []

    @property
    def is_needed(self) -> bool:
        return bool(self.readers or self.asked or self.landed)


class Wants:
    """The lock of the layer is held. `post` sends to the hub, or does nothing while there is none."""

    def __init__(self, room: LocalRoom, post: Callable[[Frame], bool]) -> None:
        self._room = room
        self._post = post
        self._wants: dict[Key, Want] = {}

    def join(self, key: Key) -> None:
        """A reader waits."""
        want = self._wants.get(key) or self._wants.setdefault(key, Want())
        want.readers += 1
        self._settle(key, want)

    def leave(self, key: Key, taken: Entry | None) -> None:
        """It has `taken` something, or waits no more."""
        want = self._wants[key]
        want.readers -= 1
        if isinstance(taken, Landed) and taken in want.landed:
            want.landed.remove(taken)
        self._settle(key, want)

    def land(self, key: Key, entry: Landed) -> None:
        """A message that was asked for."""
        want = self._wants.get(key) or self._wants.setdefault(key, Want())
        want.asked -= 1
        want.landed.append(entry)
        self._room.put_anyway(box_name(entry.channel, key[1]), entry)
        self._settle(key, want)

    def shut(self, key: Key) -> None:
        """Instead of a message: the channel was closed."""
        if (want := self._wants.get(key)) is not None:
            want.asked -= 1
            self._room.shut(box_name(*key))
            self._settle(key, want)

    def untaken(self, key: Key, count: int, gone: int) -> None:
        """Of `count` that were called off, `gone` will not come."""
        if (want := self._wants.get(key)) is not None:
            want.called_off -= count
            want.asked -= gone
            self._settle(key, want)

    def emptied(self) -> None:
        """What has landed is gone."""
        for key, want in list(self._wants.items()):
            want.landed.clear()
            self._settle(key, want)

    def ask_again(self) -> None:
        """There is a new hub, which knows of nothing."""
        for key, want in list(self._wants.items()):
            want.asked = want.called_off = 0
            self._settle(key, want)

    def _settle(self, key: Key, want: Want) -> None:
        missing = want.readers - len(want.landed) - want.asked + want.called_off
        if missing > 0:
            if self._post((TAKE, 0, *key, missing)):
                want.asked += missing
        elif missing < 0 and want.asked > want.called_off:
            count = min(-missing, want.asked - want.called_off)
            want.called_off += count
            self._post((UNTAKE, 0, *key, count))
        elif missing < 0 and not want.asked:
            self._give_back(key, want, -missing)
        if not want.is_needed:
            self._wants.pop(key, None)

    def _give_back(self, key: Key, want: Want, count: int) -> None:
        for entry in want.landed[: -count - 1 : -1]:
            want.landed.remove(entry)
            if self._room.withdraw(box_name(entry.channel, key[1]), entry):
                facts = (entry.sent_at, entry.kept_until, entry.attempt, entry.lease)
                self._post((GIVE_BACK, 0, entry.channel, entry.packed, *facts))


def box_name(channel: str, is_work: bool) -> str:
    """Where it lands. Work has a place that no channel's name can have: its readers are others."""
    return f"{channel} work" if is_work else channel
