"""One byte stream fed to fresh engines whole, byte by byte and cut at random: the outcome must be the
same."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field

from penstock.base.limits import Limits
from penstock.engine.websocket.agreement import Agreement
from penstock.engine.websocket.connection import WebSocketConnection
from penstock.engine.websocket.events import Closed, Event
from penstock.testing.wire import ServerFrame, read_server_frames

CLOSE = 8


@dataclass
class Outcome:
    """What an engine said of a byte stream and sent back."""

    events: list[Event] = field(default_factory=list)
    frames: list[ServerFrame] = field(default_factory=list)
    close_wanted: int = 0

    @property
    def messages(self) -> list[Event]:
        return [event for event in self.events if not isinstance(event, Closed)]

    @property
    def closed(self) -> Closed | None:
        last = self.events[-1] if self.events else None
        return last if isinstance(last, Closed) else None

    @property
    def close_code(self) -> int | None:
        """The code in our close frame: None when there was no frame, 0 when it was empty."""
        for frame in self.frames:
            if frame.opcode == CLOSE:
                return int.from_bytes(frame.payload[:2], "big")
        return None


def drain(connection: WebSocketConnection) -> list[Event]:
    """All events, however many batches they come in."""
    events = connection.events()
    while connection.wants_pause:
        events += connection.events()
    return events + connection.events()


def feed(connection: WebSocketConnection, pieces: list[bytes]) -> Outcome:
    outcome = Outcome()
    sent = b""
    for piece in pieces:
        connection.receive_data(piece)
        outcome.events += drain(connection)
        sent += b"".join(connection.data_to_send())
    outcome.frames = read_server_frames(sent)
    outcome.close_wanted = connection.close_wanted
    return outcome


def cuts(data: bytes) -> Iterator[list[bytes]]:
    """`data` whole, byte by byte (when that is bearable), and in pieces of random sizes."""
    yield [data]
    if len(data) <= 5000:
        yield [data[index : index + 1] for index in range(len(data))]
    for seed in range(6):
        generator = random.Random(seed)
        longest = generator.choice([2, 7, 100, 5000]) if len(data) <= 5000 else max(len(data) // 5, 2)
        pieces, position = [], 0
        while position < len(data):
            size = generator.randint(1, longest)
            pieces.append(data[position : position + size])
            position += size
        yield pieces


def fed(data: bytes, limits: Limits | None = None, deflate: Agreement | None = None) -> Outcome:
    """The one outcome of `data`, whatever pieces it comes in."""
    outcomes = [feed(WebSocketConnection(limits or Limits(), deflate), pieces) for pieces in cuts(data)]
    for outcome in outcomes:
        assert outcome == outcomes[0]
    return outcomes[0]
