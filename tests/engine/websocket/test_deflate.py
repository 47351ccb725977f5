"""Compressed messages: RFC 7692 sections 6 to 8, with zlib in the test's own hands as the peer."""

import tracemalloc
import zlib

import pytest
from tests.engine.websocket.feeding import Outcome, fed

from penstock.base.limits import Limits
from penstock.engine.closing import LINGER
from penstock.engine.websocket.agreement import Agreement, agree
from penstock.engine.websocket.connection import MAX_INFLATED_BATCH_BYTES, WebSocketConnection
from penstock.engine.websocket.events import BytesMessage, Closed, TextMessage
from penstock.engine.websocket.extensions import parse_extensions
from penstock.testing.wire import (
    ServerFrame,
    read_server_frames,
    websocket_close,
    websocket_fragments,
    websocket_frame,
    websocket_ping,
    websocket_text,
)

CONTINUATION, TEXT, BINARY = 0, 1, 2
RSV1 = 4
TAIL = b"\x00\x00\xff\xff"

PLENTY = Limits(deflate_memory_bytes=1 << 20, deflate_min_bytes=0)
HELLO = bytes.fromhex("f2 48 cd c9 c9 07 00")  # of RFC 7692 section 7.2.3.1


def agreement(parameters: bytes = b"", limits: Limits = PLENTY) -> Agreement:
    found = agree(parse_extensions(b"permessage-deflate" + parameters), limits)
    assert found is not None
    return found


def compressed(payload: bytes, bits: int = 15) -> bytes:
    compressor = zlib.compressobj(wbits=-bits)
    return (compressor.compress(payload) + compressor.flush(zlib.Z_SYNC_FLUSH)).removesuffix(TAIL)


def message(data: bytes, opcode: int = TEXT) -> bytes:
    """A frame that says that `data` is a compressed message."""
    return websocket_frame(opcode, data, reserved=RSV1)


def deflate_fed(data: bytes, limits: Limits = PLENTY, parameters: bytes = b"") -> Outcome:
    return fed(data, limits, agreement(parameters))


def assert_refused(outcome: Outcome, code: int) -> None:
    assert outcome.close_code == code
    assert outcome.closed is not None
    assert outcome.closed.code == 1006
    assert outcome.close_wanted == LINGER


EXAMPLES = {
    "one compressed block (7.2.3.1)": HELLO,
    "one block with no compression (7.2.3.3)": bytes.fromhex("00 05 00 fa ff 48 65 6c 6c 6f 00"),
    "a final block (7.2.3.4)": bytes.fromhex("f3 48 cd c9 c9 07 00 00"),
    "two blocks (7.2.3.5)": bytes.fromhex("f2 48 05 00 00 00 ff ff ca c9 c9 07 00"),
    "a final block and nothing behind it": bytes.fromhex("f3 48 cd c9 c9 07 00"),
    "two final blocks": bytes.fromhex("f3 48 05 00") + zlib.compress(b"llo", wbits=-15) + b"\x00",
}


@pytest.mark.parametrize("data", EXAMPLES.values(), ids=EXAMPLES)
def test_the_examples_of_the_rfc_are_inflated(data: bytes) -> None:
    """Section 7.2.3; and each leaves the next message unharmed."""
    outcome = deflate_fed(message(data) + message(HELLO) + message(data, BINARY))
    assert outcome.events == [TextMessage("Hello"), TextMessage("Hello"), BytesMessage(b"Hello")]


@pytest.mark.parametrize("data", EXAMPLES.values(), ids=EXAMPLES)
def test_a_compressed_message_may_be_cut_anywhere(data: bytes) -> None:
    """Section 6: RSV1 on the first fragment alone."""
    for cut in range(len(data) + 1):
        parts = [data[:cut], b"", data[cut:]]
        assert deflate_fed(b"".join(websocket_fragments(TEXT, parts, reserved=RSV1))).events == [
            TextMessage("Hello")
        ]


def test_the_window_reaches_back_over_messages() -> None:
    """Section 7.2.3.2."""
    outcome = deflate_fed(message(HELLO) + message(bytes.fromhex("f2 00 11 00 00")))
    assert outcome.events == [TextMessage("Hello")] * 2


def test_the_window_does_not_reach_back_where_that_was_agreed() -> None:
    """Section 7.1.1.2."""
    takeover = message(HELLO) + message(bytes.fromhex("f2 00 11 00 00"))
    outcome = deflate_fed(takeover, parameters=b"; client_no_context_takeover")
    assert outcome.messages == [TextMessage("Hello")]
    assert_refused(outcome, 1007)


def test_empty_messages_are_inflated() -> None:
    """Section 7.2.3.6; no bytes at all is what zlib brings out when it is flushed twice."""
    data = message(b"\x00") + message(b"") + message(HELLO) + message(b"", BINARY) + message(b"\x00", BINARY)
    expected = [TextMessage(""), TextMessage(""), TextMessage("Hello"), BytesMessage(b""), BytesMessage(b"")]
    assert deflate_fed(data).events == expected


def test_messages_may_be_uncompressed_between_compressed_ones() -> None:
    """Section 6: the bit is the message's own."""
    data = message(HELLO) + websocket_text("plain") + message(bytes.fromhex("f2 00 11 00 00"))
    assert deflate_fed(data).events == [TextMessage("Hello"), TextMessage("plain"), TextMessage("Hello")]


def test_control_frames_between_compressed_fragments_are_not_compressed() -> None:
    first, second = websocket_fragments(TEXT, [HELLO[:3], HELLO[3:]], reserved=RSV1)
    outcome = deflate_fed(first + websocket_ping(b"?") + second)
    assert outcome.events == [TextMessage("Hello")]
    assert [frame.payload for frame in outcome.frames] == [b"?"]


@pytest.mark.parametrize("opcode", [8, 9, 10])
def test_a_compressed_control_frame_is_refused(opcode: int) -> None:
    """Section 6.1: control frames are never compressed."""
    assert_refused(deflate_fed(message(b"\x03\xe8", opcode)), 1002)


def test_the_bit_in_a_later_fragment_is_refused() -> None:
    """Section 6.1: an endpoint MUST NOT set it there."""
    start = websocket_frame(TEXT, HELLO[:3], final=False, reserved=RSV1)
    assert_refused(deflate_fed(start + websocket_frame(CONTINUATION, HELLO[3:], reserved=RSV1)), 1002)


@pytest.mark.parametrize("reserved", [1, 2, 3, 5, 6, 7])
def test_the_other_reserved_bits_stay_reserved(reserved: int) -> None:
    assert_refused(deflate_fed(websocket_frame(TEXT, HELLO, reserved=reserved)), 1002)


@pytest.mark.parametrize(
    "data",
    [
        b"\xff" * 20,
        b"\x06",
        bytes.fromhex("00 05 00 fa fe 48 65 6c 6c 6f 00"),  # length and its complement differ
        bytes.fromhex("f2 00 11 00 00"),  # reaches back to before the first message
        HELLO[:3],  # cut inside a block
        HELLO[:5],
    ],
)
def test_what_is_no_deflate_stream_is_refused(data: bytes) -> None:
    """Section 7.2.2."""
    assert_refused(deflate_fed(message(data)), 1007)


def test_text_is_checked_after_inflating() -> None:
    """RFC 6455 section 8.1."""
    assert_refused(deflate_fed(message(compressed(b"\xff"))), 1007)
    assert_refused(deflate_fed(message(compressed("é".encode()[:1]))), 1007)
    assert deflate_fed(message(compressed(b"\xff"), BINARY)).events == [BytesMessage(b"\xff")]


@pytest.mark.parametrize("bits", range(9, 16))
def test_windows_of_every_size_are_inflated(bits: int) -> None:
    """Section 7.1.2.2."""
    payload = bytes(range(256)) * 300
    outcome = deflate_fed(
        message(compressed(payload, bits), BINARY) * 2, parameters=b"; client_max_window_bits=%d" % bits
    )
    assert outcome.events == [BytesMessage(payload)] * 2


def test_a_window_of_eight_bits_is_inflated_as_zlib_sends_it() -> None:
    """zlib takes 8 bits for 9: whoever agreed to 8 with it sends distances up to 512."""
    payload = (bytes(range(256)) + bytes(range(255, -1, -1))) * 20
    outcome = deflate_fed(message(compressed(payload, 9), BINARY), parameters=b"; client_max_window_bits=8")
    assert outcome.events == [BytesMessage(payload)]


def test_a_message_that_inflates_to_the_limit_is_taken_and_one_byte_more_is_not() -> None:
    limits = Limits(max_message_bytes=5000)
    assert deflate_fed(message(compressed(bytes(5000)), BINARY), limits).events == [BytesMessage(bytes(5000))]
    assert_refused(deflate_fed(message(compressed(bytes(5001)), BINARY), limits), 1009)


def test_compressed_fragments_count_together_as_what_they_inflate_to() -> None:
    limits = Limits(max_message_bytes=5000)
    data = compressed(bytes(5001))
    parts = [data[:4], data[4:8], data[8:]]
    outcome = deflate_fed(b"".join(websocket_fragments(BINARY, parts, reserved=RSV1)), limits)
    assert_refused(outcome, 1009)


def test_the_frame_limit_counts_before_inflating() -> None:
    limits = Limits(max_frame_bytes=100)
    assert deflate_fed(message(compressed(bytes(5000)), BINARY), limits).events == [BytesMessage(bytes(5000))]
    assert_refused(deflate_fed(message(bytes(101), BINARY), limits), 1009)


@pytest.mark.parametrize("pieces", [1, 10])
def test_a_bomb_is_stopped_before_it_takes_memory(pieces: int) -> None:
    bomb = message(compressed(bytes(50_000_000)), BINARY)
    connection = WebSocketConnection(Limits(max_message_bytes=1 << 20), agreement())
    step = len(bomb) // pieces + 1
    tracemalloc.start()
    try:
        for start in range(0, len(bomb), step):
            connection.receive_data(bomb[start : start + step])
        assert tracemalloc.get_traced_memory()[1] < 6 << 20
    finally:
        tracemalloc.stop()
    assert [type(event) for event in connection.events()] == [Closed]
    assert read_server_frames(b"".join(connection.data_to_send()))[0].payload[:2] == (1009).to_bytes(2, "big")


def test_many_messages_that_inflate_come_in_bounded_batches() -> None:
    """A read of 64 KiB can hold 60 MB of messages that are each within the limit."""
    connection = WebSocketConnection(Limits(), agreement(b"; client_no_context_takeover"))
    one = message(compressed(bytes(400_000)), BINARY)
    connection.receive_data(one * 30 + websocket_ping(b"behind") + websocket_text("plain"))
    connection.receive_data(websocket_close(1000))
    batches = []
    while connection.wants_pause:
        assert connection.data_to_send() == []
        batches.append(connection.events())
    rest = connection.events()
    assert all(len(batch) <= MAX_INFLATED_BATCH_BYTES // 400_000 + 1 for batch in batches)
    assert len(batches) >= 9
    assert [type(event) for batch in [*batches, rest] for event in batch] == [BytesMessage] * 30 + [
        TextMessage,
        Closed,
    ]
    assert [frame.opcode for frame in read_server_frames(b"".join(connection.data_to_send()))] == [10, 8]


def test_a_batch_ends_with_a_message_and_not_inside_one() -> None:
    connection = WebSocketConnection(Limits(), agreement())
    data = compressed(bytes(5_000_000))
    parts = [data[start : start + 500] for start in range(0, len(data), 500)]
    connection.receive_data(
        b"".join(websocket_fragments(BINARY, parts, reserved=RSV1)) + websocket_text("next")
    )
    assert connection.wants_pause
    assert connection.events() == [BytesMessage(bytes(5_000_000))]
    assert connection.events() == [TextMessage("next")]
    assert not connection.wants_pause


def test_the_end_of_the_stream_waits_for_the_last_batch() -> None:
    connection = WebSocketConnection(Limits(), agreement(b"; client_no_context_takeover"))
    connection.receive_data(message(compressed(bytes(2_000_000)), BINARY) * 2)
    connection.receive_eof()
    assert [type(event) for event in connection.events()] == [BytesMessage]
    assert connection.wants_pause
    assert [type(event) for event in connection.events()] == [BytesMessage, Closed]
    assert not connection.wants_pause


def test_final_blocks_without_end_are_refused() -> None:
    """Each costs a new decompressor, and the rest of the piece to be copied."""
    final = zlib.compress(b"", wbits=-15)
    assert deflate_fed(message(final * 60 + b"\x00")).events == [TextMessage("")]
    assert_refused(fed(message(final * 5000), PLENTY, agreement()), 1007)


def sent(connection: WebSocketConnection) -> list[ServerFrame]:
    return read_server_frames(b"".join(connection.data_to_send()))


PAYLOADS = [b"x", b"Hello" * 10, bytes(range(256)) * 10, bytes(100_000), b"\xff" * 300]


@pytest.mark.parametrize("bits", range(8, 16))
@pytest.mark.parametrize("forget", [False, True])
def test_what_we_compress_is_inflated_with_the_window_that_was_agreed(bits: int, forget: bool) -> None:
    """Sections 7.1.2.1 and 7.1.1.1: a decompressor with no larger a window than `bits` understands it."""
    parameters = b"; server_max_window_bits=%d" % bits + (b"; server_no_context_takeover" if forget else b"")
    connection = WebSocketConnection(PLENTY, agreement(parameters))
    decompressor = zlib.decompressobj(-bits)
    for payload in PAYLOADS * 2:
        connection.send_bytes(payload)
        [frame] = sent(connection)
        assert (frame.opcode, frame.final, frame.reserved) == (BINARY, True, RSV1)
        if forget:
            decompressor = zlib.decompressobj(-bits)
        assert decompressor.decompress(frame.payload + TAIL) == payload


def test_text_is_compressed_too_and_later_messages_profit_from_earlier_ones() -> None:
    connection = WebSocketConnection(PLENTY, agreement())
    text = "a sentence that says itself twice, and says it in κόσμε"
    connection.send_text(text)
    connection.send_text(text)
    first, second = sent(connection)
    assert (first.opcode, first.reserved, second.reserved) == (TEXT, RSV1, RSV1)
    assert len(second.payload) < len(first.payload) // 3


def test_small_and_empty_messages_are_sent_as_they_are() -> None:
    connection = WebSocketConnection(Limits(deflate_min_bytes=100, deflate_memory_bytes=1 << 20), agreement())
    connection.send_text("x" * 99)
    connection.send_text("x" * 100)
    assert [frame.reserved for frame in sent(connection)] == [0, RSV1]
    connection = WebSocketConnection(PLENTY, agreement())
    connection.send_text("")
    connection.send_bytes(b"")
    assert sent(connection) == [ServerFrame(TEXT, b""), ServerFrame(BINARY, b"")]


def test_pings_and_closes_are_never_compressed() -> None:
    """Section 6.1."""
    connection = WebSocketConnection(PLENTY, agreement())
    connection.send_ping(b"x" * 100)
    connection.send_close(1000, "x" * 100)
    assert [frame.reserved for frame in sent(connection)] == [0, 0]


def test_without_an_agreement_nothing_is_compressed_and_nothing_may_be() -> None:
    """RFC 6455 section 5.2."""
    connection = WebSocketConnection(PLENTY, None)
    connection.send_bytes(bytes(10_000))
    assert sent(connection)[0].reserved == 0
    assert_refused(fed(message(HELLO), PLENTY, None), 1002)
