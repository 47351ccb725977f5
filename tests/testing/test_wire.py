"""The byte builders themselves: RFC 6455 section 5.7 gives examples, `websockets` judges the rest."""

import pytest
from websockets.frames import Frame, Opcode
from websockets.protocol import SERVER, Protocol

from penstock.testing import wire


def read_by_websockets(data: bytes) -> list[Frame]:
    judge = Protocol(SERVER)
    judge.receive_data(data)
    assert judge.parser_exc is None
    return [event for event in judge.events_received() if isinstance(event, Frame)]


def test_the_masked_hello_of_the_rfc_is_built() -> None:
    """RFC 6455 section 5.7."""
    assert wire.websocket_text("Hello") == bytes.fromhex("81 85 37 fa 21 3d 7f 9f 4d 51 58")


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65535, 65536, 70000])
def test_a_frame_of_any_size_is_read_by_another_implementation(size: int) -> None:
    payload = bytes(range(256)) * (size // 256 + 1)
    [frame] = read_by_websockets(wire.websocket_binary(payload[:size], key=0x01020304))
    assert (frame.opcode, frame.data, frame.fin) == (Opcode.BINARY, payload[:size], True)


def test_a_message_is_cut_into_fragments_with_one_end() -> None:
    data = b"".join(wire.websocket_fragments(1, [b"a", b"", b"bc"]))
    frames = read_by_websockets(data)
    assert [(frame.opcode, frame.data, frame.fin) for frame in frames] == [
        (Opcode.TEXT, b"a", False),
        (Opcode.CONT, b"", False),
        (Opcode.CONT, b"bc", True),
    ]


def test_control_frames_say_what_they_are_told() -> None:
    frames = read_by_websockets(wire.websocket_ping(b"1") + wire.websocket_pong(b"2"))
    assert [(frame.opcode, frame.data) for frame in frames] == [(Opcode.PING, b"1"), (Opcode.PONG, b"2")]
    assert read_by_websockets(wire.websocket_close())[0].data == b""
    assert read_by_websockets(wire.websocket_close(1001, "é"))[0].data == b"\x03\xe9\xc3\xa9"


def test_faults_can_be_asked_for() -> None:
    assert wire.websocket_frame(1, b"x", key=None) == b"\x81\x01x"
    assert wire.websocket_frame(1, b"x", key=None, final=False, reserved=5) == b"\x51\x01x"
    assert wire.websocket_frame(2, b"x", key=None, length_bytes=2) == b"\x82\x7e\x00\x01x"
    assert wire.websocket_frame(2, b"x", key=None, length_bytes=8) == b"\x82\x7f\0\0\0\0\0\0\0\x01x"
    assert wire.websocket_frame(2, b"x", key=None, declared_length=1 << 63)[1:4] == b"\x7f\x80\x00"


def test_the_frames_of_a_server_are_read() -> None:
    data = b"\x81\x01a" + b"\x02\x7e\x00\x7e" + b"b" * 126 + b"\xc0\x00"
    assert wire.read_server_frames(data) == [
        wire.ServerFrame(1, b"a"),
        wire.ServerFrame(2, b"b" * 126, final=False),
        wire.ServerFrame(0, b"", reserved=4),
    ]
    [large] = wire.read_server_frames(b"\x82\x7f" + (65536).to_bytes(8, "big") + bytes(65536))
    assert large.payload == bytes(65536)


@pytest.mark.parametrize(
    "data",
    [
        b"\x81",
        b"\x81\x81\0\0\0\0a",
        b"\x81\x02a",
        b"\x81\x7e\x00",
        b"\x81\x7e\x00\x01a",
        b"\x81\x7f" + bytes(7) + b"\x01a",
    ],
)
def test_a_server_that_frames_badly_is_found_out(data: bytes) -> None:
    with pytest.raises(ValueError, match="frame"):
        wire.read_server_frames(data)
