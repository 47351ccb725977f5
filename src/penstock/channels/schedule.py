"""What is to be done later, in the order of time, with one timer for all of it."""

import heapq
import itertools
import secrets
import threading
from collections.abc import Callable

from penstock.channels.clock import Clock, Timer
from penstock.channels.settings import MOST_SECONDS

Action = Callable[[], None]
TOKEN_BYTES = 12
SLACK = 64  # cancelled ones that may lie in the heap before it is tidied


def checked_seconds(seconds: object) -> float:
    """A delay as an application gives it."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise TypeError(f"got {seconds!r}; expected a number of seconds")
    if not 0 <= seconds <= MOST_SECONDS:
        shown = "a number of many digits" if abs(seconds) > MOST_SECONDS else repr(seconds)
        raise ValueError(f"got {shown}; expected seconds, from 0 to {MOST_SECONDS}")
    return float(seconds)


class Schedule:
    """Usable from any thread. Actions run in the clock's, without a lock; they may not block or raise."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._actions: dict[str, Action] = {}
        self._heap: list[tuple[float, int, str]] = []
        self._order = itertools.count()
        self._timer: Timer | None = None
        self._timer_at = 0.0
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._actions)

    def at(self, when: float, action: Action) -> str:
        """Returns a token for `cancel`, not to be guessed."""
        token = secrets.token_hex(TOKEN_BYTES)
        with self._lock:
            self._actions[token] = action
            heapq.heappush(self._heap, (when, next(self._order), token))
            self._set_timer()
        return token

    def cancel(self, token: str) -> bool:
        """False when it was done before, or cancelled."""
        with self._lock:
            if self._actions.pop(token, None) is None:
                return False
            if len(self._heap) > 2 * len(self._actions) + SLACK:
                self._heap = [each for each in self._heap if each[2] in self._actions]
                heapq.heapify(self._heap)
            return True

    def clear(self) -> None:
        with self._lock:
            self._actions.clear()
            self._heap.clear()
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None

    def _set_timer(self) -> None:
        """With the lock held: the timer is for the first that is to be done."""
        if not self._heap:
            return
        when = self._heap[0][0]
        if self._timer is not None and self._timer_at <= when:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._timer, self._timer_at = self._clock.call_at(when, self._run), when

    def _run(self) -> None:
        """The time of the first has come."""
        due = []
        now = self._clock.now()
        with self._lock:
            self._timer = None
            while self._heap and self._heap[0][0] <= now:
                _, _, token = heapq.heappop(self._heap)
                if (action := self._actions.pop(token, None)) is not None:
                    due.append(action)
            self._set_timer()
        for action in due:
            action()
