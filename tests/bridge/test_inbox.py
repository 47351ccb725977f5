"""What waits for an application: in order, counted, and let go when it is taken."""

import sys

from penstock.bridge.inbox import MESSAGE_OVERHEAD_BYTES, Inbox
from penstock.engine.websocket.events import BytesMessage, Event, TextMessage


def test_messages_are_taken_in_the_order_they_were_put() -> None:
    inbox = Inbox()
    inbox.put([TextMessage("a"), BytesMessage(b"b")])
    inbox.put([TextMessage("c")])
    assert [inbox.take() for _ in range(3)] == [TextMessage("a"), BytesMessage(b"b"), TextMessage("c")]
    assert not inbox


def test_messages_that_come_between_the_taking_keep_their_order() -> None:
    inbox = Inbox()
    inbox.put([TextMessage("a"), TextMessage("b")])
    taken = [inbox.take()]
    inbox.put([TextMessage("c"), TextMessage("d")])
    taken += [inbox.take(), inbox.take()]
    inbox.put([TextMessage("e")])
    taken += [inbox.take(), inbox.take()]
    assert taken == [TextMessage(each) for each in "abcde"]


def test_an_empty_message_has_a_size_too_so_that_their_number_is_bounded() -> None:
    inbox = Inbox()
    inbox.put([TextMessage(""), BytesMessage(b"")])
    assert inbox.size_bytes == 2 * MESSAGE_OVERHEAD_BYTES


def test_the_size_falls_with_each_message_taken() -> None:
    inbox = Inbox()
    events: list[Event] = [TextMessage("four"), BytesMessage(b"sixsix")]
    inbox.put(events)
    assert inbox.size_bytes == 10 + 2 * MESSAGE_OVERHEAD_BYTES
    inbox.take()
    assert inbox.size_bytes == 6 + MESSAGE_OVERHEAD_BYTES
    inbox.take()
    assert inbox.size_bytes == 0


def test_clearing_drops_everything() -> None:
    inbox = Inbox()
    inbox.put([TextMessage("a")])
    inbox.clear()
    assert not inbox
    assert inbox.size_bytes == 0


def test_a_taken_message_is_let_go_though_the_inbox_never_gets_empty() -> None:
    inbox = Inbox()
    payload = b"first" * 10
    before = sys.getrefcount(payload)
    inbox.put([BytesMessage(payload)])
    inbox.put([BytesMessage(b"second")])
    assert sys.getrefcount(payload) == before + 1
    inbox.take()
    assert inbox
    assert sys.getrefcount(payload) == before
