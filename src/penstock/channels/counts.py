"""What the statistics say, of one channel or of a layer: numbers since the beginning, and rates of late.

A rate is that of the last ten seconds: the window that runs, and as much of the one before as is missing.
"""

from collections.abc import Iterable
from typing import Any

WINDOW_SECONDS = 10.0


class Meter:
    """How often something has happened, and how often a second."""

    __slots__ = ("_before", "_earlier", "_ends", "_within")

    def __init__(self) -> None:
        self._earlier = 0  # in all windows that are over
        self._before = 0  # in the last of them
        self._within = 0  # in the window that runs
        self._ends = WINDOW_SECONDS

    @property
    def total(self) -> int:
        return self._earlier + self._within

    def add(self, now: float, count: int = 1) -> None:
        if now >= self._ends:
            self._turn(now)
        self._within += count

    def per_second(self, now: float) -> float:
        if now >= self._ends:
            self._turn(now)
        missing = (self._ends - now) / WINDOW_SECONDS
        return (self._within + self._before * missing) / WINDOW_SECONDS

    def _turn(self, now: float) -> None:
        windows = (now - self._ends) // WINDOW_SECONDS + 1
        self._earlier += self._within
        self._before = self._within if windows == 1 else 0
        self._within = 0
        self._ends += windows * WINDOW_SECONDS


class Counts:
    __slots__ = ("dropped", "full", "messages")

    def __init__(self) -> None:
        self.messages = Meter()
        self.full = Meter()
        self.dropped: dict[str, int] = {}

    def drop(self, reason: str, count: int = 1) -> None:
        self.dropped[reason] = self.dropped.get(reason, 0) + count

    def statistics(self, now: float, pending: int, max_age: float) -> dict[str, Any]:
        """With the keys of the specification of 2016, and what was dropped why."""
        return {
            "messages_count": self.messages.total,
            "messages_count_per_second": self.messages.per_second(now),
            "messages_pending": pending,
            "messages_max_age": max_age,
            "channel_full_count": self.full.total,
            "channel_full_count_per_second": self.full.per_second(now),
            "messages_dropped": dict(self.dropped),
        }


def total(parts: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Of what several have told as `Counts.statistics`: all adds up but the age; the largest holds. What
    another release tells in another way is left out.
    """
    whole = Counts().statistics(0.0, 0, 0.0)
    dropped = whole["messages_dropped"]
    for part in parts:
        for name in whole.keys() - {"messages_dropped", "messages_max_age"}:
            whole[name] += _number(part.get(name))
        whole["messages_max_age"] = max(whole["messages_max_age"], _number(part.get("messages_max_age")))
        reasons = part.get("messages_dropped")
        for reason, count in reasons.items() if isinstance(reasons, dict) else ():
            dropped[reason] = dropped.get(reason, 0) + _number(count)
    return whole


def _number(value: object) -> Any:
    return value if type(value) is int or type(value) is float else 0
