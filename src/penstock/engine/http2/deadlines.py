"""What a peer is waited for, and how long (ARCHITECTURE.md, "Deadlines cost nothing per request").

The first sweep that finds a wait sets its deadline, a later one finds it passed: never early, late by one
tick at most. The connection is waited for as a whole (a head, a new request, our settings, the end); each
stream for its body and for its window. A body is judged by windows of `body_grace_seconds`, and only while
the peer had room to send what is asked of it.
"""

from penstock.base.limits import Limits
from penstock.engine.http2 import state
from penstock.engine.http2.stream import Stream

NOTHING = -1  # as a key: nobody is waited for

_LEAST_WINDOW_SECONDS = 1.0  # a window of nothing would let any rate pass


class Timer:
    """One wait. A new key is a new one; `deadline` is when the present one ends, or -1."""

    __slots__ = ("_key", "deadline")

    def __init__(self) -> None:
        self._key = NOTHING
        self.deadline = -1.0

    def is_over(self, now: float, key: int, seconds: float | None) -> bool:
        if key == NOTHING or seconds is None:
            self._key = NOTHING
            self.deadline = -1.0
            return False
        if key != self._key:
            self._key = key
            self.deadline = now + seconds
            return False
        return now >= self.deadline


class StreamDeadlines:
    """`next_deadline` is the earliest of those that were judged since `begin`, or -1."""

    __slots__ = ("_close_seconds", "_grace_seconds", "_stall_seconds", "_window_octets", "next_deadline")

    def __init__(self, limits: Limits) -> None:
        self.next_deadline = -1.0
        self._grace_seconds = max(limits.body_grace_seconds, _LEAST_WINDOW_SECONDS)
        rate = limits.min_body_bytes_per_second
        self._window_octets = 0 if rate is None else int(rate * self._grace_seconds)
        self._stall_seconds = limits.write_stall_seconds
        self._close_seconds = limits.close_seconds

    def begin(self) -> None:
        self.next_deadline = -1.0

    def is_body_late(self, stream: Stream, now: float, room: int) -> bool:
        """Whether the body comes too slowly; `room` is what the connection lets the peer send."""
        if not self._owes_body(stream, room):
            stream.receive_since = -1.0
            return False
        if stream.receive_since >= 0 and now < stream.receive_since + self._grace_seconds:
            self._note(stream.receive_since + self._grace_seconds)
            return False
        received = stream.body_bytes_received - stream.mark_received
        if stream.receive_since >= 0 and received < self._window_octets:
            return True
        stream.receive_since = now
        stream.mark_received = stream.body_bytes_received
        self._note(now + self._grace_seconds)
        return False

    def is_stalled(self, stream: Stream, now: float, room: int) -> bool:
        """Whether the peer takes nothing of what waits for it, or does not end a tunnel that we have ended;
        `room` is what the connection may send.
        """
        seconds = self._patience_with(stream, room)
        if seconds is None or stream.octets_sent != stream.mark_sent:
            stream.send_since = -1.0
            stream.mark_sent = stream.octets_sent
        if seconds is None:
            return False
        if stream.send_since < 0:
            stream.send_since = now
        self._note(stream.send_since + seconds)
        return now >= stream.send_since + seconds

    def _owes_body(self, stream: Stream, room: int) -> bool:
        if self._window_octets == 0 or stream.state != state.OPEN or stream.is_tunnel:
            return False
        if stream.expects_continue or stream.window is None:
            return False
        return stream.window.left >= self._window_octets and room >= self._window_octets

    def _patience_with(self, stream: Stream, room: int) -> float | None:
        if stream.state == state.HALF_LOCAL:
            return self._close_seconds
        if stream.pending > 0 and (stream.send_window <= 0 or room <= 0):
            return self._stall_seconds
        return None

    def _note(self, deadline: float) -> None:
        if self.next_deadline < 0 or deadline < self.next_deadline:
            self.next_deadline = deadline
