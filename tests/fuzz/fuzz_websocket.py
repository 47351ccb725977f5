"""Whatever bytes come in whatever pieces, the WebSocket engine raises nothing, ends once, frames well, and
stays in its limits.

    python -m tests.fuzz.fuzz_websocket --seconds 60 --seed 1

Every case has a number of its own, printed when it fails: `--seed <number> --seconds 0` runs that one alone.
"""

import random
import zlib

from tests.support.fuzzing import main

from penstock.base.errors import LocalProtocolError
from penstock.base.limits import Limits
from penstock.engine.closing import KEEP_OPEN
from penstock.engine.websocket.agreement import agree
from penstock.engine.websocket.connection import MAX_INFLATED_BATCH_BYTES, WebSocketConnection
from penstock.engine.websocket.events import BytesMessage, Closed, Event, TextMessage
from penstock.engine.websocket.extensions import parse_extensions
from penstock.testing.wire import read_server_frames, websocket_close, websocket_fragments, websocket_frame

CLOSE_FRAME = 8
OFFERS = [
    b"permessage-deflate",
    b"permessage-deflate; client_no_context_takeover",
    b"permessage-deflate; server_no_context_takeover; server_max_window_bits=8",
    b"permessage-deflate; client_max_window_bits=9; server_max_window_bits=9",
]
SIZES = [0, 1, 7, 8, 100, 125, 126, 127, 1000, 65535, 65536]


class Case:
    """One connection with random limits, fed and used at random until it ends or the stream does."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._compressor = zlib.compressobj(wbits=-self._random.choice([9, 15]))
        self._limits = Limits(
            max_message_bytes=self._random.choice([100, 10_000, 1 << 20]),
            max_frame_bytes=self._random.choice([100, 10_000, 1 << 20]),
            deflate_min_bytes=self._random.choice([0, 50]),
            deflate_memory_bytes=1 << 20,
        )
        offer = parse_extensions(self._random.choice(OFFERS)) if self._random.random() < 0.6 else []
        self._engine = WebSocketConnection(self._limits, agree(offer, self._limits))
        self._events: list[Event] = []
        self._sent = b""
        self._now = 0.0

    def run(self) -> None:
        stream = b"".join(self._part() for _ in range(self._random.randint(1, 12)))
        for piece in self._cut(self._spoilt(stream)):
            self._engine.receive_data(piece)
            self._collect()
            if self._random.random() < 0.1:
                self._use()
        if self._random.random() < 0.5:
            self._engine.receive_eof()
        self._collect()
        self._check_the_end()

    def _part(self) -> bytes:
        choice = self._random.random()
        if choice < 0.5:
            return self._message()
        if choice < 0.7:
            return websocket_frame(self._random.choice([9, 10]), self._bytes(self._random.randint(0, 125)))
        if choice < 0.8:
            code = self._random.choice([None, 1000, 1005, 3000, self._random.randint(0, 65535)])
            return websocket_close(code, "" if code is None else "reason")
        return websocket_frame(
            self._random.randint(0, 15),
            self._bytes(self._random.choice(SIZES[:8])),
            final=self._random.random() < 0.7,
            reserved=self._random.choice([0, 0, 0, 4, self._random.randint(0, 7)]),
            key=self._random.choice([None, 0, self._random.getrandbits(32)]),
            declared_length=self._random.choice([None, None, self._random.getrandbits(64)]),
        )

    def _message(self) -> bytes:
        opcode = self._random.choice([1, 2])
        payload = self._bytes(self._random.choice(SIZES))
        if opcode == 1 and self._random.random() < 0.8:
            payload = payload.decode("latin-1").encode()
        reserved = self._random.choice([0, 4])
        if reserved:
            payload = self._compressor.compress(payload) + self._compressor.flush(zlib.Z_SYNC_FLUSH)
            payload = payload.removesuffix(b"\x00\x00\xff\xff")
        parts = self._cut(payload) if self._random.random() < 0.5 else [payload]
        key = self._random.getrandbits(32)
        return b"".join(websocket_fragments(opcode, parts or [b""], reserved=reserved, key=key))

    def _bytes(self, size: int) -> bytes:
        return self._random.randbytes(size) if self._random.random() < 0.5 else bytes(size)

    def _spoilt(self, stream: bytes) -> bytes:
        spoilt = bytearray(stream)
        for _ in range(self._random.choice([0, 0, 0, 1, 5])):
            if spoilt:
                spoilt[self._random.randrange(len(spoilt))] = self._random.getrandbits(8)
        return bytes(
            spoilt[: self._random.choice([len(spoilt), len(spoilt), self._random.randint(0, len(spoilt))])]
        )

    def _cut(self, data: bytes) -> list[bytes]:
        longest = self._random.choice([max(len(data), 1), len(data) // 3 + 1, len(data) // 50 + 1])
        pieces, position = [], 0
        while position < len(data):
            size = self._random.randint(1, longest)
            pieces.append(data[position : position + size])
            position += size
        return pieces

    def _use(self) -> None:
        """What an application and a sweep do in between; both may come too late."""
        self._now += self._random.choice([0.1, 5.0, 30.0])
        self._engine.handle_deadline(self._now)
        try:
            self._random.choice(
                [
                    lambda: self._engine.send_text("text " * self._random.randint(0, 50)),
                    lambda: self._engine.send_bytes(self._bytes(self._random.choice(SIZES))),
                    lambda: self._engine.send_ping(b"ping"),
                    lambda: self._engine.send_close(1000, "enough") if self._random.random() < 0.2 else None,
                ]
            )()
        except LocalProtocolError:
            assert not self._engine.is_open
        self._collect()

    def _collect(self) -> None:
        while True:
            batch = self._engine.events()
            assert sum(map(_size, batch[:-1])) <= MAX_INFLATED_BATCH_BYTES + (1 << 20), "a batch is too large"
            self._events += batch
            self._sent += b"".join(self._engine.data_to_send())
            if not batch and not self._engine.wants_pause:
                return

    def _check_the_end(self) -> None:
        ends = [event for event in self._events if isinstance(event, Closed)]
        frames = read_server_frames(self._sent)
        assert len(ends) == (self._engine.close_wanted != KEEP_OPEN), "it ends once"
        assert not ends or self._events[-1] is ends[0], "nothing comes after the end"
        assert sum(frame.opcode == CLOSE_FRAME for frame in frames) <= 1, "one close frame at most"
        assert all(frame.final and not frame.reserved & 3 for frame in frames), "frames are whole"
        assert all(_size(event) <= self._limits.max_message_bytes for event in self._events), "in its limits"


def _size(event: Event) -> int:
    if isinstance(event, BytesMessage):
        return len(event.data)
    return len(event.text.encode()) if isinstance(event, TextMessage) else 0


def run_case(number: int) -> None:
    Case(number).run()


if __name__ == "__main__":
    main(run_case, __doc__)
