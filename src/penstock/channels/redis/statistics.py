"""What a process knows of queues: what it has put in itself, with what Redis says of what is in them; and
what others have refused to it.
"""

from collections import OrderedDict
from typing import Any

from penstock.channels.clock import Clock
from penstock.channels.counts import Counts
from penstock.channels.mailbox import ACCEPTED

MAX_QUEUES = 10_000  # that are counted apart; those that were not used for longest are forgotten


class Tally:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._all = Counts()
        self._queues: OrderedDict[str, Counts] = OrderedDict()

    def sent(self, channel: str, outcome: int) -> None:
        counts = self._queues.setdefault(channel, Counts())
        self._queues.move_to_end(channel)
        if len(self._queues) > MAX_QUEUES:
            self._queues.popitem(last=False)
        now = self._clock.now()
        for each in (counts, self._all):
            (each.messages if outcome == ACCEPTED else each.full).add(now)

    def of(self, channel: str, here: dict[str, Any], queues: list[Any], expiry: float) -> dict[str, Any]:
        return self._merged(self._queues.get(channel, Counts()), here, queues, expiry)

    def of_all(self, here: dict[str, Any], queues: list[Any], expiry: float) -> dict[str, Any]:
        return self._merged(self._all, here, queues, expiry)

    def _merged(
        self, counts: Counts, here: dict[str, Any], queues: list[Any], expiry: float
    ) -> dict[str, Any]:
        pending = sum(each[0] for each in queues)
        ages = [expiry - each[1] / 1000 for each in queues if each[3]]
        told = counts.statistics(self._clock.now(), pending, max(ages, default=0.0))
        dropped = dict(here["messages_dropped"])
        for _, _, drops, _ in queues:
            for reason, count in zip(drops[::2], drops[1::2], strict=True):
                dropped[reason.decode()] = dropped.get(reason.decode(), 0) + int(count)
        merged = {key: value + here[key] for key, value in told.items() if key != "messages_dropped"}
        merged["messages_max_age"] = max(told["messages_max_age"], here["messages_max_age"])
        return {**merged, "messages_dropped": dropped}
