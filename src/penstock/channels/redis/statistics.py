"""What a process knows of queues: what it has put in itself. The rest is told by Redis (`of_queues`), and by
the other processes.
"""

import contextlib
import json
from collections import Counter, OrderedDict
from collections.abc import Iterable
from typing import Any

from penstock.channels.clock import Clock
from penstock.channels.counts import Counts
from penstock.channels.mailbox import ACCEPTED, CLOSED

TIME = "told_at"
MAX_QUEUES = 10_000  # that are counted apart; those that were not used for longest are forgotten


class Tally:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._all = Counts()
        self._queues: OrderedDict[str, Counts] = OrderedDict()

    def note(self, channel: str, outcome: int) -> None:
        """What has become of a message, or of a queue that was full."""
        if outcome == CLOSED:  # before it came
            return
        counts = self._queues.setdefault(channel, Counts())
        self._queues.move_to_end(channel)
        if len(self._queues) > MAX_QUEUES:
            self._queues.popitem(last=False)
        now = self._clock.now()
        for each in (counts, self._all):
            (each.messages if outcome == ACCEPTED else each.full).add(now)

    def statistics(self, channel: str) -> dict[str, Any]:
        """Of one queue, or of all when none is named."""
        counts = self._queues.get(channel, Counts()) if channel else self._all
        return counts.statistics(self._clock.now(), 0, 0.0)


def of_queues(answer: list[Any], expiry: float) -> dict[str, Any]:
    """What the script `statistics` says: how many wait, when the oldest ends, and what was dropped why."""
    pending, milliseconds_left, drops, is_any_there = answer
    counts = Counts()
    for reason, count in zip(drops[::2], drops[1::2], strict=True):
        counts.drop(reason.decode(), int(count))
    return counts.statistics(0.0, pending, expiry - milliseconds_left / 1000 if is_any_there else 0.0)


class Told:
    """What other processes answer; `asked` names each as often as it was asked."""

    def __init__(self, asked: Iterable[bytes]) -> None:
        self._missing = Counter(asked)
        self._told: dict[bytes, dict[str, Any]] = {}

    def is_whole(self) -> bool:
        return not +self._missing

    def add(self, answer: bytes) -> None:
        """One that cannot be read is left out."""
        process, _, packed = answer.partition(b" ")
        if process not in self._missing:
            return
        self._missing[process] -= 1
        with contextlib.suppress(ValueError):
            found = json.loads(packed)
            if isinstance(found, dict) and _time(found) >= _time(self._told.get(process, {})):
                self._told[process] = found

    def statistics(self) -> list[dict[str, Any]]:
        return list(self._told.values())


def answer_of(process: str, now: float, told: dict[str, Any]) -> str:
    """An answer. They are numbers and nobody's secret: no message, and not sealed."""
    return f"{process} {json.dumps({**told, TIME: now})}"


def _time(told: dict[str, Any]) -> Any:
    """When it was told, by that process's own clock."""
    found = told.get(TIME)
    return found if isinstance(found, int | float) else 0.0
