"""The closing handshake and its codes: RFC 6455 sections 5.5.1, 7 and 7.4."""

import pytest
from tests.engine.websocket.feeding import Outcome, cuts, fed, feed

from penstock.base.errors import LocalProtocolError
from penstock.base.limits import Limits
from penstock.engine.closing import CLOSE, KEEP_OPEN, LINGER
from penstock.engine.websocket.connection import WebSocketConnection
from penstock.engine.websocket.events import Closed, TextMessage
from penstock.testing.wire import (
    ServerFrame,
    read_server_frames,
    websocket_binary,
    websocket_close,
    websocket_frame,
    websocket_ping,
    websocket_text,
)

CLOSE_FRAME, PONG = 8, 10

LEGAL = [1000, 1001, 1002, 1003, *range(1007, 1015), 3000, 3999, 4000, 4999]
ILLEGAL = [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535]


def opened() -> WebSocketConnection:
    return WebSocketConnection(Limits(), None)


def closing(code: int = 1000, reason: str = "") -> WebSocketConnection:
    """A connection whose close frame is sent."""
    connection = opened()
    connection.send_close(code, reason)
    connection.data_to_send()
    return connection


def sent(connection: WebSocketConnection) -> list[ServerFrame]:
    return read_server_frames(b"".join(connection.data_to_send()))


@pytest.mark.parametrize("code", LEGAL)
def test_asgi_107_a_close_is_answered_with_its_code_and_told(code: int) -> None:
    """Sections 5.5.1 and 7.4; asgi_108."""
    outcome = fed(websocket_text("last") + websocket_close(code, "bye € bye"))
    assert outcome.events == [TextMessage("last"), Closed(code, "bye € bye")]
    assert outcome.frames == [ServerFrame(CLOSE_FRAME, code.to_bytes(2, "big"))]
    assert outcome.close_wanted == CLOSE


def test_asgi_107_a_close_without_a_code_is_1005_and_answered_with_none() -> None:
    """Section 7.1.5."""
    outcome = fed(websocket_close())
    assert (outcome.events, outcome.frames) == ([Closed(1005, "")], [ServerFrame(CLOSE_FRAME, b"")])


def assert_refused(outcome: Outcome, code: int) -> None:
    assert outcome.close_code == code
    assert outcome.closed is not None
    assert outcome.closed.code == 1006
    assert outcome.close_wanted == LINGER
    assert len(outcome.frames) == 1


def test_a_close_of_one_byte_is_refused() -> None:
    """Section 5.5.1: the first two bytes of a body are the code."""
    assert_refused(fed(websocket_frame(CLOSE_FRAME, b"\x03")), 1002)


@pytest.mark.parametrize("code", ILLEGAL)
def test_a_code_that_may_not_be_on_the_wire_is_refused(code: int) -> None:
    """Section 7.4."""
    assert_refused(fed(websocket_close(code)), 1002)
    assert_refused(fed(websocket_close(code, "reason")), 1002)


@pytest.mark.parametrize("reason", [b"\xff", b"ok \xed\xa0\x80", b"\xe2\x82"])
def test_a_reason_that_is_not_utf8_is_refused(reason: bytes) -> None:
    """Sections 5.5.1 and 8.1."""
    assert_refused(fed(websocket_frame(CLOSE_FRAME, b"\x03\xe8" + reason)), 1007)


def test_the_longest_reason_is_taken() -> None:
    assert fed(websocket_close(1000, "r" * 123)).events == [Closed(1000, "r" * 123)]


def test_whatever_follows_a_close_is_ignored() -> None:
    """Section 1.4: after a close frame the peer discards any further data."""
    garbage = websocket_text("unheard") + websocket_ping() + websocket_close(1001) + b"\xff" * 50
    outcome = fed(websocket_close(1000) + garbage)
    assert outcome.events == [Closed(1000, "")]
    assert len(outcome.frames) == 1


def test_asgi_106_our_close_is_sent_and_the_answer_ends_it() -> None:
    """Section 7.1.2."""
    connection = opened()
    connection.send_close(4000, "gone € fishing")
    assert sent(connection) == [ServerFrame(CLOSE_FRAME, b"\x0f\xa0" + "gone € fishing".encode())]
    assert (connection.is_open, connection.close_wanted) == (False, KEEP_OPEN)
    connection.receive_data(websocket_close(4000))
    assert connection.events() == [Closed(4000, "")]
    assert (connection.data_to_send(), connection.close_wanted) == ([], CLOSE)


def test_our_close_says_1000_unless_it_is_told_otherwise() -> None:
    connection = opened()
    connection.send_close()
    assert sent(connection) == [ServerFrame(CLOSE_FRAME, b"\x03\xe8")]


def test_messages_that_cross_our_close_are_dropped_and_pings_are_answered() -> None:
    """Section 5.5.2: a ping is answered unless a close frame was received."""
    data = (
        websocket_text("crossing")
        + websocket_binary(bytes(70000))
        + websocket_ping(b"?")
        + websocket_close(1000)
    )
    for pieces in cuts(data):
        outcome = feed(closing(), pieces)
        assert outcome.events == [Closed(1000, "")]
        assert outcome.frames == [ServerFrame(PONG, b"?")]


def test_what_crosses_our_close_may_be_any_size() -> None:
    connection = closing()
    connection.receive_data(websocket_frame(2, b"x" * 1000, declared_length=(1 << 63) - 1))
    connection.receive_data(b"x" * 1000)
    assert (connection.events(), connection.close_wanted) == ([], KEEP_OPEN)


def test_a_close_in_the_middle_of_a_message_that_still_comes_in_leaves_the_frames_in_step() -> None:
    message = websocket_text("x" * 1000)
    connection = opened()
    connection.receive_data(message[:500])
    connection.send_close(1001)
    connection.receive_data(message[500:] + websocket_close(1001))
    assert connection.events() == [Closed(1001, "")]


def test_a_fault_after_our_close_ends_without_a_second_close_frame() -> None:
    """Section 7.1.7: one close frame at most."""
    connection = closing()
    connection.receive_data(websocket_frame(1, b"x", key=None))
    assert [event.code for event in connection.events()] == [1006]
    assert (connection.data_to_send(), connection.close_wanted) == ([], LINGER)


def test_asgi_107_the_end_of_the_stream_without_a_close_is_1006() -> None:
    """Section 7.1.5."""
    for connection in (opened(), closing()):
        connection.receive_data(websocket_text("cut")[:-1])
        connection.receive_eof()
        assert connection.events() == [Closed(1006, "")]
        assert (connection.data_to_send(), connection.close_wanted) == ([], CLOSE)


def test_the_end_of_the_stream_after_a_close_adds_nothing() -> None:
    connection = opened()
    connection.receive_data(websocket_close(1000))
    connection.receive_eof()
    connection.receive_eof()
    assert connection.events() == [Closed(1000, "")]


@pytest.mark.parametrize("code", [*ILLEGAL, -1, 70000])
def test_an_illegal_code_of_ours_is_our_own_fault(code: int) -> None:
    """Section 7.4."""
    connection = opened()
    with pytest.raises(LocalProtocolError):
        connection.send_close(code, "")
    assert (connection.is_open, connection.data_to_send()) == (True, [])


@pytest.mark.parametrize("code", LEGAL)
def test_every_legal_code_can_be_sent(code: int) -> None:
    connection = opened()
    connection.send_close(code, "é" * 61)
    assert sent(connection) == [ServerFrame(CLOSE_FRAME, code.to_bytes(2, "big") + "é".encode() * 61)]


@pytest.mark.parametrize("reason", ["r" * 124, "é" * 62, "\ud800"])
def test_a_reason_that_does_not_fit_or_is_no_text_is_our_own_fault(reason: str) -> None:
    """Section 5.5: at most 125 bytes with the code."""
    connection = opened()
    with pytest.raises(LocalProtocolError):
        connection.send_close(1000, reason)
    assert connection.is_open


@pytest.mark.parametrize("ended_by", ["our close", "their close", "a fault", "the end of the stream"])
def test_nothing_can_be_sent_after_the_end_began(ended_by: str) -> None:
    """Section 5.5.1: no data frames after a close frame."""
    connection = opened()
    if ended_by == "our close":
        connection.send_close(1000, "")
    elif ended_by == "their close":
        connection.receive_data(websocket_close(1000))
    elif ended_by == "a fault":
        connection.receive_data(b"\x01\x00")
    else:
        connection.receive_eof()
    connection.data_to_send()
    for send in (
        lambda: connection.send_text("late"),
        lambda: connection.send_bytes(b"late"),
        lambda: connection.send_ping(b"late"),
        lambda: connection.send_close(1000, ""),
    ):
        with pytest.raises(LocalProtocolError):
            send()
    assert connection.data_to_send() == []
