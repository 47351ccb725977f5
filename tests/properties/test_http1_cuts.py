"""What an engine makes of bytes does not depend on how they were cut, and it raises nothing on any bytes."""

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.engine.http1.talk import REPLIES, SMALL, Talk
from tests.engine.http1.wire import cut_at, defaults
from tests.properties.http1_requests import cuts, damaged

from penstock.engine.http1.connection import Http1Connection

replies = st.lists(st.sampled_from(REPLIES), min_size=1, max_size=3)


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_damaged_requests_are_read_the_same_however_they_are_cut(data: st.DataObject) -> None:
    stream, script = data.draw(damaged()), data.draw(replies)
    whole, cut = (Talk(Http1Connection(SMALL, defaults()), script) for _ in range(2))

    whole.hear([stream]).end()
    cut.hear(cut_at(stream, data.draw(cuts(stream)))).end()

    assert whole.result == cut.result


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200), st.data())
def test_any_bytes_are_read_the_same_however_they_are_cut(stream: bytes, data: st.DataObject) -> None:
    whole, cut = (Talk(Http1Connection(SMALL, defaults())) for _ in range(2))

    whole.hear([stream]).end()
    cut.hear(cut_at(stream, data.draw(cuts(stream)))).end()

    assert whole.result == cut.result


@settings(max_examples=150, deadline=None)
@given(damaged(), replies, st.booleans())
def test_after_a_fault_there_is_nothing_more(stream: bytes, script: list[object], eager: bool) -> None:
    talk = Talk(Http1Connection(SMALL, defaults()), script, eager).hear([stream, stream]).end()
    names = [fact[0] for fact in talk.told]

    for closing in ("PeerFault", "PeerClosed"):
        assert names.count(closing) <= 1
        assert closing not in names[:-1] or names[-1] == "LocalProtocolError"
