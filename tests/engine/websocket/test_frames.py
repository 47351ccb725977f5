"""Framing as the peer may and may not do it: RFC 6455 section 5.2 to 5.5, each case at every cut."""

import pytest
from tests.engine.websocket.feeding import fed

from penstock.engine.closing import KEEP_OPEN, LINGER
from penstock.engine.websocket.events import BytesMessage, Closed, TextMessage
from penstock.testing.wire import (
    ServerFrame,
    websocket_binary,
    websocket_fragments,
    websocket_frame,
    websocket_ping,
    websocket_pong,
    websocket_text,
)

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10

SIZES = [0, 1, 2, 7, 8, 9, 124, 125, 126, 127, 128, 4096, 65535, 65536, 65537, 131072]


@pytest.mark.parametrize("size", SIZES)
def test_asgi_101_a_text_of_any_size_is_one_message(size: int) -> None:
    """Sections 5.2 and 5.6: every form of the length, and none at all."""
    text = ("0123456789é€𝄞" * (size // 16 + 1)).encode()[:size].decode(errors="ignore")
    outcome = fed(websocket_text(text))
    assert outcome.events == [TextMessage(text)]
    assert (outcome.frames, outcome.close_wanted) == ([], KEEP_OPEN)


@pytest.mark.parametrize("size", SIZES)
def test_asgi_101_bytes_of_any_size_are_one_message(size: int) -> None:
    """Sections 5.2 and 5.6."""
    data = (bytes(range(256)) * (size // 256 + 1))[:size]
    outcome = fed(websocket_binary(data))
    assert outcome.events == [BytesMessage(data)]
    assert outcome.frames == []


@pytest.mark.parametrize("key", [0, 1, 0xFF000000, 0x01020304, 0xFFFFFFFF])
def test_every_mask_is_taken_off(key: int) -> None:
    """Section 5.3."""
    assert fed(websocket_binary(bytes(range(100)), key)).events == [BytesMessage(bytes(range(100)))]


def test_many_messages_in_one_read_come_out_together_and_in_order() -> None:
    data = b"".join(websocket_text(f"message {number}") for number in range(200))
    assert fed(data).events == [TextMessage(f"message {number}") for number in range(200)]


def refused(data: bytes) -> Closed:
    """`data`, behind a good message and before one that nobody may hear, is answered by 1002."""
    outcome = fed(websocket_text("good") + data + websocket_text("unheard"))
    assert outcome.messages == [TextMessage("good")]
    assert outcome.close_code == 1002
    assert outcome.close_wanted == LINGER
    assert outcome.closed is not None
    assert (outcome.closed.code, outcome.closed.reason) == (1006, outcome.frames[-1].payload[2:].decode())
    return outcome.closed


@pytest.mark.parametrize("opcode", [TEXT, BINARY, PING, PONG, CLOSE])
def test_an_unmasked_frame_is_refused(opcode: int) -> None:
    """Section 5.1: a server closes upon a frame that is not masked."""
    assert "masked" in refused(websocket_frame(opcode, b"\x03\xe8", key=None)).reason


@pytest.mark.parametrize("reserved", range(1, 8))
@pytest.mark.parametrize("opcode", [TEXT, BINARY, PING, PONG, CLOSE])
def test_reserved_bits_are_refused_where_no_extension_gave_them_a_meaning(opcode: int, reserved: int) -> None:
    """Section 5.2: RSV1, RSV2, RSV3."""
    refused(websocket_frame(opcode, b"\x03\xe8", reserved=reserved))


@pytest.mark.parametrize("reserved", range(1, 8))
def test_reserved_bits_are_refused_in_a_continuation(reserved: int) -> None:
    """Section 5.2."""
    start = websocket_frame(TEXT, b"a", final=False)
    refused(start + websocket_frame(CONTINUATION, b"b", reserved=reserved))


@pytest.mark.parametrize("opcode", [3, 4, 5, 6, 7, 11, 12, 13, 14, 15])
@pytest.mark.parametrize("payload", [b"", b"payload"])
def test_reserved_opcodes_are_refused(opcode: int, payload: bytes) -> None:
    """Section 5.2: %x3-7 and %xB-F."""
    assert str(opcode) in refused(websocket_frame(opcode, payload)).reason


@pytest.mark.parametrize(("size", "length_bytes"), [(0, 2), (125, 2), (0, 8), (125, 8), (126, 8), (65535, 8)])
def test_a_length_that_is_not_in_its_shortest_form_is_refused(size: int, length_bytes: int) -> None:
    """Section 5.2: the minimal number of bytes MUST be used."""
    assert "shortest" in refused(websocket_frame(BINARY, bytes(size), length_bytes=length_bytes)).reason


@pytest.mark.parametrize("length", [1 << 63, (1 << 64) - 1])
def test_a_length_with_its_highest_bit_set_is_refused(length: int) -> None:
    """Section 5.2: the most significant bit MUST be 0."""
    assert "highest bit" in refused(websocket_frame(BINARY, declared_length=length)).reason


@pytest.mark.parametrize("opcode", [PING, PONG, CLOSE])
@pytest.mark.parametrize("size", [126, 127, 65536])
def test_a_control_frame_with_a_long_length_is_refused(opcode: int, size: int) -> None:
    """Section 5.5: at most 125 bytes."""
    refused(websocket_frame(opcode, bytes(size)))
    refused(websocket_frame(opcode, b"x", length_bytes=2))


@pytest.mark.parametrize("opcode", [PING, PONG, CLOSE])
def test_a_fragmented_control_frame_is_refused(opcode: int) -> None:
    """Section 5.5: control frames MUST NOT be fragmented."""
    refused(websocket_frame(opcode, b"", final=False) + websocket_frame(CONTINUATION, b""))


@pytest.mark.parametrize("size", [0, 1, 124, 125])
def test_asgi_103_a_ping_is_answered_with_its_payload(size: int) -> None:
    """Section 5.5.2 and 5.5.3."""
    payload = bytes(range(size))
    outcome = fed(websocket_ping(payload))
    assert outcome.frames == [ServerFrame(PONG, payload)]
    assert outcome.events == []


def test_every_ping_of_many_is_answered_in_order() -> None:
    """Section 5.5.3."""
    outcome = fed(b"".join(websocket_ping(b"%d" % number) for number in range(10)))
    assert outcome.frames == [ServerFrame(PONG, b"%d" % number) for number in range(10)]


def test_a_pong_that_nobody_asked_for_is_dropped() -> None:
    """Section 5.5.3: a unidirectional heartbeat; a response is not expected."""
    outcome = fed(websocket_pong() + websocket_pong(b"x" * 125) + websocket_text("on"))
    assert (outcome.frames, outcome.events) == ([], [TextMessage("on")])


@pytest.mark.parametrize(
    "parts", [[b"", b""], [b"a", b"b"], [b"", b"a", b""], [b"abc"] * 40, [b"x" * 200] * 30]
)
@pytest.mark.parametrize("opcode", [TEXT, BINARY])
def test_asgi_102_fragments_become_one_message(opcode: int, parts: list[bytes]) -> None:
    """Section 5.4."""
    whole = b"".join(parts)
    expected = TextMessage(whole.decode()) if opcode == TEXT else BytesMessage(whole)
    assert fed(b"".join(websocket_fragments(opcode, parts))).events == [expected]


def test_control_frames_between_fragments_are_acted_upon_at_once() -> None:
    """Section 5.4: control frames MAY be injected in the middle of a fragmented message."""
    first, second, third = websocket_fragments(TEXT, [b"a", b"b", b"c"])
    outcome = fed(first + websocket_ping(b"1") + second + websocket_pong() + websocket_ping(b"2") + third)
    assert outcome.events == [TextMessage("abc")]
    assert [frame.payload for frame in outcome.frames] == [b"1", b"2"]


def test_a_close_between_fragments_drops_the_message() -> None:
    """Sections 5.4 and 5.5.1."""
    outcome = fed(websocket_frame(TEXT, b"a", final=False) + websocket_frame(CLOSE, b"\x03\xe8"))
    assert outcome.events == [Closed(1000, "")]


@pytest.mark.parametrize("final", [True, False])
def test_a_continuation_of_nothing_is_refused(final: bool) -> None:
    """Section 5.4."""
    refused(websocket_frame(CONTINUATION, b"x", final=final))


@pytest.mark.parametrize("opcode", [TEXT, BINARY])
@pytest.mark.parametrize("final", [True, False])
def test_a_message_inside_another_is_refused(opcode: int, final: bool) -> None:
    """Section 5.4: fragments of messages MUST NOT be interleaved."""
    refused(websocket_frame(TEXT, b"a", final=False) + websocket_frame(opcode, b"b", final=final))


def test_a_new_message_begins_where_the_last_one_ended() -> None:
    data = b"".join(websocket_fragments(TEXT, [b"a", b"b"])) + b"".join(
        websocket_fragments(BINARY, [b"c", b"d"])
    )
    assert fed(data + websocket_text("e")).events == [
        TextMessage("ab"),
        BytesMessage(b"cd"),
        TextMessage("e"),
    ]
