"""The sweep of a connection: which wait of `deadlines` is on, and what follows when it is over.

A peer that is late for its head or for our settings breaks the connection; a body that is late is answered
with 408, a response that is not taken is reset, and a connection without streams ends politely.
"""

from penstock.base.limits import Limits
from penstock.engine.http2 import codes, deadlines
from penstock.engine.http2.bodies import BodyReader
from penstock.engine.http2.control import ControlReader
from penstock.engine.http2.deadlines import StreamDeadlines, Timer
from penstock.engine.http2.events import Event
from penstock.engine.http2.faults import ConnectionBroken
from penstock.engine.http2.receiving import RequestReader
from penstock.engine.http2.responding import Responder


class Watch:
    __slots__ = (
        "_bodies",
        "_close_seconds",
        "_control",
        "_farewell",
        "_head",
        "_head_seconds",
        "_idle",
        "_keep_alive_seconds",
        "_reader",
        "_settings",
        "_settings_seconds",
        "_streams",
    )

    def __init__(
        self, limits: Limits, reader: RequestReader, control: ControlReader, bodies: BodyReader
    ) -> None:
        self._reader = reader
        self._control = control
        self._bodies = bodies
        self._head = Timer()
        self._idle = Timer()
        self._settings = Timer()
        self._farewell = Timer()
        self._streams = StreamDeadlines(limits)
        self._head_seconds = limits.head_seconds
        self._keep_alive_seconds = limits.keep_alive_seconds
        self._settings_seconds = limits.settings_seconds
        self._close_seconds = limits.close_seconds

    @property
    def next_deadline(self) -> float | None:
        """The earliest that the last sweep found, or None."""
        timers = (self._head, self._idle, self._settings, self._farewell)
        found = [timer.deadline for timer in timers if timer.deadline >= 0]
        if self._streams.next_deadline >= 0:
            found.append(self._streams.next_deadline)
        return min(found, default=None)

    def is_farewell_over(self, now: float) -> bool:
        """Whether the peer does not answer our PING."""
        return self._farewell.is_over(now, 0, self._close_seconds)

    def judge_connection(self, now: float) -> None:
        """ConnectionBroken for a peer that does not end what it began, or does not read our settings."""
        if self._head.is_over(now, self._head_key(), self._head_seconds):
            raise ConnectionBroken(
                "the head of a request, or a frame, took too long", codes.ENHANCE_YOUR_CALM
            )
        owes_ack = self._control.has_settings and not self._control.is_acknowledged
        if self._settings.is_over(now, 0 if owes_ack else deadlines.NOTHING, self._settings_seconds):
            raise ConnectionBroken("our SETTINGS were not acknowledged in time", codes.SETTINGS_TIMEOUT)

    def is_idle_over(self, now: float) -> bool:
        """Whether there was no stream for longer than that may be. What else is sent does not count."""
        streams = self._reader.streams()
        is_idle = streams.active == 0 and streams.pushed == 0 and self._control.has_settings
        return self._idle.is_over(
            now, streams.opened if is_idle else deadlines.NOTHING, self._keep_alive_seconds
        )

    def judge_streams(
        self, now: float, responder: Responder, reading_paused: bool, events: list[Event]
    ) -> None:
        """Answer or reset the streams whose peer is late, and append what the application has to know."""
        self._streams.begin()
        for stream in responder.streams.live():
            room = 0 if reading_paused else self._bodies.room()
            if self._streams.is_body_late(stream, now, room):
                self._reader.refuse(stream.stream_id, 408, "the body of the request comes too slowly", events)
            window = 1 if responder.writer.paused else responder.sender.window
            if not stream.is_over and self._streams.is_stalled(stream, now, window):
                self._reader.break_stream(
                    stream.stream_id,
                    codes.ENHANCE_YOUR_CALM,
                    "the client takes nothing of the response",
                    events,
                )

    def _head_key(self) -> int:
        """What is waited for while nothing can be made of what came: one head after another."""
        if not self._control.has_settings:
            return 0
        if self._reader.block.stream_id or self._reader.frames.holds_control():
            return 1 + self._reader.streams().opened
        return deadlines.NOTHING
