"""Messages of a WebSocket that the application has not received yet, in order.

Engine events are kept as they are and become dictionaries when they are taken: a flood of tiny messages then
costs the attacked side tens of bytes each instead of hundreds. An empty inbox holds nothing.
"""

from typing import cast

from penstock.engine.websocket.events import BytesMessage, Event, TextMessage

MESSAGE_OVERHEAD_BYTES = 64  # what an empty message costs; so that their number is bounded too


class Inbox:
    __slots__ = ("_events", "size_bytes")

    def __init__(self) -> None:
        self._events: list[Event] = []  # the newest first: what is taken from the end is let go at once
        self.size_bytes = 0

    def __bool__(self) -> bool:
        return bool(self._events)

    def put(self, events: list[Event]) -> None:
        """Add the messages that an engine has just returned; the list is the inbox's from now on."""
        for event in events:
            self.size_bytes += _size(event)
        events.reverse()
        if self._events:
            events += self._events
        self._events = events

    def take(self) -> TextMessage | BytesMessage:
        """The oldest message. The caller has made sure that there is one."""
        event = cast(TextMessage | BytesMessage, self._events.pop())
        if self._events:
            self.size_bytes -= _size(event)
        else:
            self.size_bytes = 0
        return event

    def clear(self) -> None:
        self._events = []
        self.size_bytes = 0


def _size(event: Event) -> int:
    if isinstance(event, TextMessage):
        return len(event.text) + MESSAGE_OVERHEAD_BYTES
    return MESSAGE_OVERHEAD_BYTES + (len(event.data) if isinstance(event, BytesMessage) else 0)
