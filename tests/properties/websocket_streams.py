"""Hypothesis strategies for what a WebSocket client may put on the wire: mostly sense, some of it wrong, some
of it noise."""

import itertools
import zlib
from collections.abc import Callable

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from penstock.base.limits import Limits
from penstock.testing.wire import websocket_close, websocket_fragments, websocket_frame

TEXT, BINARY, PING, PONG = 1, 2, 9, 10
RSV1 = 4

KEYS = st.integers(0, (1 << 32) - 1)
TEXTS = st.text(max_size=60)
PAYLOADS = st.binary(max_size=300) | st.builds(bytes, st.integers(0, 70_000))
CODES = st.sampled_from(
    [999, 1000, 1001, 1004, 1005, 1006, 1007, 1011, 1014, 1015, 1016, 2999, 3000, 4999, 5000]
)

LIMITS = st.builds(
    Limits,
    max_message_bytes=st.sampled_from([0, 100, 5000, 1 << 24]),
    max_frame_bytes=st.sampled_from([0, 100, 5000, 1 << 24]),
    deflate_min_bytes=st.sampled_from([0, 10, 1000]),
    deflate_memory_bytes=st.just(1 << 20),
    ping_seconds=st.sampled_from([None, 20.0]),
    pong_seconds=st.sampled_from([None, 10.0]),
)

EXTENSIONS = st.builds(
    lambda flags, bits: b"; ".join([b"permessage-deflate", *flags, *bits]),
    st.lists(st.sampled_from([b"server_no_context_takeover", b"client_no_context_takeover"]), unique=True),
    st.lists(
        st.sampled_from([b"server_max_window_bits=%d", b"client_max_window_bits=%d"]), unique=True
    ).flatmap(lambda names: st.tuples(*(st.integers(8, 15).map(_written(name)) for name in names))),
)


def _written(name: bytes) -> Callable[[int], bytes]:
    return lambda bits: name % bits


def compressed(payload: bytes) -> bytes:
    """A message that needs no window before it, so that it can stand at any place."""
    compressor = zlib.compressobj(wbits=-9)
    return (compressor.compress(payload) + compressor.flush(zlib.Z_SYNC_FLUSH)).removesuffix(
        b"\x00\x00\xff\xff"
    )


@st.composite
def messages(draw: DrawFn) -> bytes:
    """A whole message, in one frame or in fragments, perhaps compressed, perhaps no UTF-8."""
    opcode = draw(st.sampled_from([TEXT, BINARY]))
    payload = draw(TEXTS.map(str.encode) | PAYLOADS)
    reserved = draw(st.sampled_from([0, 0, RSV1]))
    if reserved:
        payload = compressed(payload)
    count = draw(st.integers(1, 4))
    size = len(payload) // count + 1
    parts = [payload[number * size : (number + 1) * size] for number in range(count)]
    return b"".join(websocket_fragments(opcode, parts, reserved=reserved, key=draw(KEYS)))


@st.composite
def odd_frames(draw: DrawFn) -> bytes:
    """A frame of any bits, whose length may be a lie."""
    return websocket_frame(
        draw(st.integers(0, 15)),
        draw(st.binary(max_size=200)),
        final=draw(st.booleans()),
        reserved=draw(st.sampled_from([0, 0, 0, 1, 2, 4, 7])),
        key=draw(KEYS | st.none()),
        length_bytes=draw(st.sampled_from([None, None, None, 8])),
        declared_length=draw(st.sampled_from([None, None, None, 0, 70, (1 << 63) - 1, 1 << 63])),
    )


control_frames: SearchStrategy[bytes] = st.builds(
    websocket_frame, st.sampled_from([PING, PONG]), st.binary(max_size=125), key=KEYS
)
close_frames: SearchStrategy[bytes] = st.builds(
    websocket_close, st.none() | CODES, st.text(max_size=20), key=KEYS
)

streams: SearchStrategy[bytes] = st.lists(
    st.one_of(messages(), messages(), control_frames, odd_frames(), close_frames, st.binary(max_size=20)),
    max_size=8,
).map(b"".join)


@st.composite
def pieces(draw: DrawFn, data: bytes) -> list[bytes]:
    """`data` cut at up to six places, or byte by byte."""
    if len(data) < 500 and draw(st.booleans()):
        return [data[index : index + 1] for index in range(len(data))]
    cuts = sorted(draw(st.lists(st.integers(0, len(data)), max_size=6)))
    edges = [0, *cuts, len(data)]
    return [data[start:end] for start, end in itertools.pairwise(edges)]
