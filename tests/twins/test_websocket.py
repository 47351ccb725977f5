"""The WebSocket engine compiled and uncompiled: the same bytes, calls and clock have the same effects in
both."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from tests.properties.websocket_streams import CODES, EXTENSIONS, LIMITS, TEXTS, pieces, streams
from tests.support.twin import pure

from penstock.base.errors import PenstockError
from penstock.base.limits import Limits
from penstock.engine.websocket import agreement, connection, extensions, handshake

CONNECTIONS = (connection, pure(connection.__name__))
HANDSHAKES = (handshake, pure(handshake.__name__))

CALLS = st.one_of(
    st.tuples(st.just("send_text"), TEXTS | st.just("\ud800") | st.just("x" * 70_000)),
    st.tuples(st.just("send_bytes"), st.binary(max_size=300) | st.builds(bytearray, st.integers(0, 70_000))),
    st.tuples(st.just("send_ping"), st.binary(max_size=130)),
    st.tuples(st.just("send_close"), CODES, st.text(max_size=130)),
    st.tuples(st.just("handle_deadline"), st.floats(0, 100)),
    st.tuples(st.just("excuse_silence")),
    st.tuples(st.just("receive_eof")),
)


def effect(engine: Any, name: str, *arguments: Any) -> list[Any]:
    """Everything that shows of one call."""
    try:
        error = None
        getattr(engine, name)(*arguments)
    except PenstockError as raised:
        error = (type(raised), str(raised))
    shown = [error, repr(engine.events()), engine.data_to_send()]
    return [*shown, engine.close_wanted, engine.wants_pause, engine.is_open, engine.next_deadline]


@given(st.data(), streams, LIMITS, EXTENSIONS | st.none(), st.lists(CALLS, max_size=6))
def test_both_do_the_same_with_the_same_calls(
    data: st.DataObject, stream: bytes, limits: Limits, offer: bytes | None, calls: list[tuple[Any, ...]]
) -> None:
    deflate = None if offer is None else agreement.agree(extensions.parse_extensions(offer), limits)
    steps: list[tuple[Any, ...]] = [("receive_data", piece) for piece in data.draw(pieces(stream))]
    for call in calls:
        steps.insert(data.draw(st.integers(0, len(steps))), call)
    ours, twin = (module.WebSocketConnection(limits, deflate) for module in CONNECTIONS)
    for step in steps:
        assert effect(ours, *step) == effect(twin, *step), step


FIELDS = st.lists(
    st.tuples(
        st.sampled_from(
            [b"upgrade", b"connection", b"sec-websocket-version", b"sec-websocket-key"]
            + [b"sec-websocket-protocol", b"sec-websocket-extensions"] * 2
        ),
        st.sampled_from([b"websocket", b"upgrade", b"13", b"dGhlIHNhbXBsZSBub25jZQ=="])
        | EXTENSIONS
        | st.text('ab=;, \t"\\', max_size=20).map(str.encode),
    ),
    max_size=4,
)
GOOD = [
    (b"upgrade", b"websocket"),
    (b"connection", b"upgrade"),
    (b"sec-websocket-version", b"13"),
    (b"sec-websocket-key", b"dGhlIHNhbXBsZSBub25jZQ=="),
]


@given(FIELDS, st.booleans(), LIMITS)
def test_both_judge_a_handshake_alike(
    fields: list[tuple[bytes, bytes]], with_the_good_ones: bool, limits: Limits
) -> None:
    request = GOOD + fields if with_the_good_ones else fields
    results = []
    for module in HANDSHAKES:
        try:
            offer = module.read_offer("GET", "1.1", request)
        except PenstockError as error:
            results.append((type(error), str(error), error.status))  # type: ignore[attr-defined]
        else:
            chosen = offer.subprotocols[-1] if offer.subprotocols else None
            results.append((repr(offer), repr(module.accept(offer, chosen, limits))))
    assert results[0] == results[1]
