"""Text is UTF-8, whatever it is cut into: RFC 6455 sections 5.6 and 8.1."""

import pytest
from tests.engine.websocket.feeding import Outcome, fed

from penstock.base.limits import Limits
from penstock.engine.closing import LINGER
from penstock.engine.websocket.connection import WebSocketConnection
from penstock.engine.websocket.events import BytesMessage, Closed, TextMessage
from penstock.testing.wire import websocket_fragments, websocket_frame, websocket_ping, websocket_text

CONTINUATION, TEXT, BINARY = 0, 1, 2

TEXTS = ["", "a", "é", "€", "𝄞", "\x00", "\ufffe\uffff", "\U0010ffff", "\ud7ff\ue000", "κόσμε", "a€b𝄞c" * 20]

# Each with what is wrong with it; the last byte of each is where it can be known.
NOT_UTF8 = {
    "a continuation byte alone": b"\x80",
    "a byte that is never in UTF-8": b"\xff",
    "the first byte of five": b"\xf8",
    "a first byte beyond the last character": b"\xf5",
    "an overlong slash of two bytes": b"\xc0",
    "an overlong slash of three bytes": b"\xe0\x80",
    "an overlong slash of four bytes": b"\xf0\x80",
    "a high surrogate": b"\xed\xa0",
    "a low surrogate": b"\xed\xbf",
    "beyond the last character": b"\xf4\x90",
    "two bytes of three and a letter": b"\xe2\x82a",
    "three bytes of four and a letter": b"\xf0\x9d\x84a",
    "one byte of two and a first byte": b"\xc3\xc3",
}
CUT = [b"\xc3", b"\xe2", b"\xe2\x82", b"\xf0", b"\xf0\x9d", b"\xf0\x9d\x84"]


def assert_refused(outcome: Outcome) -> None:
    assert outcome.events == [Closed(1006, "a text message is not UTF-8")]
    assert outcome.close_code == 1007
    assert outcome.close_wanted == LINGER


@pytest.mark.parametrize("text", TEXTS)
def test_a_text_may_be_cut_inside_a_character(text: str) -> None:
    """Section 5.6: a fragment may end inside a UTF-8 sequence."""
    encoded = text.encode()
    for cut in range(len(encoded) + 1):
        data = b"".join(websocket_fragments(TEXT, [encoded[:cut], b"", encoded[cut:]]))
        assert fed(data).events == [TextMessage(text)]


def test_a_text_may_come_in_fragments_of_one_byte() -> None:
    text = "κόσμε 𝄞"
    parts = [bytes((byte,)) for byte in text.encode()]
    assert fed(b"".join(websocket_fragments(TEXT, parts))).events == [TextMessage(text)]


@pytest.mark.parametrize("bad", NOT_UTF8.values(), ids=NOT_UTF8)
@pytest.mark.parametrize(
    "before", [b"", b"good ", "κόσμε".encode()], ids=["first", "after ASCII", "after Greek"]
)
def test_asgi_101_a_text_that_is_not_utf8_is_refused(bad: bytes, before: bytes) -> None:
    """Section 8.1: the connection fails with 1007."""
    assert_refused(fed(websocket_frame(TEXT, before + bad)))
    assert_refused(fed(websocket_frame(TEXT, before + bad + b" more")))


@pytest.mark.parametrize("bad", NOT_UTF8.values(), ids=NOT_UTF8)
def test_a_bad_byte_is_refused_wherever_fragments_are_cut(bad: bytes) -> None:
    """Section 8.1."""
    for cut in range(len(bad) + 1):
        data = b"".join(websocket_fragments(TEXT, [b"a" + bad[:cut], bad[cut:] + b"b", b""]))
        assert_refused(fed(data))


@pytest.mark.parametrize("cut", CUT)
def test_a_text_that_ends_inside_a_character_is_refused(cut: bytes) -> None:
    """Section 8.1."""
    assert_refused(fed(websocket_frame(TEXT, b"a" + cut)))
    assert_refused(fed(b"".join(websocket_fragments(TEXT, [b"a", cut]))))
    assert_refused(fed(b"".join(websocket_fragments(TEXT, [cut, b""]))))


@pytest.mark.parametrize("bad", NOT_UTF8.values(), ids=NOT_UTF8)
def test_a_bad_byte_is_refused_before_the_message_ends(bad: bytes) -> None:
    """Section 8.1 does not ask for it; but nobody gains from reading on."""
    frame = websocket_frame(TEXT, bad + bytes(1000))
    unfinished = frame[: 8 + len(bad)]  # the head is 8 bytes long
    assert_refused(fed(unfinished))
    assert_refused(fed(websocket_frame(TEXT, bad, final=False)))


@pytest.mark.parametrize("cut", CUT)
def test_an_unfinished_character_is_waited_for(cut: bytes) -> None:
    outcome = fed(websocket_frame(TEXT, cut, final=False) + websocket_ping(b"?"))
    assert outcome.events == []
    assert [frame.payload for frame in outcome.frames] == [b"?"]


def test_bytes_need_not_be_utf8() -> None:
    assert fed(b"".join(websocket_fragments(BINARY, [b"\xff", b"\xed\xa0"]))).events == [
        BytesMessage(b"\xff\xed\xa0")
    ]


def test_a_large_message_in_many_reads_costs_linear_time_and_comes_out_right() -> None:
    """A megabyte in reads of seven bytes: joined at every read, this would copy 75 GB."""
    text = "penstock " * 120_000
    frame = websocket_text(text)
    connection = WebSocketConnection(Limits(), None)
    for start in range(0, len(frame), 7):
        connection.receive_data(frame[start : start + 7])
    assert connection.events() == [TextMessage(text)]
