"""Switching to another protocol (RFC 9110 section 7.8)."""

import pytest
from tests.engine.http1.wire import GET, open_response, output, request

from penstock.base.errors import LocalProtocolError
from penstock.engine.closing import ABORT, KEEP_OPEN

UPGRADE = request(b"Connection: Upgrade", b"Upgrade: websocket")
FIELDS = [(b"upgrade", b"websocket"), (b"Sec-WebSocket-Accept", b"abc")]


def test_the_switch_is_answered_and_what_came_behind_the_request_is_handed_over() -> None:
    switching = open_response(UPGRADE + b"\x81\x80")
    switching.receive_data(b"\n\x00abc")

    rest = switching.switch_protocols(FIELDS)

    assert rest == b"\x81\x80\n\x00abc"
    assert output(switching) == (
        b"HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\n"
        b"upgrade: websocket\r\nsec-websocket-accept: abc\r\n\r\n"
    )
    assert switching.response_started
    assert switching.close_wanted == KEEP_OPEN


def test_after_the_switch_the_engine_is_done() -> None:
    switching = open_response(UPGRADE)
    assert switching.switch_protocols(FIELDS) == b""
    switching.data_to_send()
    switching.receive_data(GET)
    switching.receive_eof()
    switching.handle_deadline(1e9)

    assert switching.events() == []
    assert switching.data_to_send() == []
    assert switching.next_deadline is None
    with pytest.raises(LocalProtocolError):
        switching.send_response(200, [], False)
    switching.abort()
    assert switching.close_wanted == ABORT


def test_connection_is_said_once_whatever_the_fields_say() -> None:
    switching = open_response(UPGRADE)
    switching.switch_protocols([(b"connection", b"upgrade"), *FIELDS])

    assert output(switching).lower().count(b"connection: upgrade") == 1


@pytest.mark.parametrize(
    "data",
    [
        b"",
        GET,
        request(b"Upgrade: websocket"),
        request(b"Connection: Upgrade", b"Upgrade: websocket", b"Content-Length: 5", body=b"hell"),
    ],
)
def test_only_a_complete_request_that_asks_for_it_can_switch(data: bytes) -> None:
    switching = open_response(data)

    with pytest.raises(LocalProtocolError):
        switching.switch_protocols(FIELDS)
    assert switching.data_to_send() == []


@pytest.mark.parametrize("fields", [[(b"a", b"b\r\nc: d")], [("a", b"b")], [(b"a b", b"c")]])
def test_a_switch_cannot_carry_an_injected_field(fields: object) -> None:
    switching = open_response(UPGRADE)

    with pytest.raises(LocalProtocolError):
        switching.switch_protocols(fields)  # type: ignore[arg-type]
    assert switching.data_to_send() == []
    switching.send_refusal(500, "the application failed", [])


def test_a_request_for_an_upgrade_can_be_answered_as_any_other() -> None:
    switching = open_response(UPGRADE + GET)
    switching.send_response(200, [], False)
    switching.send_data(b"a", True)

    assert switching.close_wanted == KEEP_OPEN
    assert len(switching.events()) == 2
