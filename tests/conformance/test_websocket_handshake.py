"""The checklist, items 91 to 98, 112 and 113: accepting a WebSocket, refusing it, or answering it by HTTP."""

from typing import Any

import h11
import pytest
from tests.conformance.client import ACCEPT, BODY, OK, RAISE, READ, Conversation, ProbeClient
from tests.conformance.test_http_request import nothing_came
from tests.support.raw_websocket import TEXT

CLOSE: dict[str, Any] = {"type": "websocket.close"}
DENIAL_START: dict[str, Any] = {
    "type": "websocket.http.response.start",
    "status": 401,
    "headers": [(b"x-why", b"no")],
}


def denial(body: bytes, more: bool = False) -> dict[str, Any]:
    return {"type": "websocket.http.response.body", "body": body, "more_body": more}


def test_asgi_091_the_handshake_completes_when_the_application_accepts(probe: ProbeClient):
    with Conversation(probe, behaviour="websocket.hold") as conversation:
        conversation.socket.send_handshake("/", conversation.call.fields)
        conversation.call.wait("waiting")
        assert nothing_came(conversation.client)
        conversation.call.release()
        conversation.socket.read_handshake()
        conversation.socket.send_close(1000)
        assert conversation.call.facts["first"] == {"type": "websocket.connect"}


def test_asgi_092_frames_that_come_early_are_held_until_the_application_accepts(probe: ProbeClient):
    with Conversation(probe, behaviour="websocket.hold") as conversation:
        conversation.socket.send_handshake("/", conversation.call.fields)
        conversation.socket.send_frame(TEXT, b"early")
        conversation.call.wait("waiting")
        conversation.call.release()
        facts = conversation.call.facts
    assert facts["further before accept"] is False
    assert (facts["second"]["type"], facts["second"]["text"]) == ("websocket.receive", "early")


@pytest.mark.parametrize(("chosen", "echoed"), [("b", [b"b"]), (None, [])])
def test_asgi_094_the_subprotocol_that_was_accepted_is_echoed(
    probe: ProbeClient, chosen: str | None, echoed: list[bytes]
):
    with Conversation(probe, READ, {**ACCEPT, "subprotocol": chosen}) as conversation:
        response = conversation.open("/", [("sec-websocket-protocol", "a, b")])
    assert response.values(b"sec-websocket-protocol") == echoed


def test_asgi_095_fields_of_the_acceptance_are_sent_in_their_order(probe: ProbeClient):
    sent = [(b"set-cookie", b"a=1"), (b"x", b"2"), (b"set-cookie", b"b=2")]
    with Conversation(probe, READ, {**ACCEPT, "headers": sent}) as conversation:
        response = conversation.open()
    assert [pair for pair in response.fields if pair[0] in {b"set-cookie", b"x"}] == sent


@pytest.mark.parametrize(
    "header",
    [
        (b"sec-websocket-protocol", b"a"),
        (b":status", b"101"),
        (b"x", b"1\r\nsplit: 1"),
        (b"x\r\nsplit", b"1"),
        ("x", b"text"),
    ],
)
def test_asgi_095_fields_that_have_no_place_there_raise(probe: ProbeClient, header: tuple[Any, Any]):
    with Conversation(probe, READ, {**ACCEPT, "headers": [header]}, ACCEPT) as conversation:
        response = conversation.open("/", [("sec-websocket-protocol", "a")])
        names = conversation.call.outcomes[1]
    assert "Exception" in names
    assert not any(b"split" in name + value for name, value in response.fields)
    assert response.values(b"sec-websocket-protocol") == []


@pytest.mark.parametrize("subprotocol", ["c", "A", "a\r\nsplit: 1", "", 7])
def test_asgi_096_a_subprotocol_that_was_not_offered_raises_and_is_not_sent(
    probe: ProbeClient, subprotocol: Any
):
    with Conversation(probe, READ, {**ACCEPT, "subprotocol": subprotocol}, ACCEPT) as conversation:
        response = conversation.open("/", [("sec-websocket-protocol", "a, b")])
        names = conversation.call.outcomes[1]
    assert "Exception" in names
    assert response.values(b"sec-websocket-protocol") == []


def test_asgi_097_closing_instead_of_accepting_is_a_403(probe: ProbeClient):
    with Conversation(probe, READ, {**CLOSE, "code": 4000}, READ) as conversation:
        assert conversation.refused().status == 403
        assert conversation.call.outcomes[2]["type"] == "websocket.disconnect"


@pytest.mark.parametrize(
    ("script", "wrong"),
    [
        ([{"type": "websocket.send", "text": "x"}, ACCEPT, CLOSE], 0),
        ([ACCEPT, ACCEPT, CLOSE], 1),
        ([ACCEPT, CLOSE, ACCEPT], 2),
        ([ACCEPT, DENIAL_START, CLOSE], 1),
    ],
    ids=["send before accept", "second accept", "accept behind close", "denial behind accept"],
)
def test_asgi_098_messages_in_a_wrong_order_raise(
    probe: ProbeClient, script: list[dict[str, Any]], wrong: int
):
    with Conversation(probe, READ, *script) as conversation:
        conversation.open()
        assert conversation.socket.read_close().close_code == 1000
        outcomes = conversation.call.outcomes[1:]
    assert [bool(names) for names in outcomes] == [number == wrong for number in range(len(script))]


def test_asgi_112_a_denial_is_offered_and_is_a_whole_response(probe: ProbeClient):
    with Conversation(probe, READ, DENIAL_START, denial(b"not you")) as conversation:
        response = conversation.refused()
        assert conversation.client.read_to_end() == b""
    assert (response.status, response.body, response.values(b"x-why")) == (401, b"not you", [b"no"])


def test_asgi_112_a_denial_may_have_many_parts(probe: ProbeClient):
    parts = [denial(b"part %d " % number, more=True) for number in range(50)]
    with Conversation(probe, READ, DENIAL_START, *parts, denial(b"end")) as conversation:
        response = conversation.refused()
    assert response.body == b"".join(b"part %d " % number for number in range(50)) + b"end"


@pytest.mark.parametrize("message", [ACCEPT, CLOSE, DENIAL_START, {"type": "websocket.send", "text": "x"}])
def test_asgi_112_a_denial_does_not_mix_with_other_messages(probe: ProbeClient, message: dict[str, Any]):
    with Conversation(probe, READ, DENIAL_START, message, denial(b"not you")) as conversation:
        assert conversation.refused().body == b"not you"
        assert "Exception" in conversation.call.outcomes[2]


def test_asgi_112_a_denial_that_is_not_finished_is_seen_as_cut(probe: ProbeClient):
    conversation = Conversation(probe, behaviour="websocket.return_inside_a_denial")
    with conversation, pytest.raises(h11.RemoteProtocolError):
        conversation.refused()


def test_asgi_113_the_messages_of_a_denial_raise_where_it_is_not_offered(probe: ProbeClient):
    _, outcomes = probe.play(DENIAL_START, OK, denial(b"not you"), BODY)
    assert [bool(names) for names in outcomes] == [True, False, True, False]


def test_asgi_110_an_application_that_fails_before_it_accepts_is_a_500(probe: ProbeClient):
    for script in ([RAISE], [READ, RAISE], [READ]):
        with Conversation(probe, *script) as conversation:
            assert conversation.refused().status == 500
