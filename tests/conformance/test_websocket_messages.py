"""The checklist, items 99 to 111: messages both ways, and every way in which a WebSocket ends."""

from collections.abc import Sequence
from typing import Any

import pytest
from tests.conformance.client import ACCEPT, RAISE, READ, RELEASE, Conversation, ProbeClient
from tests.conformance.conftest import PROBE
from tests.conformance.test_http_request import send_while_taken
from tests.support.raw_client import RawClient
from tests.support.raw_websocket import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, build_frame
from tests.support.server import running_server

MIB = 1024 * 1024


def text(value: str) -> dict[str, Any]:
    return {"type": "websocket.send", "text": value}


def closing(**keys: Any) -> dict[str, Any]:
    return {"type": "websocket.close", **keys}


def test_asgi_099_an_event_has_either_text_or_bytes(probe: ProbeClient):
    with Conversation(probe, READ, ACCEPT, READ, READ, READ, READ) as conversation:
        conversation.open()
        for opcode, payload in [(TEXT, b"a"), (BINARY, b"b"), (TEXT, b""), (BINARY, b"")]:
            conversation.socket.send_frame(opcode, payload)
        events = conversation.call.outcomes[2:]
    assert all(event["type"] == "websocket.receive" for event in events)
    found = [(event.get("text"), event.get("bytes")) for event in events]
    assert found == [("a", None), (None, b"b"), ("", None), (None, b"")]


@pytest.mark.parametrize(
    ("keys", "opcode", "payload"),
    [
        ({"text": "é"}, TEXT, "é".encode()),
        ({"bytes": b"\xff"}, BINARY, b"\xff"),
        ({"text": "", "bytes": None}, TEXT, b""),
        ({"text": None, "bytes": b""}, BINARY, b""),
    ],
)
def test_asgi_100_a_message_is_sent_as_text_or_as_bytes(
    probe: ProbeClient, keys: dict[str, Any], opcode: int, payload: bytes
):
    with Conversation(probe, READ, ACCEPT, {"type": "websocket.send", **keys}) as conversation:
        conversation.open()
        frame = conversation.socket.read_frame()
    assert (frame.opcode, frame.payload, frame.final) == (opcode, payload, True)


@pytest.mark.parametrize(
    "keys",
    [
        {},
        {"text": None, "bytes": None},
        {"text": "a", "bytes": b"b"},
        {"text": b"bytes"},
        {"bytes": "text"},
        {"text": "\ud800"},
    ],
)
def test_asgi_100_anything_else_raises(probe: ProbeClient, keys: dict[str, Any]):
    with Conversation(probe, READ, ACCEPT, {"type": "websocket.send", **keys}, text("next")) as conversation:
        conversation.open()
        assert conversation.socket.read_frame().payload == b"next"
        assert "Exception" in conversation.call.outcomes[2]


def test_asgi_101_text_is_str_and_binary_is_bytes(probe: ProbeClient):
    with Conversation(probe, READ, ACCEPT, READ, READ) as conversation:
        conversation.open()
        conversation.socket.send_frame(TEXT, "€ 😀".encode())
        conversation.socket.send_frame(BINARY, b"\x00\xff")
        first, second = conversation.call.outcomes[2:]
    assert (first["text"], second["bytes"]) == ("€ 😀", b"\x00\xff")


@pytest.mark.parametrize("payload", [b"\xff", b"\xc3", b"\xed\xa0\x80", b"ok \xf4\x90\x80\x80"])
def test_asgi_101_text_that_is_no_utf_8_closes_with_1007(probe: ProbeClient, payload: bytes):
    with Conversation(probe, READ, ACCEPT, READ) as conversation:
        conversation.open()
        conversation.socket.send_frame(TEXT, payload)
        assert conversation.socket.read_close().close_code == 1007
        assert conversation.call.outcomes[2]["type"] == "websocket.disconnect"


def test_asgi_102_fragments_arrive_as_one_message(probe: ProbeClient):
    with Conversation(probe, READ, ACCEPT, READ, READ) as conversation:
        conversation.open()
        euro = "€".encode()
        conversation.socket.send_frame(TEXT, euro[:1], final=False)
        conversation.socket.send_frame(PING, b"between")
        conversation.socket.send_frame(CONTINUATION, b"", final=False)
        conversation.socket.send_frame(CONTINUATION, euro[1:])
        conversation.socket.send_frame(BINARY, b"a", final=False)
        conversation.socket.send_frame(CONTINUATION, b"b")
        first, second = conversation.call.outcomes[2:]
    assert (first["text"], second["bytes"]) == ("€", b"ab")


def test_asgi_103_pings_are_answered_and_pongs_are_taken_without_an_event(probe: ProbeClient):
    with Conversation(probe, READ, ACCEPT, READ) as conversation:
        conversation.open()
        conversation.socket.send_frame(PONG, b"unasked")
        conversation.socket.send_frame(PING, b"payload")
        frame = conversation.socket.read_frame()
        conversation.socket.send_frame(TEXT, b"message")
        assert conversation.call.outcomes[2]["text"] == "message"
    assert (frame.opcode, frame.payload) == (PONG, b"payload")


def test_asgi_103_the_server_pings_and_a_pong_keeps_the_connection(server_command: Sequence[str]):
    options = ("--ping-seconds", "0.2", "--pong-seconds", "0.4")
    with (
        running_server(PROBE, "--factory", *options, command=server_command) as server,
        Conversation(ProbeClient(server), READ, ACCEPT, READ) as conversation,
    ):
        conversation.open()
        for _ in range(3):
            frame = conversation.socket.read_frame()
            assert frame.opcode == PING
            conversation.socket.send_frame(PONG, frame.payload)
        conversation.socket.send_frame(TEXT, b"alive")
        assert conversation.call.outcomes[2]["text"] == "alive"


def test_asgi_104_send_waits_for_a_slow_client(probe: ProbeClient):
    conversation = Conversation(probe, behaviour="websocket.flood")
    conversation.client.close()
    conversation.client = probe.connect(receive_buffer=4096)
    conversation.socket.client = conversation.client
    with conversation:
        conversation.open()
        taken = conversation.call.wait("waited")["taken before it waited"]
        assert taken < 16 * MIB
        count = sum(len(conversation.socket.read_frame().payload) for _ in range(32 * MIB // 65536))
        assert count == 32 * MIB


def test_asgi_105_an_application_that_does_not_receive_stops_the_client(probe: ProbeClient):
    frame = build_frame(BINARY, bytes(65536))
    data = frame * (64 * MIB // len(frame))
    with Conversation(probe, behaviour="websocket.receive_nothing_until_released") as conversation:
        conversation.open()
        taken = send_while_taken(conversation.client, data)
        assert taken < 32 * MIB
        conversation.call.release()
        conversation.client.send(data[taken:])
        conversation.socket.send_close(1000)
        assert conversation.call.facts["count"] == len(data) // len(frame) * 65536


@pytest.mark.parametrize(
    ("keys", "code", "reason"),
    [
        ({}, 1000, ""),
        ({"code": 1001}, 1001, ""),
        ({"code": 3000, "reason": None}, 3000, ""),
        ({"code": 4999, "reason": "grün"}, 4999, "grün"),
        ({"reason": "only a reason"}, 1000, "only a reason"),
    ],
)
def test_asgi_106_code_and_reason_of_the_application_are_sent(
    probe: ProbeClient, keys: dict[str, Any], code: int, reason: str
):
    with Conversation(probe, READ, ACCEPT, closing(**keys)) as conversation:
        conversation.open()
        frame = conversation.socket.read_close()
    assert (frame.close_code, frame.close_reason) == (code, reason)


@pytest.mark.parametrize(
    "keys",
    [{"code": 1005}, {"code": 1006}, {"code": 999}, {"code": 5000}, {"code": "1000"}, {"reason": "x" * 124}],
)
def test_asgi_106_a_close_that_cannot_be_sent_raises(probe: ProbeClient, keys: dict[str, Any]):
    with Conversation(probe, READ, ACCEPT, closing(**keys), closing()) as conversation:
        conversation.open()
        assert conversation.socket.read_close().close_code == 1000
        assert "Exception" in conversation.call.outcomes[2]


@pytest.mark.parametrize(("payload", "code"), [(b"\x0f\xa2bye", 4002), (b"\x03\xe8", 1000), (b"", 1005)])
def test_asgi_107_a_close_of_the_client_is_told_with_its_code(probe: ProbeClient, payload: bytes, code: int):
    with Conversation(probe, READ, ACCEPT, READ, READ) as conversation:
        conversation.open()
        conversation.socket.send_frame(CLOSE, payload)
        conversation.socket.read_close()
        first, again = conversation.call.outcomes[2:]
    assert (first["type"], first["code"]) == ("websocket.disconnect", code)
    assert again == first


@pytest.mark.parametrize("leave", [RawClient.close, RawClient.abort, RawClient.half_close])
def test_asgi_107_a_lost_connection_is_told_as_1006(probe: ProbeClient, leave):
    with Conversation(probe, READ, ACCEPT, READ) as conversation:
        conversation.open()
        leave(conversation.client)
        event = conversation.call.outcomes[2]
    assert (event["type"], event["code"]) == ("websocket.disconnect", 1006)


def test_asgi_107_a_close_of_the_application_is_told_too(probe: ProbeClient):
    with Conversation(probe, READ, ACCEPT, closing(code=4001), READ) as conversation:
        conversation.open()
        frame = conversation.socket.read_close()
        conversation.socket.send_frame(CLOSE, frame.payload)
        event = conversation.call.outcomes[3]
        assert conversation.client.read_to_end() == b""
    assert (event["type"], event["code"]) == ("websocket.disconnect", 4001)


def test_asgi_108_the_reason_of_the_client_is_told(probe: ProbeClient):
    with Conversation(probe, READ, ACCEPT, READ) as conversation:
        conversation.open()
        conversation.socket.send_close(4002, "grün")
        assert conversation.call.outcomes[2]["reason"] == "grün"


def test_asgi_109_send_behind_a_disconnect_raises_an_oserror(probe: ProbeClient):
    with Conversation(probe, READ, ACCEPT, READ, text("x"), closing()) as conversation:
        conversation.open()
        conversation.socket.send_close(1000)
        names = conversation.call.outcomes[3:]
    assert [found[0] for found in names] == ["ClientDisconnected"] * 2
    assert all("OSError" in found for found in names)


def test_asgi_110_the_socket_is_closed_when_the_application_returns(probe: ProbeClient):
    with Conversation(probe, READ, ACCEPT) as conversation:
        conversation.open()
        assert conversation.socket.read_close().close_code == 1000
        conversation.socket.send_close(1000)
        assert conversation.client.read_to_end() == b""


def test_asgi_110_an_application_that_fails_closes_with_1011(probe: ProbeClient):
    with Conversation(probe, READ, ACCEPT, RAISE) as conversation:
        conversation.open()
        assert conversation.socket.read_close().close_code == 1011
    probe.server.wait_line(f"asked for by {conversation.call.number}$")


def test_asgi_111_an_application_whose_client_vanishes_is_told_and_not_cancelled(probe: ProbeClient):
    with Conversation(probe, READ, ACCEPT, text("begun"), RELEASE, READ) as conversation:
        conversation.open()
        conversation.socket.read_frame()
        conversation.client.abort()
        conversation.call.release()
        facts = conversation.call.facts
    assert facts["outcomes"][4]["type"] == "websocket.disconnect"
    assert "escaped" not in facts
