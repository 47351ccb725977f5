"""What may stand in a frame, frame by frame (RFC 9113 sections 3.4, 4 and 6)."""

import pytest
from tests.engine.http1.wire import cut_at
from tests.support.http2_wire import (
    END_HEADERS,
    END_STREAM,
    GET,
    HAS_PRIORITY,
    PADDED,
    POST,
    PREFACE,
    Client,
    client,
    connection,
    data,
    frame,
    names,
    settings,
    settings_ack,
    told,
    window_update,
)

from penstock.engine.closing import KEEP_OPEN, LINGER

BAD: dict[str, tuple[bytes, str]] = {
    "4.2 a frame above the largest": (frame("DATA", 1, bytes(16_385)), "FRAME_SIZE_ERROR"),
    "4.2 an unknown frame above the largest": (frame("UNKNOWN", 1, bytes(16_385)), "FRAME_SIZE_ERROR"),
    "6.1 DATA on stream 0": (data(0, b"a"), "PROTOCOL_ERROR"),
    "6.1 more padding than frame": (frame("DATA", 1, b"\x05abc", PADDED), "PROTOCOL_ERROR"),
    "6.1 padding without its length": (frame("DATA", 1, b"", PADDED), "FRAME_SIZE_ERROR"),
    "6.2 HEADERS on stream 0": (frame("HEADERS", 0, b"\x82", END_HEADERS), "PROTOCOL_ERROR"),
    "6.2 more padding than HEADERS": (
        frame("HEADERS", 3, b"\x05\x82", END_HEADERS | PADDED),
        "PROTOCOL_ERROR",
    ),
    "6.2 HEADERS that end in their priority": (
        frame("HEADERS", 3, b"\0\0", END_HEADERS | HAS_PRIORITY),
        "FRAME_SIZE_ERROR",
    ),
    "6.3 PRIORITY on stream 0": (frame("PRIORITY", 0, bytes(5)), "PROTOCOL_ERROR"),
    "6.3 a PRIORITY of 4 bytes for an idle stream": (frame("PRIORITY", 9, bytes(4)), "FRAME_SIZE_ERROR"),
    "6.4 RST_STREAM on stream 0": (frame("RST_STREAM", 0, bytes(4)), "PROTOCOL_ERROR"),
    "6.4 a RST_STREAM of 3 bytes": (frame("RST_STREAM", 1, bytes(3)), "FRAME_SIZE_ERROR"),
    "6.5 SETTINGS of 5 bytes": (frame("SETTINGS", 0, bytes(5)), "FRAME_SIZE_ERROR"),
    "6.5 an acknowledgement with settings": (frame("SETTINGS", 0, bytes(6), 1), "FRAME_SIZE_ERROR"),
    "6.5.2 ENABLE_PUSH of 2": (settings((2, 2)), "PROTOCOL_ERROR"),
    "6.5.2 a window of 2^31": (settings((4, 1 << 31)), "FLOW_CONTROL_ERROR"),
    "6.5.2 frames of 16383": (settings((5, 16_383)), "PROTOCOL_ERROR"),
    "6.5.2 frames of 2^24": (settings((5, 1 << 24)), "PROTOCOL_ERROR"),
    "RFC 8441 3 ENABLE_CONNECT_PROTOCOL of 2": (settings((8, 2)), "PROTOCOL_ERROR"),
    "RFC 9218 2.1 NO_RFC7540_PRIORITIES of 2": (settings((9, 2)), "PROTOCOL_ERROR"),
    "RFC 9218 2.1 NO_RFC7540_PRIORITIES changed": (settings((9, 1)), "PROTOCOL_ERROR"),
    "RFC 9218 7.1 PRIORITY_UPDATE on a stream": (frame("PRIORITY_UPDATE", 1, bytes(4)), "PROTOCOL_ERROR"),
    "RFC 9218 7.1 PRIORITY_UPDATE of 3 bytes": (frame("PRIORITY_UPDATE", 0, bytes(3)), "FRAME_SIZE_ERROR"),
    "RFC 9218 7.1 PRIORITY_UPDATE for stream 0": (frame("PRIORITY_UPDATE", 0, bytes(4)), "PROTOCOL_ERROR"),
    "RFC 9218 7.1 PRIORITY_UPDATE for no promise": (
        frame("PRIORITY_UPDATE", 0, bytes((0, 0, 0, 8))),
        "PROTOCOL_ERROR",
    ),
    "6.6 PUSH_PROMISE": (frame("PUSH_PROMISE", 1, bytes(4), END_HEADERS), "PROTOCOL_ERROR"),
    "6.7 a PING of 7 bytes": (frame("PING", 0, bytes(7)), "FRAME_SIZE_ERROR"),
    "6.8 a GOAWAY of 7 bytes": (frame("GOAWAY", 0, bytes(7)), "FRAME_SIZE_ERROR"),
    "6.9 a WINDOW_UPDATE of 3 bytes": (frame("WINDOW_UPDATE", 0, bytes(3)), "FRAME_SIZE_ERROR"),
    "6.9 a WINDOW_UPDATE by nothing": (window_update(0, 0), "PROTOCOL_ERROR"),
    "6.9.1 a window above 2^31-1": (window_update(0, (1 << 31) - 1), "FLOW_CONTROL_ERROR"),
    "6.10 a CONTINUATION of nothing": (frame("CONTINUATION", 1, b"", END_HEADERS), "PROTOCOL_ERROR"),
    "6.10 another frame inside a block": (
        frame("HEADERS", 3, b"\x82") + frame("PING", 0, bytes(8)),
        "PROTOCOL_ERROR",
    ),
    "6.10 another stream inside a block": (
        frame("HEADERS", 3, b"\x82") + frame("CONTINUATION", 5, b"", END_HEADERS),
        "PROTOCOL_ERROR",
    ),
    "4.3 a block that is no HPACK": (frame("HEADERS", 3, b"\x80", END_HEADERS), "COMPRESSION_ERROR"),
    "RFC 7540 5.3.1 a stream that depends on itself": (
        frame("PRIORITY", 1, bytes((0, 0, 0, 1, 16))),
        "PROTOCOL_ERROR",
    ),
}


def with_an_open_stream() -> Client:
    asked = client()
    asked.tell(asked.headers(1, POST, end=False))
    return asked


@pytest.mark.parametrize("way", ["whole", "byte by byte"])
@pytest.mark.parametrize("case", BAD)
def test_a_malformed_frame_ends_the_connection(case: str, way: str) -> None:
    asked = with_an_open_stream()
    octets, error = BAD[case]

    events = []
    for piece in cut_at(octets, range(len(octets)) if way == "byte by byte" else []):
        events += asked.tell(piece)

    assert told(events) == ["ConnectionFault"], case
    goaway = asked.read()[-1]
    assert (goaway.name, goaway.error) == ("GOAWAY", error)
    assert asked.engine.close_wanted == LINGER


BROKEN_STREAMS = {
    "6.3 a PRIORITY of 4 bytes": (frame("PRIORITY", 1, bytes(4)), "FRAME_SIZE_ERROR"),
    "6.9 a WINDOW_UPDATE by nothing": (window_update(1, 0), "PROTOCOL_ERROR"),
    "6.9.1 a window above 2^31-1": (window_update(1, (1 << 31) - 1), "FLOW_CONTROL_ERROR"),
}


@pytest.mark.parametrize("case", BROKEN_STREAMS)
def test_what_is_wrong_with_one_stream_resets_it(case: str) -> None:
    asked = with_an_open_stream()
    octets, error = BROKEN_STREAMS[case]

    asked.tell(octets)

    assert told(asked.events) == ["StreamReset"]
    assert [(each.name, each.stream_id, each.error) for each in asked.read()] == [("RST_STREAM", 1, error)]
    assert asked.engine.close_wanted == KEEP_OPEN


def test_our_settings_come_first() -> None:
    """Section 3.4: the server's preface is a SETTINGS frame."""
    first, update = Client(connection()).read()

    sent = {
        int.from_bytes(first.payload[at : at + 2]): int.from_bytes(first.payload[at + 2 : at + 6])
        for at in range(0, len(first.payload), 6)
    }
    assert first.name == "SETTINGS"
    assert sent == {3: 100, 4: 262_144, 6: 65_536, 8: 1, 9: 1}
    assert (update.name, update.stream_id, update.number) == ("WINDOW_UPDATE", 0, 1_048_576 - 65_535)


def test_no_setting_makes_a_window_above_the_largest() -> None:
    """Section 6.9.1."""
    first, update = Client(connection(stream_window_bytes=1 << 40, connection_window_bytes=1 << 40)).read()

    assert update.number + 65_535 == (1 << 31) - 1
    assert ((4).to_bytes(2) + ((1 << 31) - 1).to_bytes(4)) in first.payload


@pytest.mark.parametrize("octets", [b"GET / HTTP/1.1\r\n", b"PRI * HTTP/2.0\r\n\r\nSX", b"\x16\x03\x01"])
def test_another_preface_is_refused_at_its_first_wrong_octet(octets: bytes) -> None:
    """Section 3.4."""
    asked = Client(connection())

    assert told(asked.tell(octets)) == ["ConnectionFault"]
    assert asked.read()[-1].error == "PROTOCOL_ERROR"


@pytest.mark.parametrize("first", [frame("PING", 0, bytes(8)), settings_ack(), window_update(0, 1)])
def test_the_first_frame_is_settings(first: bytes) -> None:
    """Section 3.4."""
    asked = Client(connection())

    assert told(asked.tell(PREFACE + first)) == ["ConnectionFault"]


def test_settings_and_pings_are_acknowledged_in_order() -> None:
    """Sections 6.5.3 and 6.7."""
    asked = client()

    asked.tell(frame("PING", 0, b"12345678") + settings((3, 5)) + frame("PING", 0, b"abcdefgh"))

    assert [(each.name, each.flags, each.payload) for each in asked.read()] == [
        ("PING", 1, b"12345678"),
        ("SETTINGS", 1, b""),
        ("PING", 1, b"abcdefgh"),
    ]


def test_what_is_unknown_is_ignored() -> None:
    """Sections 4.1, 5.5 and 6.5.2: types of frames, flags, settings, and the reserved bit."""
    asked = client()
    get = bytearray(asked.headers(1))
    get[4] |= 0xC2
    get[5] |= 0x80

    asked.tell(frame("UNKNOWN", 7, b"what", 0xFF) + settings((0xAB, 1)) + bytes(get))

    assert told(asked.events) == ["RequestReceived", "RequestEnded"]


def test_a_padded_request_with_priority_in_several_frames_is_read() -> None:
    """Sections 6.1, 6.2 and 6.10."""
    asked = client()
    block = asked.block(POST)
    begin = b"\x03" + (0).to_bytes(4) + b"\x10" + block[:2] + bytes(3)

    asked.tell(
        frame("HEADERS", 1, begin, PADDED | HAS_PRIORITY)
        + frame("CONTINUATION", 1, block[2:5])
        + frame("CONTINUATION", 1, block[5:], END_HEADERS)
        + frame("DATA", 1, b"\x04body" + bytes(4), PADDED)
        + frame("DATA", 1, b"\x00", PADDED | END_STREAM)
    )

    assert told(asked.events) == ["RequestReceived", "DataReceived", "RequestEnded"]
    assert asked.events[0].head.method == "POST"
    assert asked.events[1].data == b"body"


def test_our_fields_leave_in_as_many_frames_as_they_need() -> None:
    """Section 6.10."""
    asked = client()
    asked.ask()
    large = [(b"x-%d" % at, b"~" * 9000) for at in range(5)]

    asked.engine.send_response(1, 200, large, False)
    asked.engine.send_data(1, b"", True)

    (answer,) = asked.read()
    assert answer.fields == ((b":status", b"200"), *large, (b"content-length", b"0"))
    assert len(answer.payload) > 2 * 16_384


def test_the_peers_table_size_is_kept() -> None:
    """RFC 7541 section 4.2: without a table the same answer has the same size twice."""
    asked = client((1, 0))
    sizes = []
    for _ in range(2):
        stream_id = asked.ask()
        asked.engine.send_response(stream_id, 200, [(b"x-a", b"abc")], False)
        asked.engine.send_data(stream_id, b"", True)
        (answer,) = asked.read()
        sizes.append(len(answer.payload))
        assert (b"x-a", b"abc") in answer.fields

    assert sizes[1] in (sizes[0], sizes[0] - 1)


def test_answers_of_one_turn_leave_as_one_piece() -> None:
    asked = client()
    asked.tell(b"".join(asked.headers(stream_id, GET) for stream_id in range(1, 41, 2)))
    for stream_id in range(1, 41, 2):
        asked.engine.send_response(stream_id, 200, [], False)
        asked.engine.send_data(stream_id, b"hello", True)

    (piece,) = asked.engine.data_to_send()

    assert piece.count(b"hello") == 20
    assert asked.engine.data_to_send() == []


def test_a_client_that_closes_is_told_and_may_still_be_answered() -> None:
    asked = client()
    asked.ask()
    asked.engine.receive_eof()
    asked.tell(b"")
    assert [(type(event).__name__, event.complete) for event in asked.events] == [("PeerClosed", True)]
    assert asked.tell(b"") == []
    assert asked.engine.close_wanted == KEEP_OPEN

    asked.engine.send_response(1, 204, [], False)
    asked.engine.send_data(1, b"", True)

    assert names(asked.read()) == ["HEADERS"]
    assert asked.engine.close_wanted != KEEP_OPEN


@pytest.mark.parametrize("rest", [b"", data(1, b"a")[:5], frame("HEADERS", 3, b"\x82")])
def test_a_client_that_closes_inside_a_request_has_cut_it(rest: bytes) -> None:
    asked = with_an_open_stream()
    asked.tell(rest)
    asked.engine.receive_eof()

    asked.tell(b"")

    assert [(type(event).__name__, event.complete) for event in asked.events] == [("PeerClosed", False)]
    assert asked.engine.close_wanted != KEEP_OPEN
