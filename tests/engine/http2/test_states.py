"""Every frame in every state of a stream: a legal step, or the error that the RFC names (sections 5.1, 6)."""

from collections.abc import Callable

import pytest
from tests.support.http2_wire import (
    END_HEADERS,
    POST,
    Client,
    client,
    data,
    frame,
    reset,
    told,
    window_update,
)

from penstock.engine.closing import KEEP_OPEN, LINGER

TRAILER = [(b"x-sum", b"1")]
LEGAL = ""


def idle() -> tuple[Client, int]:
    return client(), 1


def open_() -> tuple[Client, int]:
    asked = client()
    asked.tell(asked.headers(1, POST, end=False))
    return asked, 1


def half_closed_remote() -> tuple[Client, int]:
    asked = client()
    asked.ask()
    return asked, 1


def half_closed_local() -> tuple[Client, int]:
    """Only a tunnel has two directions of their own; any other request is stopped at its answer's end."""
    asked = client()
    fields = ((b":method", b"CONNECT"), (b":protocol", b"websocket"), *POST[1:])
    asked.tell(asked.headers(1, fields, end=False))
    asked.engine.accept_tunnel(1, [])
    asked.engine.send_data(1, b"", True)
    return asked, 1


def reserved() -> tuple[Client, int]:
    asked = client()
    asked.ask()
    promised = asked.engine.push(1, "GET", b"/pushed", [])
    assert promised == 2
    return asked, promised


def closed() -> tuple[Client, int]:
    asked, stream_id = half_closed_remote()
    asked.engine.send_response(stream_id, 204, [], False)
    asked.engine.send_data(stream_id, b"", True)
    return asked, stream_id


def closed_by_the_peer() -> tuple[Client, int]:
    asked, stream_id = open_()
    asked.tell(reset(stream_id))
    return asked, stream_id


def reset_by_us() -> tuple[Client, int]:
    asked, stream_id = open_()
    asked.engine.reset(stream_id, 8)
    return asked, stream_id


STATES: dict[str, Callable[[], tuple[Client, int]]] = {
    "idle": idle,
    "reserved (local)": reserved,
    "open": open_,
    "half-closed (remote)": half_closed_remote,
    "half-closed (local)": half_closed_local,
    "closed": closed,
    "closed by the peer": closed_by_the_peer,
    "reset by us": reset_by_us,
}
FRAMES: dict[str, Callable[[Client, int], bytes]] = {
    "HEADERS": lambda asked, at: asked.headers(at, POST, end=False),
    "last HEADERS": lambda asked, at: asked.headers(at, TRAILER if at in asked.opened else POST),
    "DATA": lambda asked, at: data(at, b"a"),
    "last DATA": lambda asked, at: data(at, b"a", end=True),
    "RST_STREAM": lambda asked, at: reset(at),
    "WINDOW_UPDATE": lambda asked, at: window_update(at, 1),
    "PRIORITY": lambda asked, at: frame("PRIORITY", at, bytes(4) + b"\x10"),
    "CONTINUATION": lambda asked, at: frame("CONTINUATION", at, b"", END_HEADERS),
    "PUSH_PROMISE": lambda asked, at: frame("PUSH_PROMISE", at, (4).to_bytes(4), END_HEADERS),
    "SETTINGS": lambda asked, at: frame("SETTINGS", at),
    "PING": lambda asked, at: frame("PING", at, bytes(8)),
    "GOAWAY": lambda asked, at: frame("GOAWAY", at, bytes(8)),
    "unknown": lambda asked, at: frame("UNKNOWN", at, b"what"),
}
FOR_NO_STREAM = dict.fromkeys(
    ("CONTINUATION", "PUSH_PROMISE", "SETTINGS", "PING", "GOAWAY"), "GOAWAY PROTOCOL_ERROR"
)
HAS_NO_PLACE = dict.fromkeys(("DATA", "last DATA", "RST_STREAM", "WINDOW_UPDATE"), "GOAWAY PROTOCOL_ERROR")
ENDED = dict.fromkeys(("HEADERS", "last HEADERS", "DATA", "last DATA"), "GOAWAY STREAM_CLOSED")
FAULTS: dict[str, dict[str, str]] = {
    "idle": HAS_NO_PLACE,
    "reserved (local)": dict.fromkeys(ENDED, "GOAWAY PROTOCOL_ERROR"),
    "open": {"HEADERS": "RST_STREAM PROTOCOL_ERROR"},
    "half-closed (remote)": dict.fromkeys(ENDED, "RST_STREAM STREAM_CLOSED"),
    "half-closed (local)": {"HEADERS": "RST_STREAM PROTOCOL_ERROR"},
    "closed": ENDED,
    "closed by the peer": ENDED,
    "reset by us": {},
}


@pytest.mark.parametrize("is_forgotten", [False, True], ids=["at once", "later"])
@pytest.mark.parametrize("name", FRAMES)
@pytest.mark.parametrize("state", STATES)
def test_a_frame_has_its_place_in_a_state_or_the_error_of_the_rfc(
    state: str, name: str, is_forgotten: bool
) -> None:
    """RFC 9113 section 5.1, and 6.5 to 6.10 for those that belong to no stream."""
    asked, stream_id = STATES[state]()
    asked.read()
    if is_forgotten:
        asked.tell(b"")

    asked.tell(FRAMES[name](asked, stream_id))

    expected = FOR_NO_STREAM.get(name) or FAULTS[state].get(name, LEGAL)
    errors = [
        f"{each.name} {each.error}"
        for each in asked.read()
        if each.name in ("RST_STREAM", "GOAWAY") and (each.name, each.number) != ("RST_STREAM", 0)
    ]
    assert errors == ([expected] if expected else [])
    assert asked.engine.close_wanted == (LINGER if expected.startswith("GOAWAY") else KEEP_OPEN)


def test_a_connection_error_is_the_last_event_and_nothing_is_read_behind_it() -> None:
    """RFC 9113 section 5.4.1."""
    asked, _ = half_closed_remote()

    assert told(asked.tell(data(3, b"a") + asked.headers(3))) == ["ConnectionFault"]

    assert asked.events[0].code == 1
    assert asked.read()[-1].name == "GOAWAY"
    assert asked.tell(asked.headers(5)) == []
    asked.engine.send_response(1, 200, [], False)
    asked.engine.send_data(1, b"a", True)
    assert asked.read() == []


def test_a_goaway_names_the_last_stream_and_its_reason() -> None:
    """RFC 9113 section 6.8."""
    asked, _ = half_closed_remote()
    asked.ask()

    asked.tell(frame("PING", 0, b"123"))

    goaway = asked.read()[-1]
    assert (goaway.name, goaway.error) == ("GOAWAY", "FRAME_SIZE_ERROR")
    assert int.from_bytes(goaway.payload[:4]) == 3
    assert b"PING" in goaway.payload[8:]


def test_a_stream_error_leaves_the_other_streams() -> None:
    """RFC 9113 section 5.4.2."""
    asked = client()
    asked.tell(asked.headers(1, POST, end=False) + asked.headers(3, POST, end=False))

    asked.tell(asked.headers(1, POST, end=False) + data(3, b"a", end=True))

    assert told(asked.events) == ["StreamReset", "DataReceived", "RequestEnded"]
    assert [(each.name, each.stream_id) for each in asked.read()] == [("RST_STREAM", 1)]


def test_streams_of_lower_numbers_are_closed_by_a_higher_one() -> None:
    """RFC 9113 section 5.1.1: an unexpected stream identifier is a connection error PROTOCOL_ERROR."""
    asked = client()
    asked.tell(asked.headers(5))

    asked.tell(asked.headers(3))

    assert asked.read()[-1].error == "PROTOCOL_ERROR"


def test_a_client_has_odd_numbers() -> None:
    """RFC 9113 section 5.1.1."""
    asked = client()
    asked.tell(asked.headers(2))

    assert asked.read()[-1].error == "PROTOCOL_ERROR"


def test_more_streams_than_allowed_are_refused() -> None:
    """RFC 9113 section 5.1.2: REFUSED_STREAM tells that the request can be sent again."""
    asked = client(max_concurrent_streams=2)
    for _ in range(2):
        asked.ask()

    asked.ask()

    assert told(asked.events) == ["StreamReset"]
    (refusal,) = asked.read()
    assert (refusal.name, refusal.stream_id, refusal.error) == ("RST_STREAM", 5, "REFUSED_STREAM")
    asked.engine.send_response(1, 204, [], False)
    asked.engine.send_data(1, b"", True)
    asked.ask()
    assert told(asked.events) == ["RequestReceived", "RequestEnded"]


def test_a_response_before_the_end_of_the_request_stops_the_request() -> None:
    """RFC 9113 section 8.1: RST_STREAM with NO_ERROR behind the response, and the rest is dropped."""
    asked, _ = open_()
    asked.engine.send_response(1, 413, [], False)
    asked.engine.send_data(1, b"too large", True)

    *_, last, stop = asked.read()
    assert last.ends
    assert (stop.name, stop.error) == ("RST_STREAM", "NO_ERROR")
    assert asked.tell(data(1, b"a" * 1000)) == []
    assert asked.engine.close_wanted == KEEP_OPEN


def test_a_reset_stream_is_silent_whatever_the_application_does() -> None:
    asked, _ = open_()
    asked.tell(reset(1, "CANCEL"))
    assert [(type(event).__name__, event.code, event.by_peer) for event in asked.events] == [
        ("StreamReset", 8, True)
    ]

    for _ in range(2):
        asked.engine.send_informational(1, 103, [])
        asked.engine.send_response(1, 200, [], True)
        asked.engine.send_data(1, b"a", False)
        asked.engine.send_data(1, b"a", True)
        asked.engine.send_trailers(1, [])
        asked.engine.send_refusal(1, 500, "no")
        asked.engine.accept_tunnel(1, [])
        asked.engine.reset(1, 8)
        asked.engine.data_taken(1, 10)
        assert asked.engine.push(1, "GET", b"/", []) is None
        assert asked.engine.is_writable(1)
        assert asked.tell(b"") == []
    assert asked.read() == []
