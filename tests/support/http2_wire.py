"""Frames of HTTP/2 as bytes, and a client that speaks them to an engine (RFC 9113 section 4).

Everything is put together by hand, so that a test can break any rule; only field blocks are made and read by
the hpack library, which judges ours.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import hpack

from penstock.base.limits import Limits
from penstock.engine.defaults import ResponseDefaults
from penstock.engine.http2.connection import Http2Connection

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
NAMES = (
    *("DATA", "HEADERS", "PRIORITY", "RST_STREAM", "SETTINGS"),
    *("PUSH_PROMISE", "PING", "GOAWAY", "WINDOW_UPDATE", "CONTINUATION"),
)
KINDS = {name: number for number, name in enumerate(NAMES)} | {"PRIORITY_UPDATE": 16, "UNKNOWN": 0xFA}
ACK = END_STREAM = 0x1
END_HEADERS = 0x4
PADDED = 0x8
HAS_PRIORITY = 0x20
ERRORS = (
    *("NO_ERROR", "PROTOCOL_ERROR", "INTERNAL_ERROR", "FLOW_CONTROL_ERROR", "SETTINGS_TIMEOUT"),
    *("STREAM_CLOSED", "FRAME_SIZE_ERROR", "REFUSED_STREAM", "CANCEL", "COMPRESSION_ERROR"),
    *("CONNECT_ERROR", "ENHANCE_YOUR_CALM", "INADEQUATE_SECURITY", "HTTP_1_1_REQUIRED"),
)

Pairs = Iterable[tuple[bytes, bytes]]
GET = ((b":method", b"GET"), (b":scheme", b"http"), (b":path", b"/"), (b":authority", b"example.com"))
POST = ((b":method", b"POST"), *GET[1:])


def frame(name: str, stream_id: int = 0, payload: bytes = b"", flags: int = 0) -> bytes:
    return len(payload).to_bytes(3) + bytes((KINDS[name], flags)) + stream_id.to_bytes(4) + payload


def settings(*pairs: tuple[int, int]) -> bytes:
    return frame("SETTINGS", 0, b"".join(name.to_bytes(2) + value.to_bytes(4) for name, value in pairs))


def settings_ack() -> bytes:
    return frame("SETTINGS", flags=ACK)


def window_update(stream_id: int, increment: int) -> bytes:
    return frame("WINDOW_UPDATE", stream_id, increment.to_bytes(4))


def reset(stream_id: int, code: str = "CANCEL") -> bytes:
    return frame("RST_STREAM", stream_id, ERRORS.index(code).to_bytes(4))


def data(stream_id: int, payload: bytes = b"", end: bool = False) -> bytes:
    return frame("DATA", stream_id, payload, END_STREAM if end else 0)


@dataclass(frozen=True)
class Frame:
    """A frame of the engine, with its fields where it has any."""

    name: str
    stream_id: int
    flags: int
    payload: bytes
    fields: tuple[tuple[bytes, bytes], ...] = ()

    @property
    def ends(self) -> bool:
        return self.name in ("DATA", "HEADERS") and bool(self.flags & END_STREAM)

    @property
    def number(self) -> int:
        """The number that WINDOW_UPDATE and RST_STREAM consist of."""
        return int.from_bytes(self.payload)

    @property
    def error(self) -> str:
        """The error code of RST_STREAM and GOAWAY."""
        at = 4 if self.name == "GOAWAY" else 0
        return ERRORS[int.from_bytes(self.payload[at : at + 4])]


def cut_frames(stream: bytes) -> Iterator[tuple[str, int, int, bytes]]:
    """Name, flags, stream and payload of every frame; nothing may be left over."""
    at = 0
    while at < len(stream):
        size, kind, flags = int.from_bytes(stream[at : at + 3]), stream[at + 3], stream[at + 4]
        payload = stream[at + 9 : at + 9 + size]
        assert len(payload) == size, "the last frame is cut short"
        yield NAMES[kind], flags, int.from_bytes(stream[at + 5 : at + 9]), payload
        at += 9 + size


class Client:
    """The far end of an engine. `events` are those of the last telling."""

    def __init__(self, engine: Any) -> None:
        self.engine = engine
        self.events: list[Any] = []
        self.opened: set[int] = set()
        self._encoder = hpack.Encoder()
        self._decoder = hpack.Decoder()
        self._decoder.max_header_list_size = 1 << 24
        self._block = b""
        self._next_id = 1

    def greet(self, *pairs: tuple[int, int]) -> "Client":
        """The preface, our settings, and the acknowledgement of theirs."""
        self.tell(PREFACE + settings(*pairs) + settings_ack())
        return self

    def tell(self, octets: bytes) -> list[Any]:
        self.engine.receive_data(octets)
        self.events = self.engine.events()
        return self.events

    def headers(
        self, stream_id: int, fields: Pairs = GET, end: bool = True, flags: int = END_HEADERS
    ) -> bytes:
        self.opened.add(stream_id)
        return frame("HEADERS", stream_id, self.block(fields), flags | (END_STREAM if end else 0))

    def block(self, fields: Pairs) -> bytes:
        return self._encoder.encode(list(fields), huffman=True)

    def ask(self, fields: Pairs = GET, body: bytes | None = None) -> int:
        """A whole request on a new stream."""
        stream_id, self._next_id = self._next_id, self._next_id + 2
        octets = self.headers(stream_id, fields, end=body is None)
        self.tell(octets if body is None else octets + data(stream_id, body, end=True))
        return stream_id

    def read(self) -> list[Frame]:
        """The frames that came since the last reading."""
        output = b""
        while pieces := self.engine.data_to_send():
            output += b"".join(pieces)
        return list(self._frames(output))

    def _frames(self, output: bytes) -> Iterator[Frame]:
        first: tuple[str, int, int, bytes] | None = None
        for name, flags, stream_id, payload in cut_frames(output):
            if name in ("HEADERS", "PUSH_PROMISE"):
                first, self._block = (name, flags, stream_id, payload), payload
            elif name == "CONTINUATION":
                self._block += payload
            else:
                yield Frame(name, stream_id, flags, payload)
                continue
            if flags & END_HEADERS and first is not None:
                yield self._decoded(*first)

    def _decoded(self, name: str, flags: int, stream_id: int, payload: bytes) -> Frame:
        promised = 4 if name == "PUSH_PROMISE" else 0
        fields = self._decoder.decode(self._block[promised:], raw=True)
        pairs = tuple((bytes(key), bytes(value)) for key, value in fields)
        return Frame(name, stream_id, flags, payload[:promised] or self._block, pairs)


def connection(**limits: Any) -> Http2Connection:
    return Http2Connection(Limits(**limits), ResponseDefaults(b"", (), False))


def client(*pairs: tuple[int, int], **limits: Any) -> Client:
    """A client that has greeted an engine with these limits, and read its greeting."""
    greeted = Client(connection(**limits)).greet(*pairs)
    greeted.read()
    return greeted


def names(frames: Iterable[Frame]) -> list[str]:
    return [each.name for each in frames]


def told(events: Iterable[Any]) -> list[str]:
    return [type(event).__name__ for event in events]
