"""What may be sent when: every verb in every state of a response."""

from collections.abc import Callable

import pytest
from tests.engine.http1.wire import connection, open_response, output, request

from penstock.base.errors import LocalProtocolError
from penstock.engine.closing import ABORT
from penstock.engine.http1.connection import Http1Connection

ASKED = request(b"Connection: Upgrade", b"Upgrade: websocket", b"TE: trailers")


def held() -> Http1Connection:
    sender = open_response(ASKED)
    sender.send_response(200, [], False)
    return sender


def sending() -> Http1Connection:
    sender = held()
    sender.send_data(b"a", False)
    return sender


def in_a_file() -> Http1Connection:
    sender = held()
    sender.begin_file_part(1)
    return sender


def trailing() -> Http1Connection:
    sender = open_response(ASKED)
    sender.send_response(200, [], True)
    sender.send_data(b"a", True)
    return sender


def complete() -> Http1Connection:
    sender = held()
    sender.send_data(b"a", True)
    return sender


def refused() -> Http1Connection:
    sender = open_response(ASKED)
    sender.send_refusal(500, "no", [])
    return sender


def switched() -> Http1Connection:
    sender = open_response(ASKED)
    sender.switch_protocols([])
    return sender


def aborted() -> Http1Connection:
    sender = open_response(ASKED)
    sender.abort()
    return sender


STATES: dict[str, Callable[[], Http1Connection]] = {
    "waiting": connection,
    "open": lambda: open_response(ASKED),
    "held": held,
    "sending": sending,
    "in a file part": in_a_file,
    "trailing": trailing,
    "complete": complete,
    "refused": refused,
    "switched": switched,
    "aborted": aborted,
}
VERBS: dict[str, Callable[[Http1Connection], object]] = {
    "informational": lambda sender: sender.send_informational(103, []),
    "response": lambda sender: sender.send_response(200, [], False),
    "part": lambda sender: sender.send_data(b"a", False),
    "last part": lambda sender: sender.send_data(b"a", True),
    "file": lambda sender: sender.begin_file_part(1),
    "file's end": lambda sender: sender.end_file_part(False),
    "last file's end": lambda sender: sender.end_file_part(True),
    "trailers": lambda sender: sender.send_trailers([]),
    "refusal": lambda sender: sender.send_refusal(500, "no", []),
    "switch": lambda sender: sender.switch_protocols([]),
}
ALLOWED = {
    "waiting": {"refusal"},
    "open": {"informational", "response", "refusal", "switch"},
    "held": {"informational", "part", "last part", "file", "refusal"},
    "sending": {"part", "last part", "file"},
    "in a file part": {"file's end", "last file's end"},
    "trailing": {"trailers"},
    "complete": set(),
    "refused": set(),
    "switched": set(),
    "aborted": set(),
}


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("state", STATES)
def test_a_verb_has_its_place_or_is_refused_without_a_trace_asgi_057(state: str, verb: str) -> None:
    sender = STATES[state]()
    sender.data_to_send()
    before = (sender.close_wanted, sender.response_started, sender.response_complete, sender.body_bytes_sent)

    if verb in ALLOWED[state]:
        VERBS[verb](sender)
        return

    with pytest.raises(LocalProtocolError):
        VERBS[verb](sender)
    assert sender.data_to_send() == []
    assert before == (
        sender.close_wanted,
        sender.response_started,
        sender.response_complete,
        sender.body_bytes_sent,
    )


@pytest.mark.parametrize("state", STATES)
def test_a_response_can_be_given_up_in_every_state(state: str) -> None:
    sender = STATES[state]()

    sender.abort()

    assert sender.close_wanted == ABORT
    assert sender.data_to_send() == []


@pytest.mark.parametrize("state", STATES)
def test_asking_for_a_100_never_fails(state: str) -> None:
    sender = STATES[state]()
    before = output(sender)

    sender.send_continue()

    assert sender.data_to_send() == []
    assert before == output(STATES[state]())


@pytest.mark.parametrize("state", STATES)
def test_draining_never_fails_and_keeps_what_was_written(state: str) -> None:
    sender = STATES[state]()

    sender.announce_close()
    sender.announce_close()

    assert output(sender) == output(STATES[state]())
