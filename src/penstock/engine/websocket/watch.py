"""When silence means something: time for a ping, no pong, no close frame.

Whoever hears the peer only counts; the sweep that calls `look` compares the count with the one it saw last,
and sets a deadline where it changed. A message so costs one addition, and a deadline is at most one sweep
late and never early. Any byte is a sign of life: in the middle of a large frame the peer could not put a
pong.
"""

from penstock.base.limits import Limits

LISTENING, PONG_WANTED, CLOSE_WANTED, STOPPED = range(4)


class Watch:
    __slots__ = ("_limits", "_seen", "_signs", "_stage", "deadline")

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._stage = LISTENING
        self._signs = 0
        self._seen = -1
        self.deadline: float | None = None

    def heard(self) -> None:
        """The peer gave a sign of life, or could not be heard because nobody read."""
        self._signs += 1

    def enter(self, stage: int) -> None:
        self._stage = stage
        self._seen = -1
        self.deadline = None

    def look(self, now: float) -> int:
        """The stage whose time is over, or -1. What is still to come has its time from `now` on."""
        if self._seen != self._signs and not (self._stage == CLOSE_WANTED and self._seen >= 0):
            self._seen = self._signs
            if self._stage == PONG_WANTED:
                self._stage = LISTENING
            self._set_deadline(now)
            return -1
        if self.deadline is None or now < self.deadline:
            return -1
        expired = self._stage
        if expired == LISTENING:
            self._stage = PONG_WANTED if self._limits.pong_seconds is not None else LISTENING
            self._set_deadline(now)
        return expired

    def _set_deadline(self, now: float) -> None:
        seconds = self._seconds()
        self.deadline = None if seconds is None else now + seconds

    def _seconds(self) -> float | None:
        if self._stage == LISTENING:
            return self._limits.ping_seconds
        if self._stage == PONG_WANTED:
            return self._limits.pong_seconds
        return self._limits.close_seconds if self._stage == CLOSE_WANTED else None
