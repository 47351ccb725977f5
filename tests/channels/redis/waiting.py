"""Tests that mostly wait, for something to expire or for nothing to come, made to wait together.

A hundred of them in a row are minutes in which nothing happens. They are apart from each other by their
prefixes, so those of one class run at once, in threads, when the first of them is asked for; each then tells
what became of it. Whatever stops a server waits until they are done.
"""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

from penstock.testing.layers.capacity import Capacity
from penstock.testing.layers.delay import Delay
from penstock.testing.layers.delivery import Delivery
from penstock.testing.layers.expiry import Expiry
from penstock.testing.layers.history import History
from penstock.testing.layers.in_2016 import In2016
from penstock.testing.layers.messages import Messages
from penstock.testing.layers.names import Names
from penstock.testing.layers.presence import Presence
from penstock.testing.layers.work import Work

PARTS = (Capacity, Delay, Delivery, Expiry, History, In2016, Messages, Names, Presence, Work)
AT_ONCE = 8  # more would be late for each other on one core
NAMES = [name for part in PARTS for name in vars(part) if name.startswith("test_")]


class Waiting:
    """Mixed into a class of tests, in front of the parts that it takes together."""

    _results: dict[str, Future[None]]

    def __init_subclass__(cls, **keywords: Any) -> None:
        super().__init_subclass__(**keywords)
        cls._results = {}
        for name in NAMES:
            setattr(cls, name, _told(name))

    def result_of(self, name: str) -> None:
        """What became of a test; all are begun with the first."""
        if not self._results:
            pool = ThreadPoolExecutor(AT_ONCE, "waiting")
            for each in NAMES:
                self._results[each] = pool.submit(getattr(super(), each).__func__, type(self)())
            pool.shutdown(wait=False)
        self._results[name].result()

    def wait_for_all(self) -> None:
        wait(self._results.values())


def _told(name: str) -> Callable[[Any], None]:
    def test(self: Waiting) -> None:
        self.result_of(name)

    test.__name__ = name
    return test
