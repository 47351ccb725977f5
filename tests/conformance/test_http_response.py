"""The checklist, items 57 to 73: what becomes of the messages of a response."""

from typing import Any

import h11
import pytest
from tests.conformance.client import BODY, OK, RAISE, Call, ProbeClient
from tests.support.raw_client import RawClient, Response, request

START = "http.response.start"
MORE: dict[str, Any] = {**BODY, "more_body": True}
MIB = 1024 * 1024


def start(*headers: tuple[bytes, bytes], status: int = 200) -> dict[str, Any]:
    return {"type": START, "status": status, "headers": list(headers)}


def part(body: bytes, more: bool = True) -> dict[str, Any]:
    return {"type": "http.response.body", "body": body, "more_body": more}


def ask(client: RawClient, call: Call, method: str = "GET") -> Response:
    client.send(request(method, "/", call.fields))
    return client.read_response(method)


@pytest.mark.parametrize(
    ("script", "wrong"),
    [((BODY, OK, BODY), 0), ((OK, OK, BODY), 1), ((OK, MORE, OK, part(b"", more=False)), 2)],
    ids=["body before start", "second start", "start behind body"],
)
def test_asgi_057_messages_in_a_wrong_order_raise(probe: ProbeClient, script: tuple[Any, ...], wrong: int):
    response, outcomes = probe.play(*script)
    assert [bool(names) for names in outcomes] == [number == wrong for number in range(len(script))]
    assert (response.status, response.body) == (200, b"done")


@pytest.mark.parametrize("status", [200, 203, 299, 404, 418, 503, 599])
def test_asgi_058_the_status_is_the_one_of_the_application(probe: ProbeClient, status: int):
    assert probe.play(start(status=status), BODY)[0].status == status


@pytest.mark.parametrize("status", [99, 100, 101, 1000, -1])
def test_asgi_058_a_status_that_cannot_be_final_raises(probe: ProbeClient, status: int):
    response, outcomes = probe.play(start(status=status), OK, BODY)
    assert "Exception" in outcomes[0]
    assert response.status == 200


def test_asgi_059_fields_are_optional_and_keep_their_order(probe: ProbeClient):
    assert probe.play({"type": START, "status": 200}, BODY)[0].body == b"done"
    sent = [(b"z", b"1"), (b"set-cookie", b"a=1"), (b"b", b"caf\xe9"), (b"set-cookie", b"b=2")]
    response, _ = probe.play(start(*sent), BODY)
    assert [pair for pair in response.fields if pair[0] in {b"z", b"b", b"set-cookie"}] == sent


INJECTIONS = [
    (b"x\r\nsplit", b"value"),
    (b"x", b"value\r\nsplit: 1"),
    (b"x", b"value\nsplit: 1"),
    (b"x", b"value\rsplit: 1"),
    (b"x", b"value\x00"),
    (b"x\x00", b"value"),
    (b"x: split", b"value"),
    (b"", b"value"),
]


@pytest.mark.parametrize("injection", INJECTIONS)
def test_asgi_060_fields_that_would_split_the_response_raise(
    probe: ProbeClient, injection: tuple[bytes, bytes]
):
    response, outcomes = probe.play(start(injection), start(), BODY)
    assert "Exception" in outcomes[0]
    assert response.body == b"done"


@pytest.mark.parametrize("injection", INJECTIONS)
def test_asgi_060_an_application_that_lets_that_error_go_is_answered_for_with_a_500(
    probe: ProbeClient, injection: tuple[bytes, bytes]
):
    call = probe.call("http.play_unguarded", [start(injection), BODY])
    with probe.connect() as client:
        response = ask(client, call)
    assert response.status == 500
    assert not any(b"split" in name + value for name, value in response.fields)


def test_asgi_061_an_error_before_the_first_body_is_still_a_500(probe: ProbeClient):
    call = probe.call("http.play", [start((b"x-secret", b"1")), RAISE])
    with probe.connect() as client:
        response = ask(client, call)
    assert (response.status, response.values(b"x-secret")) == (500, [])


def test_asgi_062_a_transfer_encoding_of_the_application_is_ignored(probe: ProbeClient):
    response, outcomes = probe.play(start((b"transfer-encoding", b"gzip, chunked")), BODY)
    assert (response.body, outcomes) == (b"done", [[], []])
    assert response.values(b"transfer-encoding") in ([], [b"chunked"])


def test_asgi_063_a_body_of_unknown_length_is_chunked_for_http_1_1(probe: ProbeClient):
    response, _ = probe.play(start(), part(b"do"), part(b"ne", more=False))
    assert response.values(b"transfer-encoding") == [b"chunked"]
    assert response.body == b"done"


def test_asgi_063_and_ends_with_the_connection_for_http_1_0(probe: ProbeClient):
    data, _ = probe.play_to_end(start(), part(b"do"), part(b"ne", more=False), version="1.0")
    head, _, body = data.partition(b"\r\n\r\n")
    assert b"transfer-encoding" not in head.lower()
    assert b"content-length" not in head.lower()
    assert body == b"done"


def test_asgi_064_send_waits_for_a_slow_client(probe: ProbeClient):
    call = probe.call("http.flood")
    with probe.connect(receive_buffer=4096) as client:
        client.send(request("GET", "/", call.fields))
        taken = call.wait("waited")["taken before it waited"]
        assert taken < 16 * MIB
        assert len(client.read_response().body) == 32 * MIB


def test_asgi_065_messages_behind_the_end_of_the_response_are_ignored(probe: ProbeClient):
    calls = [probe.call("http.play", [OK, BODY, BODY, OK, MORE]), probe.call("http.play", [OK, BODY])]
    with probe.connect() as client:
        bodies = [ask(client, call).body for call in calls]
    assert bodies == [b"done", b"done"]
    assert calls[0].outcomes == [[], [], [], [], []]


def test_asgi_066_an_empty_part_does_not_end_a_chunked_body(probe: ProbeClient):
    response, _ = probe.play(start(), part(b""), part(b"do"), part(b""), part(b"ne"), part(b"", more=False))
    assert response.body == b"done"


@pytest.mark.parametrize(("method", "status"), [("HEAD", 200), ("GET", 204), ("GET", 304)])
def test_asgi_067_responses_that_have_no_body_have_none(probe: ProbeClient, method: str, status: int):
    calls = [probe.call("http.play", [start(status=status), MORE, BODY]), probe.call("http.play", [OK, BODY])]
    with probe.connect() as client:
        first, second = ask(client, calls[0], method), ask(client, calls[1])
    assert (first.status, first.body) == (status, b"")
    assert second.body == b"done"


def test_asgi_067_a_head_response_keeps_the_length_of_the_body_that_it_lacks(probe: ProbeClient):
    response, _ = probe.play(start((b"content-length", b"1234")), BODY, method="HEAD")
    assert (response.values(b"content-length"), response.body) == ([b"1234"], b"")


def test_asgi_068_a_body_that_is_longer_than_its_length_raises_and_is_never_sent(probe: ProbeClient):
    four = start((b"content-length", b"4"))
    data, outcomes = probe.play_to_end(four, part(b"done and more", more=False))
    assert "Exception" in outcomes[1]
    assert data.startswith(b"HTTP/1.1 500 ")
    data, outcomes = probe.play_to_end(four, part(b"do"), part(b"ne and more", more=False))
    assert "Exception" in outcomes[2]
    assert b"done".startswith(data.partition(b"\r\n\r\n")[2])


def test_asgi_068_a_body_that_is_shorter_than_its_length_raises_and_is_seen_as_cut(probe: ProbeClient):
    ten = start((b"content-length", b"10"))
    data, outcomes = probe.play_to_end(ten, BODY)
    assert "Exception" in outcomes[1]
    assert data.startswith(b"HTTP/1.1 500 ")
    call = probe.call("http.play", [ten, part(b"do"), part(b"ne", more=False)])
    with probe.connect() as client, pytest.raises(h11.RemoteProtocolError):
        ask(client, call)
    assert "Exception" in call.outcomes[2]


def test_asgi_069_an_error_before_the_response_is_a_500(probe: ProbeClient):
    with probe.connect() as client:
        assert ask(client, probe.call("http.play", [RAISE])).status == 500


def test_asgi_069_an_error_inside_a_chunked_body_is_seen_as_a_truncation(probe: ProbeClient):
    with probe.connect() as client, pytest.raises(h11.RemoteProtocolError):
        ask(client, probe.call("http.play", [start(), MORE, RAISE]))


def test_asgi_069_an_error_inside_a_body_that_ends_with_the_connection_resets_it(probe: ProbeClient):
    call = probe.call("http.play", [start(), MORE, RAISE])
    with probe.connect() as client, pytest.raises(ConnectionResetError):
        client.send(request("GET", "/", call.fields, version="1.0"))
        while client.socket.recv(4096):
            pass


def test_asgi_070_an_application_that_returns_without_a_response_is_a_500(probe: ProbeClient):
    for script in ([], [OK]):
        call = probe.call("http.play", [*script, "receive"])
        with probe.connect() as client:
            assert ask(client, call).status == 500


def test_asgi_070_an_application_that_returns_inside_the_body_cuts_it(probe: ProbeClient):
    with probe.connect() as client, pytest.raises(h11.RemoteProtocolError):
        ask(client, probe.call("http.play", [start(), MORE]))


def test_asgi_071_send_to_a_client_that_has_gone_raises_an_oserror_each_time(probe: ProbeClient):
    call = probe.call("http.send_after_loss")
    with probe.connect() as client:
        client.send(request("GET", "/", call.fields))
        call.wait("begun")
        client.abort()
    facts = call.facts
    assert facts["raised"] == facts["raised again"]
    assert (facts["raised"][0], "OSError" in facts["raised"]) == ("ClientDisconnected", True)


def test_asgi_073_a_small_body_that_was_not_read_is_dropped_before_the_next_request(probe: ProbeClient):
    calls = [probe.call("http.answer_unread") for _ in range(2)]
    with probe.connect() as client:
        for call in calls:
            client.send(request("POST", "/", call.fields, bytes(10000)))
        assert [client.read_response("POST").status for _ in calls] == [200, 200]


def test_asgi_073_the_connection_closes_over_a_large_body_that_was_not_read(probe: ProbeClient):
    call = probe.call("http.answer_unread")
    with probe.connect() as client:
        client.send(request("POST", "/", [*call.fields, ("content-length", str(100 * MIB))]))
        client.send(bytes(65536))
        response = client.read_response("POST")
        assert (response.status, response.body) == (200, b"done")
        client.half_close()
        assert client.read_to_end() == b""
