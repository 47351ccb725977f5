"""Floods and bombs: each ends within a bounded number of frames (RFC 9113 section 10.5)."""

from collections.abc import Callable

import pytest
from tests.support.http2_wire import (
    END_HEADERS,
    GET,
    POST,
    Client,
    client,
    data,
    frame,
    reset,
    settings,
    settings_ack,
    told,
    window_update,
)

from penstock.engine.closing import KEEP_OPEN

Flood = Callable[[Client, int], bytes]
IDLE: dict[str, Flood] = {
    "PING": lambda asked, at: frame("PING", 0, bytes(8)),
    "PING acknowledged": lambda asked, at: frame("PING", 0, bytes(8), 1),
    "SETTINGS": lambda asked, at: settings((4, at)),
    "SETTINGS acknowledged": lambda asked, at: settings_ack(),
    "PRIORITY": lambda asked, at: frame("PRIORITY", 1 + 2 * at, bytes(5)),
    "PRIORITY_UPDATE": lambda asked, at: frame("PRIORITY_UPDATE", 0, (1 + 2 * at).to_bytes(4) + b"u=1"),
    "WINDOW_UPDATE": lambda asked, at: window_update(1, 1),
    "WINDOW_UPDATE of the connection": lambda asked, at: window_update(0, 1),
    "empty DATA": lambda asked, at: data(1),
    "DATA that is padding": lambda asked, at: frame("DATA", 1, b"\x01\x00", 8),
    "unknown frames": lambda asked, at: frame("UNKNOWN", 0, b"a"),
    "GOAWAY": lambda asked, at: frame("GOAWAY", 0, bytes(8)),
}


def end_of(asked: Client, flood: Flood, most: int) -> int:
    """Flood until the connection ends; after how many rounds it did."""
    for at in range(1, most):
        if "ConnectionFault" in told(asked.tell(flood(asked, at))):
            goaway = asked.read()[-1]
            assert (goaway.name, goaway.error) == ("GOAWAY", "ENHANCE_YOUR_CALM")
            return at
        asked.read()
    raise AssertionError("the flood did not end")


@pytest.mark.parametrize("name", IDLE)
def test_frames_that_carry_no_request_on_are_counted(name: str) -> None:
    asked = client(max_idle_frames=100)
    asked.tell(asked.headers(1, POST, end=False))

    assert end_of(asked, IDLE[name], 110) in (100, 101)


def test_responses_and_time_earn_new_frames() -> None:
    asked = client(max_idle_frames=20, keep_alive_seconds=None)
    for second in range(100):
        asked.engine.handle_deadline(float(second))
        asked.tell(frame("PING", 0, bytes(8)))
    for _ in range(100):
        stream_id = asked.ask()
        asked.tell(frame("PING", 0, bytes(8)) * 2)
        asked.engine.send_response(stream_id, 204, [], False)
        asked.engine.send_data(stream_id, b"", True)

    assert asked.engine.close_wanted == KEEP_OPEN


def test_window_updates_for_what_was_sent_are_no_flood() -> None:
    asked = client((4, 1 << 24), max_idle_frames=20)
    asked.tell(window_update(0, 1 << 24))
    asked.ask()
    asked.engine.send_response(1, 200, [], False)
    for _ in range(300):
        asked.engine.send_data(1, bytes(16_384), False)
        asked.read()
        asked.tell(window_update(0, 16_384) + window_update(1, 16_384))

    assert asked.engine.close_wanted == KEEP_OPEN


def opened_and_reset(asked: Client, at: int) -> bytes:
    return asked.headers(2 * at + 1, GET) + reset(2 * at + 1)


def malformed(asked: Client, at: int) -> bytes:
    return asked.headers(2 * at + 1, (*GET, (b"connection", b"close")))


def made_to_reset(asked: Client, at: int) -> bytes:
    """What is known as MadeYouReset: an error of the peer's making in the place of a RST_STREAM."""
    return asked.headers(2 * at + 1, GET) + window_update(2 * at + 1, 0)


@pytest.mark.parametrize("flood", [opened_and_reset, malformed, made_to_reset])
def test_streams_that_are_given_up_are_counted(flood: Flood) -> None:
    """Rapid reset (CVE-2023-44487), by the peer's hand or by ours."""
    assert end_of(client(max_resets=50), flood, 60) == 51


def test_refused_streams_are_counted() -> None:
    asked = client(max_concurrent_streams=1, max_resets=50)
    assert end_of(asked, lambda asked, at: asked.headers(2 * at - 1, GET), 60) == 52


def test_streams_given_up_among_many_answered_are_no_flood() -> None:
    asked = client(max_resets=20)
    for _ in range(100):
        stream_id = asked.ask()
        asked.engine.send_response(stream_id, 204, [], False)
        asked.engine.send_data(stream_id, b"", True)
        asked.tell(reset(asked.ask()))

    assert asked.engine.close_wanted == KEEP_OPEN


def test_a_reset_behind_the_answer_costs_nothing_but_a_frame() -> None:
    asked = client(max_resets=3)
    for _ in range(10):
        stream_id = asked.ask()
        asked.engine.send_response(stream_id, 204, [], False)
        asked.engine.send_data(stream_id, b"", True)
        asked.tell(reset(stream_id))

    assert asked.engine.close_wanted == KEEP_OPEN


def test_continuations_are_counted() -> None:
    """CVE-2024-24549 and its like."""
    asked = client(max_continuations=5)
    asked.tell(frame("HEADERS", 1, asked.block(GET)))
    assert end_of(asked, lambda asked, at: frame("CONTINUATION", 1), 10) == 6


def test_a_field_block_has_a_size() -> None:
    asked = client(max_block_bytes=40_000)
    asked.tell(frame("HEADERS", 1, asked.block(GET)))
    assert end_of(asked, lambda asked, at: frame("CONTINUATION", 1, bytes(16_384)), 10) == 3


def test_a_bomb_of_indexed_fields_is_a_field_that_is_too_large() -> None:
    """Section 10.5.1: an octet stands for 4000, and is counted like them."""
    asked = client()
    bomb = asked.block((*GET, (b"x", b"a" * 3900))) + b"\xbe" * 10_000

    asked.tell(frame("HEADERS", 1, bomb, END_HEADERS | 1))

    assert told(asked.events) == ["StreamRefused"]
    assert asked.events[0].status == 431


def test_what_is_held_of_an_idle_stream_is_bounded() -> None:
    """RFC 9218 section 7.1: wishes for streams that are not open."""
    asked = client(max_idle_frames=100_000)
    for at in range(5000):
        asked.tell(frame("PRIORITY_UPDATE", 0, (2 * at + 1).to_bytes(4) + b"u=1"))
    assert asked.engine.close_wanted == KEEP_OPEN
