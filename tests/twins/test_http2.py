"""The compiled HTTP/2 engine and its uncompiled twin have the same conversations."""

import random
from types import ModuleType
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engine.http1.wire import cut_at
from tests.engine.http2.talk import REPLIES, SMALL, Talk
from tests.fuzz.fuzz_http2 import Case
from tests.support.twin import pure

from penstock.engine import defaults
from penstock.engine.http2 import connection, priorities, request, state
from penstock.engine.request import RequestHead

TWINS: list[tuple[ModuleType, ModuleType]] = [
    (connection, defaults),
    (pure(connection.__name__), pure(defaults.__name__)),
]
ACTS = st.lists(
    st.sampled_from(["sweep", "drain", "pause output", "pause reading", "eof", "abort"]), max_size=5
)


def talks(script: list[Any], eager: bool) -> list[Talk]:
    built = []
    for engine, shares in TWINS:
        shared = shares.ResponseDefaults(b"penstock", ((b"x-default", b"1"),), True)
        shared.set_date(b"today")
        built.append(Talk(engine.Http2Connection(SMALL, shared), script, eager))
    return built


@settings(max_examples=300, deadline=None)
@given(
    st.integers(0, 1 << 32), st.lists(st.sampled_from(REPLIES), min_size=1, max_size=4), ACTS, st.booleans()
)
def test_twins_have_the_same_conversation(
    number: int, script: list[Any], acts: list[str], eager: bool
) -> None:
    """The conversations are those of the fuzz harness."""
    choose = random.Random(number)
    stream = Case(number).stream
    pieces = list(cut_at(stream, [choose.randrange(len(stream)) for _ in range(choose.randint(0, 8))]))
    ours, theirs = talks(script, eager)

    for talk in (ours, theirs):
        for at, piece in enumerate(pieces):
            talk.hear([piece])
            act(talk, acts[at] if at < len(acts) else "", 4.0 * at)
        talk.end().sweep(100.0).sweep(200.0)

    assert ours.result == theirs.result
    assert ours.shown == theirs.shown


def act(talk: Talk, name: str, now: float) -> None:
    engine = talk.engine
    if name == "sweep":
        talk.sweep(now)
    elif name == "drain":
        engine.announce_close()
    elif name == "pause output":
        engine.output_paused = not engine.output_paused
    elif name == "pause reading":
        engine.reading_paused = not engine.reading_paused
    elif name == "eof":
        talk.end()
    elif name == "abort":
        engine.abort()


def test_twins_upgrade_alike() -> None:
    results = []
    for talk in talks([REPLIES[0]], False):
        head_of = RequestHead if talk.engine.__class__ is connection.Http2Connection else pure_head()
        head = head_of("GET", b"/a", "/a", b"", "1.1", [(b"host", b"a"), (b"upgrade", b"h2c")], b"h2c")
        talk.engine.upgrade_from_http1(b"\0\4\0\0\0\x10", head)
        talk.advance()
        results.append(talk.result)
    assert results[0] == results[1]


def pure_head() -> Any:
    return pure("penstock.engine.request").RequestHead


@given(
    st.lists(st.sampled_from([b"u=1", b"i", b"u=9", b"i=?0", b";a", b", ", b" ", b"=", b"\xff"])).map(
        b"".join
    )
)
def test_twins_read_priorities_alike(value: bytes) -> None:
    assert priorities.parse_priority(value) == pure(priorities.__name__).parse_priority(value)


def outcome(call: Any, *arguments: Any) -> object:
    """What a call returns or raises, comparable between twins whose errors are not the same classes."""
    try:
        return call(*arguments)
    except Exception as error:  # noqa: BLE001 whatever it is has to be the same
        return type(error).__name__, str(error)


def test_twins_have_the_same_tables() -> None:
    twin = pure(state.__name__)
    for first in range(7):
        for second in range(10):
            assert outcome(state.stream_next, first, second) == outcome(twin.stream_next, first, second)
            assert outcome(state.our_next, first % 6, second % 8) == outcome(
                twin.our_next, first % 6, second % 8
            )


@given(st.binary(max_size=5), st.binary(max_size=5))
def test_twins_judge_trailers_alike(name: bytes, value: bytes) -> None:
    pairs = [(name, value), (b"a" + name.lower(), b"b" + value + b"c")]
    assert outcome(request.check_trailers, pairs) == outcome(pure(request.__name__).check_trailers, pairs)
