"""Bytes as a client puts them on the wire, right or, where a test wants it, wrong; and what a server's bytes
say.

Everything here is a plain function of its arguments: the mask key is fixed unless it is given, so that the
same call makes the same bytes.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from penstock.engine import octets
from penstock.engine.websocket.frames import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT

KEY = 0x37FA213D  # of the examples in RFC 6455 section 5.7


def websocket_frame(
    opcode: int,
    payload: bytes = b"",
    *,
    final: bool = True,
    reserved: int = 0,
    key: int | None = KEY,
    length_bytes: int | None = None,
    declared_length: int | None = None,
) -> bytes:
    """One frame of a client (RFC 6455 section 5.2).

    `reserved` holds RSV1, RSV2 and RSV3 as 4, 2 and 1. Without a `key` the frame is unmasked, which is
    illegal. `length_bytes` is 0, 2 or 8 for a length that is not in its shortest form, `declared_length` what
    the head says instead of the truth.
    """
    length = len(payload) if declared_length is None else declared_length
    if length_bytes is None:
        length_bytes = 0 if length < 126 else 2 if length < 65536 else 8
    second = {0: length, 2: 126, 8: 127}[length_bytes] | (0 if key is None else 0x80)
    head = bytes((final << 7 | reserved << 4 | opcode, second))
    if length_bytes:
        head += length.to_bytes(length_bytes, "big")
    if key is None:
        return head + payload
    return head + key.to_bytes(4, "big") + octets.unmask(payload, 0, len(payload), key)


def websocket_text(text: str, key: int = KEY) -> bytes:
    return websocket_frame(TEXT, text.encode(), key=key)


def websocket_binary(payload: bytes, key: int = KEY) -> bytes:
    return websocket_frame(BINARY, payload, key=key)


def websocket_ping(payload: bytes = b"", key: int = KEY) -> bytes:
    return websocket_frame(PING, payload, key=key)


def websocket_pong(payload: bytes = b"", key: int = KEY) -> bytes:
    return websocket_frame(PONG, payload, key=key)


def websocket_close(code: int | None = None, reason: str = "", key: int = KEY) -> bytes:
    """A close frame; without a code it is empty."""
    payload = b"" if code is None else code.to_bytes(2, "big") + reason.encode()
    return websocket_frame(CLOSE, payload, key=key)


def websocket_fragments(
    opcode: int, parts: Iterable[bytes], *, reserved: int = 0, key: int = KEY
) -> Iterator[bytes]:
    """One message as a frame for each of `parts`, the first with `opcode` and `reserved` (RFC 6455 section
    5.4)."""
    pending = list(parts)
    last = len(pending) - 1
    for number, part in enumerate(pending):
        yield websocket_frame(
            CONTINUATION if number else opcode,
            part,
            final=number == last,
            reserved=0 if number else reserved,
            key=key,
        )


@dataclass(frozen=True, slots=True)
class ServerFrame:
    """A frame as a server sent it. `reserved` as in `websocket_frame`."""

    opcode: int
    payload: bytes
    final: bool = True
    reserved: int = 0


def read_server_frames(data: bytes) -> list[ServerFrame]:
    """All frames in `data`. ValueError when one is masked, cut, or its length is not in its shortest form."""
    frames: list[ServerFrame] = []
    position = 0
    while position < len(data):
        frame, position = _read_server_frame(data, position)
        frames.append(frame)
    return frames


def _read_server_frame(data: bytes, start: int) -> tuple[ServerFrame, int]:
    if len(data) < start + 2:
        raise ValueError("a frame's head is cut")
    first, length = data[start], data[start + 1]
    if length >= 0x80:
        raise ValueError("a server's frame is masked")
    position = start + 2
    if length >= 126:
        size = 2 if length == 126 else 8
        length = int.from_bytes(data[position : position + size], "big")
        position += size
        if length < (126 if size == 2 else 65536):
            raise ValueError("a frame's length is not in its shortest form, or cut")
    if len(data) < position + length:
        raise ValueError("a frame's payload is cut")
    payload = data[position : position + length]
    return ServerFrame(first & 0x0F, payload, first >= 0x80, first >> 4 & 0x07), position + length
