"""A WebSocket client that sends the frames it is told to, right or wrong, and reads frames as they come.

RFC 6455 sections 4.1 and 5.2. It answers nothing by itself: pings and closes are frames like others.
"""

import base64
import hashlib
import os
import struct
from collections.abc import Iterable
from dataclasses import dataclass

from tests.support.raw_client import RawClient, Response, request

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


@dataclass(frozen=True)
class Frame:
    opcode: int
    payload: bytes
    final: bool = True
    compressed: bool = False

    @property
    def close_code(self) -> int | None:
        assert self.opcode == CLOSE, f"not a close frame: {self}"
        return int.from_bytes(self.payload[:2], "big") if self.payload else None

    @property
    def close_reason(self) -> str:
        return self.payload[2:].decode()


class RawWebSocket:
    """The client's side of a WebSocket on a connection that belongs to the caller."""

    def __init__(self, client: RawClient) -> None:
        self.client = client
        self.key = base64.b64encode(os.urandom(16))

    def send_handshake(self, target: str = "/", fields: Iterable[tuple[str, str]] = ()) -> None:
        opening = [
            ("upgrade", "websocket"),
            ("connection", "Upgrade"),
            ("sec-websocket-version", "13"),
            ("sec-websocket-key", self.key.decode()),
        ]
        self.client.send(request("GET", target, [*opening, *fields]))

    def read_handshake(self) -> Response:
        """The head of the 101, with the accept value checked; fails on any other status."""
        head = self.client.read_until(b"\r\n\r\n")
        start, *lines = head.removesuffix(b"\r\n\r\n").split(b"\r\n")
        assert start.startswith(b"HTTP/1.1 101 "), head
        pairs = [line.split(b":", 1) for line in lines]
        response = Response(status=101, fields=[(name.lower(), value.strip()) for name, value in pairs])
        digest = base64.b64encode(hashlib.sha1(self.key + GUID, usedforsecurity=False).digest())
        assert response.values(b"sec-websocket-accept") == [digest]
        return response

    def handshake(self, target: str = "/", fields: Iterable[tuple[str, str]] = ()) -> Response:
        self.send_handshake(target, fields)
        return self.read_handshake()

    def send_frame(self, opcode: int, payload: bytes = b"", final: bool = True) -> None:
        self.client.send(build_frame(opcode, payload, final))

    def send_close(self, code: int, reason: str = "") -> None:
        self.send_frame(CLOSE, struct.pack("!H", code) + reason.encode())

    def read_frame(self) -> Frame:
        first, second = self.client.read_exactly(2)
        assert not second & 0x80, "a server must not mask"
        length = second & 0x7F
        if length >= 126:
            length = int.from_bytes(self.client.read_exactly(2 if length == 126 else 8), "big")
        payload = self.client.read_exactly(length)
        return Frame(first & 0x0F, payload, bool(first & 0x80), bool(first & 0x40))

    def read_close(self) -> Frame:
        """The next close frame; data before it is passed by."""
        while (frame := self.read_frame()).opcode != CLOSE:
            pass
        return frame


def build_frame(
    opcode: int, payload: bytes = b"", final: bool = True, mask: bytes = b"\x01\x02\x03\x04"
) -> bytes:
    """A masked frame."""
    head = bytes([opcode | (0x80 if final else 0)])
    if len(payload) < 126:
        head += bytes([0x80 | len(payload)])
    elif len(payload) < 65536:
        head += struct.pack("!BH", 0x80 | 126, len(payload))
    else:
        head += struct.pack("!BQ", 0x80 | 127, len(payload))
    return head + mask + _masked(payload, mask)


def _masked(payload: bytes, mask: bytes) -> bytes:
    repeated = (mask * (len(payload) // 4 + 1))[: len(payload)]
    value = int.from_bytes(payload, "big") ^ int.from_bytes(repeated, "big")
    return value.to_bytes(len(payload), "big")
