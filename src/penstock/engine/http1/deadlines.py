"""The clock of a connection, as it is told (ARCHITECTURE.md, "Deadlines cost nothing per request").

A phase is what the peer is waited for. The first sweep that finds a phase sets its deadline, a later one
finds it passed: never early, and late by one tick at most. A body is judged by windows: each window of
`body_grace_seconds` has to bring as many octets as the least rate wants, so that octets sent long ago pay for
no stall. A window in which the caller did not read is void.
"""

from penstock.base.limits import Limits

NOBODY = 0  # the peer is not the one to act
HEAD = 1
REST = 2
BODY = 3

_LEAST_WINDOW_SECONDS = 1.0  # a window of nothing would let any rate pass


class Deadlines:
    """`next_deadline` is when the present phase ends, or None; `reading_paused` is set with `pause`."""

    __slots__ = (
        "_body_octets",
        "_body_seconds",
        "_head_seconds",
        "_keep_alive_seconds",
        "_phase",
        "_request",
        "_void",
        "_window_octets",
        "next_deadline",
        "reading_paused",
    )

    def __init__(self, limits: Limits) -> None:
        self.next_deadline: float | None = None
        self.reading_paused = False
        self._head_seconds = limits.head_seconds
        self._keep_alive_seconds = limits.keep_alive_seconds
        self._body_seconds: float | None = None
        self._window_octets = 0
        if limits.min_body_bytes_per_second is not None:
            self._body_seconds = max(limits.body_grace_seconds, _LEAST_WINDOW_SECONDS)
            self._window_octets = int(limits.min_body_bytes_per_second * self._body_seconds)
        self._phase = NOBODY
        self._request = 0
        self._body_octets = 0
        self._void = False

    def pause(self, paused: bool) -> None:
        self.reading_paused = paused
        self._void = self._void or paused

    def is_over(self, now: float, phase: int, request: int, body_octets: int) -> bool:
        """Whether the peer let the deadline of the phase pass. `request` and `body_octets` only count up."""
        if phase != self._phase or request != self._request or (phase == BODY and self._void):
            self._begin(now, phase, request, body_octets)
            return False
        if self.next_deadline is None or now < self.next_deadline:
            return False
        if phase == BODY and body_octets - self._body_octets >= self._window_octets:
            self._begin(now, phase, request, body_octets)
            return False
        return True

    def _begin(self, now: float, phase: int, request: int, body_octets: int) -> None:
        self._phase = phase
        self._request = request
        self._body_octets = body_octets
        self._void = self.reading_paused
        seconds = self._seconds(phase)
        self.next_deadline = None if seconds is None else now + seconds

    def _seconds(self, phase: int) -> float | None:
        if phase == HEAD:
            return self._head_seconds
        if phase == REST:
            return self._keep_alive_seconds
        return self._body_seconds if phase == BODY else None
