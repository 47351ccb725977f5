"""Pings, pongs and the deadline of the closing handshake, on a clock of the test's own."""

from penstock.base.limits import Limits
from penstock.engine.closing import CLOSE, KEEP_OPEN, LINGER
from penstock.engine.websocket.connection import WebSocketConnection
from penstock.engine.websocket.events import Closed
from penstock.testing.wire import (
    ServerFrame,
    read_server_frames,
    websocket_binary,
    websocket_close,
    websocket_pong,
    websocket_text,
)

CLOSE_FRAME, PING = 8, 9

LIMITS = Limits(ping_seconds=20.0, pong_seconds=10.0, close_seconds=5.0)


def sweep(connection: WebSocketConnection, *ticks: float) -> list[ServerFrame]:
    """What the connection sends while the clock shows each of `ticks`."""
    for now in ticks:
        connection.handle_deadline(now)
    return read_server_frames(b"".join(connection.data_to_send()))


def test_asgi_103_silence_is_broken_by_a_ping() -> None:
    connection = WebSocketConnection(LIMITS, None)
    assert connection.next_deadline is None
    assert sweep(connection, 100.0) == []
    assert connection.next_deadline == 120.0
    assert sweep(connection, 110.0, 119.9) == []
    assert sweep(connection, 120.0) == [ServerFrame(PING, b"1")]
    assert connection.next_deadline == 130.0


def test_a_peer_that_talks_is_not_pinged() -> None:
    connection = WebSocketConnection(LIMITS, None)
    for now in range(100, 400, 10):
        connection.receive_data(websocket_text("here"))
        assert sweep(connection, float(now)) == []


def test_a_ping_comes_after_the_last_sign_of_life() -> None:
    connection = WebSocketConnection(LIMITS, None)
    sweep(connection, 0.0)
    connection.receive_data(websocket_text("here"))
    assert sweep(connection, 19.0, 38.9) == []
    assert sweep(connection, 39.0) == [ServerFrame(PING, b"1")]


def test_a_pong_begins_a_new_silence_and_pings_are_counted() -> None:
    connection = WebSocketConnection(LIMITS, None)
    assert sweep(connection, 0.0, 20.0) == [ServerFrame(PING, b"1")]
    connection.receive_data(websocket_pong(b"1"))
    assert sweep(connection, 25.0, 30.0, 44.0) == []
    assert sweep(connection, 45.0) == [ServerFrame(PING, b"2")]


def test_a_missing_pong_fails_the_connection() -> None:
    connection = WebSocketConnection(LIMITS, None)
    sweep(connection, 0.0, 20.0)
    assert sweep(connection, 29.9) == []
    [frame] = sweep(connection, 30.0)
    assert frame.opcode == CLOSE_FRAME
    assert frame.payload[:2] == (1011).to_bytes(2, "big")
    assert connection.events() == [Closed(1006, "no pong came within 10 s")]
    assert (connection.close_wanted, connection.next_deadline) == (LINGER, None)


def test_any_byte_is_as_good_as_a_pong() -> None:
    """In the middle of a large frame the peer could not put one."""
    connection = WebSocketConnection(LIMITS, None)
    frame = websocket_binary(bytes(1000))
    connection.receive_data(frame[:10])
    sweep(connection, 0.0, 20.0)
    connection.receive_data(frame[10:11])
    assert sweep(connection, 29.0, 31.0) == []
    assert connection.next_deadline == 49.0


def test_silence_is_excused_while_nobody_reads() -> None:
    """The silence would be ours: a deadline counts while the peer is the one to act."""
    connection = WebSocketConnection(LIMITS, None)
    sweep(connection, 0.0, 20.0)
    for now in range(21, 200):
        connection.excuse_silence()
        assert sweep(connection, float(now)) == []
    assert connection.next_deadline == 219.0
    assert sweep(connection, 219.0) == [ServerFrame(PING, b"2")]


def test_pings_can_be_switched_off() -> None:
    connection = WebSocketConnection(Limits(ping_seconds=None), None)
    assert sweep(connection, 0.0, 1e6, 2e6) == []
    assert connection.next_deadline is None


def test_without_a_pong_deadline_pings_go_on() -> None:
    connection = WebSocketConnection(Limits(ping_seconds=20.0, pong_seconds=None), None)
    frames = sweep(connection, *(float(now) for now in range(0, 101, 10)))
    assert [frame.payload for frame in frames] == [b"1", b"2", b"3", b"4", b"5"]
    assert connection.is_open


def test_a_peer_that_does_not_answer_our_close_is_left() -> None:
    """RFC 6455 section 7.1.1: the server may close the transport at any time."""
    connection = WebSocketConnection(LIMITS, None)
    sweep(connection, 0.0)
    connection.send_close(1001, "")
    sweep(connection, 10.0)
    assert connection.next_deadline == 15.0
    connection.receive_data(websocket_text("still talking"))
    sweep(connection, 14.9)
    assert (connection.events(), connection.close_wanted) == ([], KEEP_OPEN)
    assert sweep(connection, 15.0) == []
    assert connection.events() == [Closed(1006, "no close frame came within 5 s")]
    assert (connection.close_wanted, connection.next_deadline) == (CLOSE, None)


def test_a_closed_connection_has_no_deadline() -> None:
    connection = WebSocketConnection(LIMITS, None)
    sweep(connection, 0.0)
    connection.receive_data(websocket_close(1000))
    connection.data_to_send()
    assert sweep(connection, 1.0, 1000.0, 2000.0) == []
    assert connection.next_deadline is None
    assert connection.events() == [Closed(1000, "")]
