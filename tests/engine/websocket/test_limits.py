"""Size limits: checked on the declared length, before memory is taken; answered by 1009 (RFC 6455 sections
7.4.1 and 10.4)."""

import tracemalloc

import pytest
from tests.engine.websocket.feeding import Outcome, fed

from penstock.base.limits import Limits
from penstock.engine.closing import LINGER
from penstock.engine.websocket.connection import WebSocketConnection
from penstock.engine.websocket.events import BytesMessage, Closed, TextMessage
from penstock.testing.wire import websocket_binary, websocket_fragments, websocket_frame, websocket_text

CONTINUATION, TEXT, BINARY = 0, 1, 2

SMALL = Limits(max_message_bytes=300, max_frame_bytes=200)


def assert_too_big(outcome: Outcome) -> None:
    assert outcome.closed is not None
    assert outcome.closed.code == 1006
    assert (outcome.close_code, outcome.close_wanted) == (1009, LINGER)


def test_a_message_at_the_limit_is_taken_and_one_byte_more_is_not() -> None:
    limits = Limits(max_message_bytes=300)
    assert fed(websocket_binary(bytes(300)), limits).events == [BytesMessage(bytes(300))]
    assert_too_big(fed(websocket_binary(bytes(301)), limits))


def test_a_frame_at_the_limit_is_taken_and_one_byte_more_is_not() -> None:
    assert fed(websocket_binary(bytes(200)), SMALL).events == [BytesMessage(bytes(200))]
    assert_too_big(fed(websocket_binary(bytes(201)), SMALL))


def test_fragments_count_together() -> None:
    assert fed(b"".join(websocket_fragments(TEXT, [b"a" * 150] * 2)), SMALL).events == [
        TextMessage("a" * 300)
    ]
    outcome = fed(b"".join(websocket_fragments(TEXT, [b"a" * 150, b"a" * 150, b"a"])), SMALL)
    assert_too_big(outcome)
    assert outcome.messages == []


def test_the_next_message_has_the_whole_limit_again() -> None:
    data = b"".join(websocket_fragments(TEXT, [b"a" * 150] * 2)) * 3
    assert fed(data, SMALL).events == [TextMessage("a" * 300)] * 3


def test_the_size_of_a_text_is_counted_in_bytes() -> None:
    assert fed(websocket_text("€" * 50), Limits(max_message_bytes=150)).messages == [TextMessage("€" * 50)]
    assert_too_big(fed(websocket_text("€" * 51), Limits(max_message_bytes=150)))


@pytest.mark.parametrize("length", [1 << 24, 1 << 40, (1 << 63) - 1])
def test_a_declared_length_is_refused_with_the_head_alone(length: int) -> None:
    """Section 10.4: the length that a peer declares may be anything."""
    assert_too_big(fed(websocket_frame(BINARY, declared_length=length), Limits(max_message_bytes=1 << 20)))
    assert_too_big(fed(websocket_frame(BINARY, declared_length=length), Limits(max_frame_bytes=1 << 20)))


def test_a_declared_length_takes_no_memory_before_its_bytes_come() -> None:
    connections = [WebSocketConnection(Limits(), None) for _ in range(20)]
    tracemalloc.start()
    try:
        for connection in connections:
            connection.receive_data(websocket_frame(BINARY, b"x" * 100, declared_length=16_000_000))
        assert tracemalloc.get_traced_memory()[1] < 100_000
    finally:
        tracemalloc.stop()


def test_a_dribbled_message_takes_little_more_memory_than_its_bytes() -> None:
    frame = websocket_binary(bytes(60_000))
    pieces = [frame[start : start + 2] for start in range(0, len(frame) - 2, 2)]
    connection = WebSocketConnection(Limits(), None)
    tracemalloc.start()
    try:
        for piece in pieces:
            connection.receive_data(piece)
        assert tracemalloc.get_traced_memory()[0] < 120_000
    finally:
        tracemalloc.stop()


def test_empty_fragments_without_end_take_no_memory() -> None:
    """A message of endless empty fragments is legal; it may not grow anything."""
    connection = WebSocketConnection(Limits(), None)
    connection.receive_data(websocket_frame(TEXT, b"", final=False))
    data = websocket_frame(CONTINUATION, b"", final=False) * 1000
    connection.receive_data(data)
    tracemalloc.start()
    try:
        for _ in range(20):
            connection.receive_data(data)
        assert tracemalloc.get_traced_memory()[0] < 10_000
    finally:
        tracemalloc.stop()
    assert connection.events() == []


def test_after_a_refusal_nothing_is_kept_and_nothing_is_heard() -> None:
    connection = WebSocketConnection(SMALL, None)
    connection.receive_data(websocket_frame(BINARY, declared_length=1000))
    assert [type(event) for event in connection.events()] == [Closed]
    connection.data_to_send()
    connection.receive_data(bytes(1000) + websocket_text("unheard"))
    connection.receive_eof()
    assert (connection.events(), connection.data_to_send(), connection.close_wanted) == ([], [], LINGER)
