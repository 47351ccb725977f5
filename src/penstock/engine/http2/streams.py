"""All streams of a connection: which there are, were, and can be (RFC 9113 section 5.1.1).

A stream that is over stays known until `forget`, so that the application can still ask about what it has just
been told. Of those that are forgotten only the ones that we reset are remembered, a bounded number: their
frames may still be on the way, and are no fault.
"""

from penstock.engine.http2 import codes, state
from penstock.engine.http2.faults import ConnectionBroken
from penstock.engine.http2.stream import Stream

_MAX_REMEMBERED = 1000  # resets that the peer may not have heard of; a few octets each


class Streams:
    """`active` counts the peer's streams that are not over, `pushed` ours. `last_id` is the highest that the
    peer has opened, `last_promised` the highest of ours.
    """

    __slots__ = (
        "_over",
        "_recent",
        "_resets",
        "_skipped_from",
        "_skipped_to",
        "active",
        "by_id",
        "initial_send_window",
        "last_id",
        "last_promised",
        "opened",
        "pushed",
    )

    def __init__(self) -> None:
        self.by_id: dict[int, Stream] = {}
        self.active = self.pushed = self.opened = 0
        self.last_id = self.last_promised = 0
        self.initial_send_window = codes.INITIAL_WINDOW
        self._over: list[Stream] = []
        self._resets: dict[int, None] = {}
        self._recent: Stream | None = None
        self._skipped_from = self._skipped_to = 0

    def find(self, stream_id: int) -> Stream | None:
        """The stream, unless it is idle or forgotten. Mostly the one that was last asked for."""
        recent = self._recent
        if recent is not None and recent.stream_id == stream_id:
            return recent
        found = self.by_id.get(stream_id)
        if found is not None:
            self._recent = found
        return found

    def live(self) -> list[Stream]:
        """Those that are not over, in no order."""
        return [stream for stream in self.by_id.values() if not stream.is_over]

    def state_of(self, stream_id: int) -> int:
        """The state of a stream that may be idle or forgotten."""
        highest = self.last_id if stream_id & 1 else self.last_promised
        if stream_id > highest:
            return state.IDLE
        stream = self.find(stream_id)
        if stream is not None:
            return stream.state
        return state.RESET if stream_id in self._resets else state.CLOSED

    def open(self, stream_id: int) -> Stream:
        """A new stream of the peer. Those of lower numbers that it did not use are closed with that."""
        if not stream_id & 1:
            raise ConnectionBroken(
                f"the client opens stream {stream_id}: its streams have odd numbers", codes.PROTOCOL_ERROR
            )
        if stream_id != self.last_id + 2 and stream_id != 1:
            self._skipped_from, self._skipped_to = self.last_id, stream_id
        self.last_id = stream_id
        self.active += 1
        self.opened += 1
        return self._add(stream_id)

    def promise(self) -> Stream:
        """A new stream of ours, reserved."""
        self.last_promised += 2
        self.pushed += 1
        stream = self._add(self.last_promised)
        stream.state = state.stream_next(stream.state, state.SENT_PROMISE)
        return stream

    def was_skipped(self, stream_id: int) -> bool:
        """Whether a closed stream never was another thing, as far as this is remembered."""
        return self._skipped_from < stream_id < self._skipped_to

    def settle(self, stream: Stream, after: int) -> None:
        """The stream is in another state now, and perhaps over."""
        stream.state = after
        if after < state.CLOSED or stream.is_over:
            return
        stream.is_over = True
        self._over.append(stream)
        if stream.stream_id & 1:
            self.active -= 1
        else:
            self.pushed -= 1

    def forget(self) -> int:
        """Let go of the streams that are over; how many octets of their bodies nobody took."""
        if not self._over:
            return 0
        untaken = 0
        for stream in self._over:
            untaken += stream.untaken
            del self.by_id[stream.stream_id]
            if stream.state == state.RESET:
                self._remember(stream.stream_id)
        self._over = []
        self._recent = None
        return untaken

    def _add(self, stream_id: int) -> Stream:
        stream = Stream.__new__(Stream)
        stream.begin(stream_id, self.initial_send_window)
        self.by_id[stream_id] = stream
        return stream

    def _remember(self, stream_id: int) -> None:
        if len(self._resets) >= _MAX_REMEMBERED:
            del self._resets[next(iter(self._resets))]
        self._resets[stream_id] = None
