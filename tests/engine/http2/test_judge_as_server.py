"""The h2 library plays the server beside us: it reads the same octets of the same client, and what we take it
takes and reads alike. What we refuse and it does not is ours to answer for: see the tests of each section.
"""

from dataclasses import dataclass, field
from typing import Any

import h2.config
import h2.connection
import h2.events
from hypothesis import event, given, settings
from hypothesis import strategies as st
from tests.support.http2_wire import (
    END_HEADERS,
    END_STREAM,
    PADDED,
    PREFACE,
    Client,
    connection,
    frame,
    settings_ack,
)
from tests.support.http2_wire import settings as settings_frame

Fields = list[tuple[bytes, bytes]]

def mostly(good: list[Any], bad: list[Any]) -> st.SearchStrategy[Any]:
    """Requests with one thing wrong say more than those with five."""
    return st.integers(0, 24).flatmap(lambda chosen: st.sampled_from(bad if chosen == 0 else good))


METHODS = mostly([b"GET", b"POST", b"OPTIONS", b"QUERY"], [b"", b"G T"])
PATHS = mostly([b"/", b"/a?b=c", b"/%41", b"/a//b;c"], [b"", b"*", b"a", b"/ ", b"/#f"])
SCHEMES = mostly([b"https", b"http"], [b"ftp", b""])
AUTHORITIES = mostly([b"example.com", b"example.com:8000", b"[::1]"], [b"", b"a b", b"u@h"])
ORDINARY = mostly(
    [
        (b"accept", b"*/*"),
        (b"cookie", b"a=1"),
        (b"cookie", b"b=2"),
        (b"te", b"trailers"),
        (b"x-empty", b""),
        (b"x-latin", b"\xe9"),
        (b"user-agent", b"a" * 300),
    ],
    [
        (b"te", b"gzip"),
        (b"content-length", b"5"),
        (b"content-length", b"0"),
        (b"connection", b"close"),
        (b"transfer-encoding", b"chunked"),
        (b"Upper", b"case"),
        (b"x-space", b" a"),
        (b"x-null", b"a\0b"),
        (b"x-line", b"a\nb"),
        (b"x y", b"name"),
        (b"", b"empty"),
        (b"host", b"example.com"),
        (b":path", b"/late"),
        (b":unknown", b"1"),
    ],
)
TRAILERS = mostly(
    [(b"x-sum", b"1"), (b"server-timing", b"a")], [(b"host", b"a"), (b":path", b"/"), (b"X", b"")]
)
PARTS = st.lists(st.sampled_from([b"", b"hello", b"h", b"ello", b"x" * 2000]), max_size=4)


@st.composite
def requests(draw: st.DrawFn) -> tuple[Fields, list[bytes] | None, Fields | None, int]:
    """Fields, parts of a body or None, trailers or None, and how much padding the frames have."""
    fields: Fields = [
        (b":method", draw(METHODS)),
        (b":scheme", draw(SCHEMES)),
        (b":path", draw(PATHS)),
        (b":authority", draw(AUTHORITIES)),
    ]
    if draw(st.integers(0, 24)) == 0:
        fields.pop(draw(st.integers(0, 3)))
    if draw(st.integers(0, 24)) == 0:
        fields.append(fields[0])
    fields += draw(st.lists(ORDINARY, max_size=3))
    parts = draw(st.none() | PARTS)
    trailers = None if parts is None else draw(st.none() | st.lists(TRAILERS, max_size=2))
    return fields, parts, trailers, draw(st.sampled_from([0, 0, 1, 200]))


@dataclass
class Read:
    """A request as a server has read it."""

    fields: Fields
    body: bytes = b""
    trailers: Fields = field(default_factory=list)
    ended: bool = False


def padded(name: str, stream_id: int, payload: bytes, flags: int, padding: int) -> bytes:
    if not padding or not payload:  # h2 takes padding around nothing for too much of it
        return frame(name, stream_id, payload, flags)
    return frame(name, stream_id, bytes((padding,)) + payload + bytes(padding), flags | PADDED)


def sent(client: Client, stream_id: int, request: Any) -> bytes:
    fields, parts, trailers, padding = request
    ends = END_STREAM if parts is None else 0
    octets = padded("HEADERS", stream_id, client.block(fields), END_HEADERS | ends, padding)
    for number, part in enumerate(parts or ()):
        is_last = trailers is None and number == len(parts) - 1
        octets += padded("DATA", stream_id, part, END_STREAM if is_last else 0, padding)
    if trailers is not None:
        octets += padded("HEADERS", stream_id, client.block(trailers), END_HEADERS | END_STREAM, padding)
    elif parts == []:
        octets += padded("DATA", stream_id, b"", END_STREAM, padding)
    return octets


def read_by_us(octets: bytes) -> dict[int, Read] | None:
    """None when anything of it is refused."""
    engine = connection()
    engine.receive_data(octets)
    found: dict[int, Read] = {}
    for each in engine.events():
        name = type(each).__name__
        if name == "RequestReceived":
            found[each.stream_id] = Read(each.head.fields)
        elif name == "DataReceived":
            found[each.stream_id].body += each.data
        elif name == "RequestEnded":
            found[each.stream_id].trailers = each.trailers
            found[each.stream_id].ended = True
        else:
            return None
    return found


def read_by_h2(octets: bytes) -> dict[int, Read]:
    server = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False, header_encoding=None))
    server.initiate_connection()
    found: dict[int, Read] = {}
    for each in server.receive_data(octets):
        if isinstance(each, h2.events.RequestReceived):
            found[each.stream_id] = Read(as_asgi(each.headers))
        elif isinstance(each, h2.events.DataReceived):
            found[each.stream_id].body += each.data
        elif isinstance(each, h2.events.TrailersReceived):
            found[each.stream_id].trailers = list(each.headers)
        elif isinstance(each, h2.events.StreamEnded):
            found[each.stream_id].ended = True
        assert not isinstance(each, h2.events.StreamReset | h2.events.ConnectionTerminated), each
    return found


def as_asgi(fields: Fields) -> Fields:
    """As ASGI has them: `:authority` first as `host`, other pseudo fields gone."""
    pairs = [(bytes(name), bytes(value)) for name, value in fields]
    authority = [(b"host", value) for name, value in pairs if name == b":authority" and value]
    others = [pair for pair in pairs if not pair[0].startswith(b":")]
    return authority + [pair for pair in others if not authority or pair[0] != b"host"]


def crumbs_last(fields: Fields) -> Fields:
    """The two put the joined cookies in different places."""
    return sorted(fields, key=lambda pair: pair[0] == b"cookie")


@settings(max_examples=400, deadline=None)
@given(st.lists(requests(), min_size=1, max_size=3))
def test_what_we_take_h2_takes_and_reads_alike(asked: list[Any]) -> None:
    """RFC 9113 sections 8.1 to 8.3."""
    client = Client(None)
    octets = PREFACE + settings_frame() + settings_ack()
    for number, request in enumerate(asked):
        octets += sent(client, 2 * number + 1, request)
    ours = read_by_us(octets)
    event("refused" if ours is None else "taken")
    if ours is None:
        return
    theirs = read_by_h2(octets)
    assert ours.keys() == theirs.keys()
    for stream_id, read in ours.items():
        judged = theirs[stream_id]
        assert crumbs_last(read.fields) == crumbs_last(judged.fields)
        assert (read.body, read.trailers, read.ended) == (judged.body, judged.trailers, judged.ended)
