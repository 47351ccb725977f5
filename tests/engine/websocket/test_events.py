"""Events are plain values: equal when they say the same, and readable in a failed test."""

import pytest

from penstock.engine.websocket.events import BytesMessage, Closed, TextMessage


@pytest.mark.parametrize(
    ("event", "same", "others", "shown"),
    [
        (TextMessage("a"), TextMessage("a"), [TextMessage("b"), BytesMessage(b"a"), "a"], "TextMessage('a')"),
        (
            BytesMessage(b"a"),
            BytesMessage(b"a"),
            [BytesMessage(b"b"), TextMessage("a")],
            "BytesMessage(b'a')",
        ),
        (Closed(1000, "x"), Closed(1000, "x"), [Closed(1001, "x"), Closed(1000, "y")], "Closed(1000, 'x')"),
    ],
)
def test_events_are_equal_when_they_say_the_same(
    event: object, same: object, others: list[object], shown: str
) -> None:
    assert event == same
    assert hash(event) == hash(same)
    assert all(event != other for other in others)
    assert repr(event) == shown
