"""What holds of the WebSocket engine whatever the peer sends, and however it is cut."""

import itertools

from hypothesis import given
from hypothesis import strategies as st
from tests.engine.websocket.feeding import Outcome, feed
from tests.properties.websocket_streams import EXTENSIONS, KEYS, LIMITS, TEXTS, pieces, streams

from penstock.base.errors import RemoteProtocolError
from penstock.base.limits import Limits
from penstock.engine.closing import CLOSE, KEEP_OPEN, LINGER
from penstock.engine.websocket.agreement import agree
from penstock.engine.websocket.connection import WebSocketConnection
from penstock.engine.websocket.events import BytesMessage, Closed, TextMessage
from penstock.engine.websocket.extensions import parse_extensions
from penstock.engine.websocket.handshake import accept, read_offer
from penstock.testing.wire import read_server_frames, websocket_fragments

CLOSE_FRAME = 8


@given(st.data(), streams, LIMITS, EXTENSIONS | st.none())
def test_a_stream_is_understood_alike_wherever_it_is_cut(
    data: st.DataObject, stream: bytes, limits: Limits, extensions: bytes | None
) -> None:
    deflate = None if extensions is None else agree(parse_extensions(extensions), limits)
    whole = feed(WebSocketConnection(limits, deflate), [stream])
    cut = feed(WebSocketConnection(limits, deflate), data.draw(pieces(stream)))
    assert_sound(whole)
    assert cut.messages == whole.messages
    assert cut.close_wanted == whole.close_wanted
    # A message that is both too large and no text is refused for what shows first.
    if not {cut.close_code, whole.close_code} <= {1007, 1009}:
        assert cut == whole


def assert_sound(outcome: Outcome) -> None:
    ends = [event for event in outcome.events if isinstance(event, Closed)]
    close_frames = [frame for frame in outcome.frames if frame.opcode == CLOSE_FRAME]
    assert len(ends) == len(close_frames) == (0 if outcome.close_wanted == KEEP_OPEN else 1)
    if ends:
        assert outcome.events[-1] is ends[0]
        assert outcome.frames[-1] is close_frames[0]
        assert outcome.close_wanted == (LINGER if ends[0].code == 1006 else CLOSE)


@given(st.data(), st.binary(max_size=2000), LIMITS)
def test_noise_raises_nothing(data: st.DataObject, noise: bytes, limits: Limits) -> None:
    assert_sound(feed(WebSocketConnection(limits, None), data.draw(pieces(noise))))


@given(st.data(), TEXTS | st.binary(max_size=3000), KEYS, st.lists(st.integers(0, 3000), max_size=5))
def test_a_message_in_any_fragments_at_any_cuts_comes_out_as_it_went_in(
    data: st.DataObject, message: str | bytes, key: int, cuts: list[int]
) -> None:
    opcode, payload = (1, message.encode()) if isinstance(message, str) else (2, message)
    edges = [0, *sorted(min(cut, len(payload)) for cut in cuts), len(payload)]
    parts = [payload[start:end] for start, end in itertools.pairwise(edges)]
    stream = b"".join(websocket_fragments(opcode, parts, key=key))
    outcome = feed(WebSocketConnection(Limits(), None), data.draw(pieces(stream)))
    assert outcome.events == [TextMessage(message) if isinstance(message, str) else BytesMessage(message)]


@given(st.lists(TEXTS | st.binary(max_size=300) | st.builds(bytes, st.integers(0, 70_000)), max_size=5))
def test_what_is_sent_can_be_read_as_whole_frames_in_their_order(messages: list[str | bytes]) -> None:
    connection = WebSocketConnection(Limits(), None)
    for message in messages:
        if isinstance(message, str):
            connection.send_text(message)
        else:
            connection.send_bytes(message)
    frames = read_server_frames(b"".join(connection.data_to_send()))
    assert [frame.payload.decode() if frame.opcode == 1 else frame.payload for frame in frames] == messages


HANDSHAKE = [
    (b"upgrade", b"websocket"),
    (b"connection", b"upgrade"),
    (b"sec-websocket-version", b"13"),
    (b"sec-websocket-key", b"dGhlIHNhbXBsZSBub25jZQ=="),
]
NAMES = [name for name, _ in HANDSHAKE] + [b"sec-websocket-protocol", b"sec-websocket-extensions"]
VALUES = (
    st.binary(max_size=40)
    | EXTENSIONS
    | st.text('abc=;, \t"\\permessage-deflate', max_size=40).map(str.encode)
)


@given(st.lists(st.tuples(st.sampled_from(NAMES), VALUES), max_size=3), LIMITS)
def test_any_handshake_is_accepted_or_refused_and_nothing_else(
    fields: list[tuple[bytes, bytes]], limits: Limits
) -> None:
    try:
        offer = read_offer("GET", "1.1", HANDSHAKE + fields)
    except RemoteProtocolError as refusal:
        assert refusal.status in {400, 426}
        return
    acceptance = accept(offer, offer.subprotocols[0] if offer.subprotocols else None, limits)
    for name, value in acceptance.fields:
        assert name == name.lower()
        assert value.isascii()
        assert value == value.strip()


@given(EXTENSIONS, st.integers(0, 400_000))
def test_an_agreement_keeps_to_its_budget_and_to_the_offer(extensions: bytes, budget: int) -> None:
    [offer] = parse_extensions(extensions)
    agreement = agree([offer], Limits(deflate_memory_bytes=budget))
    if agreement is not None:
        assert agreement.memory_bytes <= budget
        asked = dict(offer.parameters)
        assert agreement.server_window_bits <= int(asked.get("server_max_window_bits") or 15)
        assert agreement.client_window_bits <= int(asked.get("client_max_window_bits") or 15)
        assert agreement.server_no_context_takeover == ("server_no_context_takeover" in asked)
