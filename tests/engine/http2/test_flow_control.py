"""Windows in both directions, who writes next, and what waits for whom (RFC 9113 sections 5.2 and 6.9, RFC
9218).
"""

from itertools import groupby

import pytest
from tests.support.http2_wire import (
    GET,
    PADDED,
    POST,
    Client,
    Frame,
    client,
    data,
    frame,
    names,
    reset,
    settings,
    told,
    window_update,
)

MIB = 1 << 20


def payload(frames: list[Frame], stream_id: int = 1) -> int:
    """How many octets of DATA there are on the stream."""
    return sum(len(each.payload) for each in frames if (each.name, each.stream_id) == ("DATA", stream_id))


def updates(frames: list[Frame], stream_id: int) -> int:
    return sum(each.number for each in frames if (each.name, each.stream_id) == ("WINDOW_UPDATE", stream_id))


def answering(count: int = 1, size: int = MIB, *pairs: tuple[int, int], **limits: int) -> Client:
    """A client that asked so many times, and is answered with so much."""
    asked = client(*pairs, **limits)
    for _ in range(count):
        answer(asked, asked.ask(), size)
    return asked


def answer(asked: Client, stream_id: int, size: int) -> None:
    asked.engine.send_response(stream_id, 200, [], False)
    asked.engine.send_data(stream_id, bytes(size), True)


def test_no_more_is_sent_than_the_windows_take() -> None:
    """Section 6.9.1."""
    asked = answering()
    assert payload(asked.read()) == 65_535

    asked.tell(window_update(1, 1000))
    assert payload(asked.read()) == 0
    asked.tell(window_update(0, 500))
    assert payload(asked.read()) == 500
    asked.tell(window_update(0, MIB) + window_update(1, MIB))

    frames = asked.read()
    assert payload(frames) == MIB - 65_535 - 500
    assert frames[-1].ends
    assert max(len(each.payload) for each in frames) == 16_384


def test_another_initial_window_moves_all_windows() -> None:
    """Section 6.9.2: also below nought."""
    asked = answering(1, MIB)
    asked.read()
    asked.tell(window_update(0, MIB) + settings((4, 100)))
    assert payload(asked.read()) == 0

    asked.tell(window_update(1, 65_435))
    assert payload(asked.read()) == 0
    asked.tell(window_update(1, 7))
    assert payload(asked.read()) == 7
    asked.tell(settings((4, 110)))
    assert payload(asked.read()) == 10


def test_a_queued_stream_whose_window_closes_waits() -> None:
    """Section 6.9.2."""
    asked = answering(1, MIB, (4, MIB))
    asked.read()
    asked.tell(settings((4, 10)) + window_update(0, MIB))
    assert payload(asked.read()) == 0
    asked.tell(settings((4, MIB)))
    assert payload(asked.read()) == MIB - 65_535


def test_an_initial_window_that_overflows_one_is_a_connection_error() -> None:
    """Section 6.9.2."""
    asked = answering()
    asked.tell(window_update(1, (1 << 31) - 70_000))
    asked.tell(settings((4, (1 << 31) - 1)))
    assert asked.read()[-1].error == "FLOW_CONTROL_ERROR"


def test_the_end_of_a_body_needs_no_window() -> None:
    asked = client((4, 0))
    asked.ask()
    asked.engine.send_response(1, 200, [], False)
    asked.engine.send_data(1, b"", False)
    asked.engine.send_data(1, b"", True)
    assert [(each.name, each.ends) for each in asked.read()] == [("HEADERS", False), ("DATA", True)]


def test_an_application_is_held_back_and_told_when_it_may_go_on() -> None:
    asked = client()
    asked.ask()
    asked.engine.send_response(1, 200, [], False)
    assert asked.engine.is_writable(1)
    asked.engine.send_data(1, bytes(65_535 + 65_536), False)
    asked.read()

    assert not asked.engine.is_writable(1)
    asked.tell(window_update(0, MIB) + window_update(1, 1000))
    asked.read()
    assert told(asked.tell(b"")) == []
    asked.tell(window_update(1, MIB))
    asked.read()
    assert told(asked.tell(b"")) == ["StreamWritable"]
    assert told(asked.tell(b"")) == []
    assert asked.engine.is_writable(1)


def test_what_waits_on_all_streams_is_bounded() -> None:
    """100 streams that take nothing hold no more than the connection's share and one part each."""
    asked = client((4, 0))
    waiting = 0
    for _ in range(100):
        stream_id = asked.ask()
        asked.engine.send_response(stream_id, 200, [], False)
        while asked.engine.is_writable(stream_id):
            asked.engine.send_data(stream_id, bytes(16_384), False)
            waiting += 16_384

    assert waiting <= 16 * 65_536 + 101 * 16_384


def test_a_stream_that_is_given_up_frees_what_waited() -> None:
    asked = client((4, 0))
    for _ in range(2):
        stream_id = asked.ask()
        asked.engine.send_response(stream_id, 200, [], False)
        asked.engine.send_data(stream_id, bytes(2 * MIB), False)
    asked.engine.send_data(3, b"a", False)
    assert not asked.engine.is_writable(3)
    asked.tell(reset(1))
    asked.tell(window_update(0, 4 * MIB) + window_update(3, 2 * MIB - 10))
    asked.read()

    assert told(asked.tell(b"")) == ["StreamWritable"]


def test_a_full_transport_gets_control_frames_only() -> None:
    asked = answering(1, 100)
    asked.read()
    asked.engine.output_paused = True
    answer(asked, asked.ask(), 1000)
    asked.tell(frame("PING", 0, bytes(8)))

    assert names(asked.read()) == ["HEADERS", "PING"]
    asked.engine.output_paused = False
    assert names(asked.read()) == ["DATA"]


def test_who_asks_and_does_not_read_is_paused() -> None:
    asked = client(write_buffer_bytes=1000)
    asked.engine.output_paused = True
    assert not asked.engine.wants_pause
    for _ in range(100):
        asked.tell(frame("PING", 0, bytes(8)))

    assert asked.engine.wants_pause
    asked.engine.output_paused = False
    assert not asked.engine.wants_pause


def test_data_leaves_in_portions() -> None:
    asked = answering(1, 60_000, write_buffer_bytes=20_000)
    sizes = []
    while pieces := asked.engine.data_to_send():
        sizes.append(sum(map(len, pieces)))
    assert len(sizes) == 2 or max(sizes) < 40_000
    assert sum(sizes) > 60_000


def test_many_small_parts_that_waited_leave_in_few_frames() -> None:
    asked = client((4, 0))
    asked.ask()
    asked.engine.send_response(1, 200, [], False)
    for at in range(3000):
        asked.engine.send_data(1, b"%04d" % at, at == 2999)
    asked.read()
    asked.tell(window_update(1, MIB))

    frames = asked.read()
    assert len(frames) < 6
    assert b"".join(each.payload for each in frames) == b"".join(b"%04d" % at for at in range(3000))


def test_trailers_wait_for_the_body() -> None:
    asked = client((4, 10))
    asked.ask((*GET, (b"te", b"trailers")))
    asked.engine.send_response(1, 200, [], True)
    asked.engine.send_data(1, bytes(20), True)
    asked.engine.send_trailers(1, [(b"x-sum", b"1")])
    assert names(asked.read()) == ["HEADERS", "DATA"]
    asked.tell(window_update(1, 10))
    assert [(each.name, each.ends) for each in asked.read()] == [("DATA", False), ("HEADERS", True)]


def order(frames: list[Frame]) -> list[int]:
    """Which stream's DATA comes behind which."""
    return [stream_id for stream_id, _ in groupby(each.stream_id for each in frames if each.name == "DATA")]


def waiting_for_the_window(*priorities: bytes) -> Client:
    """Requests with these priorities, whose answers of three frames wait."""
    asked = client((4, 0))
    for priority in priorities:
        answer(asked, asked.ask((*GET, (b"priority", priority)) if priority else GET), 3 * 16_384)
    asked.read()
    asked.tell(window_update(0, MIB))
    return asked


@pytest.mark.parametrize(
    ("priorities", "expected"),
    [
        ((b"", b""), [1, 3]),
        ((b"u=5", b"u=1", b""), [3, 5, 1]),
        ((b"i", b"i"), [1, 3, 1, 3, 1, 3]),
        ((b"u=2, i=?1", b"u=2;x=1, i=?0"), [1, 3, 1]),
        ((b"u=9", b"nonsense,,=", b"u=2"), [5, 1, 3]),
    ],
)
def test_urgency_and_incremental_decide_who_writes(
    priorities: tuple[bytes, ...], expected: list[int]
) -> None:
    """RFC 9218 sections 4 and 10."""
    asked = waiting_for_the_window(*priorities)
    asked.tell(settings((4, MIB)))
    assert order(asked.read()) == expected


def test_a_priority_can_be_changed_by_either_side() -> None:
    """RFC 9218 section 7: PRIORITY_UPDATE, for a queued stream, one that is not open yet, and by us."""
    asked = waiting_for_the_window(b"", b"", b"")
    update = frame("PRIORITY_UPDATE", 0, (5).to_bytes(4) + b"u=0")
    early = frame("PRIORITY_UPDATE", 0, (7).to_bytes(4) + b"u=1")
    asked.tell(settings((4, MIB)) + update + early)
    asked.engine.set_priority(1, 7, False)
    answer(asked, asked.ask(), 3 * 16_384)

    assert order(asked.read()) == [5, 7, 3, 1]


def test_octets_go_back_when_the_application_took_them() -> None:
    """Section 5.2.1: an application that does not read closes the window."""
    asked = client(stream_window_bytes=100_000, connection_window_bytes=200_000)
    asked.tell(asked.headers(1, POST, end=False) + data(1, bytes(16_000)) * 6)
    assert asked.read() == []

    asked.engine.data_taken(1, 40_000)
    assert asked.read() == []
    asked.engine.data_taken(1, 40_000)
    assert updates(frames := asked.read(), 1) == 80_000
    assert updates(frames, 0) == 0
    asked.engine.data_taken(1, 16_000)
    asked.engine.data_taken(1, 16_000)
    assert updates(asked.read(), 0) == 0


@pytest.mark.parametrize(
    ("limits", "error"), [((100_000, 70_000), "GOAWAY"), ((70_000, 100_000), "RST_STREAM")]
)
def test_more_than_a_window_is_an_error(limits: tuple[int, int], error: str) -> None:
    """Section 6.9.1."""
    asked = client(stream_window_bytes=limits[0], connection_window_bytes=limits[1])
    asked.tell(asked.headers(1, POST, end=False) + data(1, bytes(16_000)) * 5)
    last = asked.read()[-1]
    assert (last.name, last.error) == (error, "FLOW_CONTROL_ERROR")


def test_padding_counts_and_goes_back_by_itself() -> None:
    """Sections 6.1 and 6.9."""
    asked = client(stream_window_bytes=65_535, connection_window_bytes=65_535, max_idle_frames=10_000)
    asked.tell(asked.headers(1, POST, end=False))
    padded = frame("DATA", 1, b"\xff" + bytes(255), PADDED)
    for _ in range(1000):
        asked.tell(padded)

    frames = asked.read()
    assert updates(frames, 0) > 200_000
    assert updates(frames, 1) > 200_000


def test_what_nobody_takes_goes_back_to_the_connection() -> None:
    """Bodies of streams that are over do not close the window for all others."""
    asked = client(max_resets=10_000)
    total = 0
    for at in range(1, 201, 2):
        asked.tell(asked.headers(at, POST, end=False) + data(at, bytes(16_384)) * 2)
        asked.tell(reset(at) if at % 4 == 1 else b"")
        if at % 4 == 3:
            asked.engine.reset(at, 8)
            asked.tell(data(at, bytes(16_384)))
            total += 16_384
        total += 2 * 16_384
        asked.tell(b"")

    assert asked.engine.close_wanted == 0
    assert updates(asked.read(), 0) > total - MIB
