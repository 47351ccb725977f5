"""Where the mailboxes of a process stand: by name, by family, and in the order in which they are due for a
look.

Mailboxes come into being when they are first used and go when for `expiry` nothing was put, taken or waited
for. Each has one place in the queue of inspections, and every use of the mailroom makes a few that are due.
So channels that nobody reads any more leave no trace, without a timer and without a search through all.
"""

import math
from collections import deque
from collections.abc import Iterable

from penstock.channels.counts import Counts
from penstock.channels.family import Family
from penstock.channels.mailbox import Mailbox
from penstock.channels.names import reading_prefix
from penstock.channels.settings import LayerSettings

INSPECTIONS = 16  # at each use, so that no single one pays for all that have become due


class Shelves:
    """No lock, no loop: `Mailroom` has both."""

    def __init__(self, settings: LayerSettings, totals: Counts) -> None:
        self.boxes: dict[str, Mailbox] = {}
        self._families: dict[str, Family] = {}
        self._read_families: dict[str, Family] = {}
        self._inspections: deque[tuple[float, Mailbox]] = deque()
        self._expiry = settings.expiry
        self._capacities = settings.capacities()
        self._policies = settings.policies()
        self._totals = totals
        self.next_inspection = math.inf  # when a mailbox is due

    def new_box(self, name: str, now: float) -> Mailbox:
        box = Mailbox(name, self._capacities.of(name), self._policies.of(name), now, self._totals)
        self.boxes[name] = box
        self._inspections.append((now + self._expiry, box))
        self.next_inspection = min(self.next_inspection, now + self._expiry)
        if prefix := reading_prefix(name):
            self.family(prefix).boxes[name] = box
        return box

    def family(self, prefix: str) -> Family:
        return self._families.get(prefix) or self._families.setdefault(prefix, Family(prefix))

    def read_family(self, prefix: str) -> Family:
        """For somebody who reads all of it: from now on it is told what arrives."""
        self._read_families[prefix] = self.family(prefix)
        return self._read_families[prefix]

    def reading_family(self, box: Mailbox) -> Family | None:
        """The family of `box`, if anybody reads all of it."""
        return self._read_families.get(reading_prefix(box.name)) if self._read_families else None

    def forget_family(self, family: Family) -> None:
        """If nothing is in it and nobody waits for it."""
        if not family.is_needed:
            self._families.pop(family.prefix, None)
            self._read_families.pop(family.prefix, None)

    def inspect(self, now: float) -> list[str]:
        """Expire messages and put mailboxes away. Returns the channels whose messages nobody reads."""
        unread = []
        for _ in range(INSPECTIONS):
            if not self._inspections or self._inspections[0][0] > now:
                break
            _, box = self._inspections.popleft()
            box.inspect(now)
            if box.has_lapsed and not box.readers and box.taken_at + self._expiry <= now:
                unread.append(box.name)
            if box or box.readers or box.used_at + self._expiry > now:
                self._inspections.append((now + self._expiry, box))
            else:
                self._put_away(box)
        self.next_inspection = self._inspections[0][0] if self._inspections else math.inf
        return unread

    def sources(self) -> Iterable[Mailbox | Family]:
        return (*self.boxes.values(), *self._families.values())

    def clear(self) -> None:
        self.boxes.clear()
        self._families.clear()
        self._read_families.clear()
        self._inspections.clear()
        self.next_inspection = math.inf

    def _put_away(self, box: Mailbox) -> None:
        del self.boxes[box.name]
        if (family := self._families.get(reading_prefix(box.name))) is not None:
            family.discard(box)
            self.forget_family(family)
