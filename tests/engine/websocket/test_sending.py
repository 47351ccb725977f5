"""What we send: never masked, lengths in their shortest form, one piece for what is small (RFC 6455 sections
5.1 and 5.2)."""

import pytest

from penstock.base.errors import LocalProtocolError
from penstock.base.limits import Limits
from penstock.engine.websocket.connection import WebSocketConnection
from penstock.testing.wire import ServerFrame, read_server_frames, websocket_ping

TEXT, BINARY, PING, PONG = 1, 2, 9, 10

SIZES = [0, 1, 125, 126, 127, 16383, 16384, 65535, 65536, 200_000]


def opened() -> WebSocketConnection:
    return WebSocketConnection(Limits(), None)


def sent(connection: WebSocketConnection) -> list[ServerFrame]:
    return read_server_frames(b"".join(connection.data_to_send()))


@pytest.mark.parametrize("size", SIZES)
def test_a_message_of_any_size_is_one_frame(size: int) -> None:
    connection = opened()
    connection.send_text("x" * size)
    connection.send_bytes(b"y" * size)
    assert sent(connection) == [ServerFrame(TEXT, b"x" * size), ServerFrame(BINARY, b"y" * size)]


def test_text_is_sent_as_utf8() -> None:
    connection = opened()
    connection.send_text("κόσμε 𝄞")
    assert sent(connection) == [ServerFrame(TEXT, "κόσμε 𝄞".encode())]


def test_a_small_message_is_one_piece_and_a_large_one_is_not_copied() -> None:
    connection = opened()
    connection.send_bytes(b"small")
    assert len(connection.data_to_send()) == 1
    large = bytes(100_000)
    connection.send_bytes(large)
    head, payload = connection.data_to_send()
    assert len(head) == 10
    assert payload is large


@pytest.mark.parametrize("size", [10, 100_000])
def test_what_can_change_is_copied_before_it_is_sent(size: int) -> None:
    for make in (bytearray, lambda count: memoryview(bytearray(count))):
        connection = opened()
        data = make(size)
        connection.send_bytes(data)
        data[0] = 1
        assert sent(connection) == [ServerFrame(BINARY, bytes(size))]


def test_a_lone_surrogate_is_our_own_fault_and_sends_nothing() -> None:
    connection = opened()
    with pytest.raises(LocalProtocolError):
        connection.send_text("\ud800")
    connection.send_text("on")
    assert sent(connection) == [ServerFrame(TEXT, b"on")]


def test_a_ping_of_ours_holds_what_it_is_given() -> None:
    connection = opened()
    connection.send_ping()
    connection.send_ping(b"x" * 125)
    assert sent(connection) == [ServerFrame(PING, b""), ServerFrame(PING, b"x" * 125)]
    with pytest.raises(LocalProtocolError):
        connection.send_ping(b"x" * 126)


def test_pongs_and_messages_keep_their_order() -> None:
    connection = opened()
    connection.send_text("1")
    connection.receive_data(websocket_ping(b"2"))
    connection.send_text("3")
    assert [frame.payload for frame in sent(connection)] == [b"1", b"2", b"3"]


def test_what_was_given_out_is_not_given_out_again() -> None:
    connection = opened()
    connection.send_text("once")
    assert connection.data_to_send() != []
    assert connection.data_to_send() == []
