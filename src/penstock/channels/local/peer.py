"""A process as the hub sees it."""

from typing import Protocol

from penstock.channels.local.frames import MISSED, Frame
from penstock.channels.local.share import Share

SLOW = "this process did not read for so long that messages for it were dropped"


class Line(Protocol):
    """How frames reach a process: a `Wire`, or nothing at all between the hub and its own process."""

    backlog_bytes: int

    def post(self, frame: Frame) -> None: ...

    def close(self) -> None: ...


class Peer:
    """`share` are the memberships of channels that this process reads, `watches` those of its watchers."""

    __slots__ = ("_line", "_max_backlog_bytes", "client", "has_missed", "heard_at", "share", "watches")

    def __init__(
        self, client: str, line: Line, now: float, group_expiry: float, max_backlog_bytes: int
    ) -> None:
        self.client = client
        self.heard_at = now
        self.share = Share(group_expiry)
        self.watches = Share(group_expiry)
        self.has_missed = False
        self._line = line
        self._max_backlog_bytes = max_backlog_bytes

    def post(self, frame: Frame) -> None:
        """An answer, or whatever else the process has asked for and waits for."""
        self._line.post(frame)

    def post_message(self, frame: Frame) -> bool:
        """What others send it. False when it reads so slowly that it cannot have this one."""
        if self._line.backlog_bytes > self._max_backlog_bytes:
            self.has_missed = True
            return False
        if self.has_missed:
            self.tell_missed()
        self._line.post(frame)
        return True

    def tell_missed(self) -> None:
        """Where in the order something is missing, once there is room again."""
        if self.has_missed and 2 * self._line.backlog_bytes < self._max_backlog_bytes:
            self.has_missed = False
            self._line.post((MISSED, 0, SLOW))

    def close(self) -> None:
        self._line.close()

    def channels(self) -> list[str]:
        """All that are members or watchers."""
        return sorted({*self.share.channels(), *self.watches.channels()})
