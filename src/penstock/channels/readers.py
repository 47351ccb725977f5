"""Those who wait for a message, on whatever event loops, in the order they came.

A reader is woken and then looks for itself, or is handed the message with its waking; who is cancelled then
gives it back. Whoever calls these methods holds the lock of the mailroom.
"""

from collections import OrderedDict

from penstock.channels import waking
from penstock.channels.entry import Entry
from penstock.channels.waking import Loop, Place, Waiter, Woken


class Readers:
    """Joining, leaving and waking take the same time however many wait. Most channels have one reader, who
    has a place of its own: `_first` came before all in `_more`. Its waiter is kept for when it comes back.
    """

    __slots__ = ("_first", "_last_woken", "_more")

    def __init__(self) -> None:
        self._first: Waiter | None = None
        self._more: OrderedDict[Waiter, None] | None = None
        self._last_woken: Waiter | None = None

    def __bool__(self) -> bool:
        return self._first is not None or bool(self._more)

    def join(self, loop: Loop, place: Place, name: str) -> Waiter:
        """A waiter to be awaited at once. `place` and `name` are the same at each call."""
        waiter = self._last_woken
        if waiter is not None and waiter.state == waking.IDLE and waiter.loop is loop:
            waiter.state = waking.WAITING
        else:
            waiter = Waiter(loop, place, name)
        if self._first is None and not self._more:
            self._first = waiter
        elif self._more is None:
            self._more = OrderedDict({waiter: None})
        else:
            self._more[waiter] = None
        return waiter

    def leave(self, waiter: Waiter) -> bool:
        """False when it was woken before: somebody else has to be, in its place."""
        if self._first is waiter:
            self._first = None
            return True
        return self._more is not None and self._more.pop(waiter, self) is None

    def hand(self, entry: Entry, woken: Woken) -> bool:
        """Wake the first with a message in its hands. False when nobody waits, or on another loop, which may
        not run any more.
        """
        waiter = self._first
        if waiter is None or waiter.loop is not woken.here or waiter.state != waking.WAITING:
            return False
        waiter.state = waking.WOKEN
        waiter.entry = entry
        self._first = None
        self._last_woken = waiter
        woken.waiters.append(waiter)
        return True

    def wake(self, woken: Woken) -> bool:
        """Wake the first who waits: it is one of the `woken`, or on another loop. False when nobody waits."""
        while (waiter := self._next()) is not None:
            if waiter.loop is not woken.here:
                if _wake_elsewhere(waiter):
                    return True
            elif waiter.state == waking.WAITING:  # else it was cancelled, and is about to leave
                waiter.state = waking.WOKEN
                self._last_woken = waiter
                woken.waiters.append(waiter)
                return True
        return False

    def wake_all(self, woken: Woken) -> None:
        while self.wake(woken):
            pass

    def _next(self) -> Waiter | None:
        waiter = self._first
        if waiter is not None:
            self._first = None
        elif self._more:
            waiter, _ = self._more.popitem(last=False)
        return waiter


def _wake_elsewhere(waiter: Waiter) -> bool:
    """False when its loop was closed: nobody will ever run there."""
    try:
        waiter.loop.call_soon_threadsafe(waiter.wake)
    except RuntimeError:
        return False
    return True
