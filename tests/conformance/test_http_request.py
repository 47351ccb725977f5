"""The checklist, items 47 to 55: the events of a request's body, and of a client that leaves."""

import hashlib

import pytest
from tests.conformance.client import ProbeClient
from tests.support.raw_client import RawClient, chunked, request

MIB = 1024 * 1024


def test_asgi_047_a_request_without_a_body_has_one_event(probe: ProbeClient):
    (event,) = probe.run("http.body")["events"]
    assert (event["type"], event.get("body", b""), event.get("more_body", False)) == (
        "http.request",
        b"",
        False,
    )


@pytest.mark.parametrize("size", [1, 1000, MIB])
def test_asgi_048_the_last_event_of_a_body_has_no_more_body(probe: ProbeClient, size: int):
    call = probe.call("http.body")
    with probe.connect() as client:
        client.send(request("POST", "/", call.fields, bytes(size)))
        assert client.read_response("POST").body == bytes(size)
    *before, last = call.facts["events"]
    assert not last.get("more_body", False)
    assert all(event["more_body"] is True for event in before)
    assert sum(len(event.get("body", b"")) for event in [*before, last]) == size


def test_asgi_049_chunked_bodies_arrive_without_their_chunks(probe: ProbeClient):
    call = probe.call("http.body")
    with probe.connect() as client:
        client.send(request("POST", "/", [*call.fields, ("transfer-encoding", "chunked")]))
        client.send(b"5;extension=1\r\nhello\r\n" + chunked(b", ", b"world", trailers=b"x-end: 1\r\n"))
        assert client.read_response("POST").body == b"hello, world"
    assert all(set(event) <= {"type", "body", "more_body", "trailers"} for event in call.facts["events"])


def test_asgi_050_a_large_body_is_streamed_and_the_socket_waits_for_the_application(probe: ProbeClient):
    call = probe.call("http.digest_when_released")
    data = bytes(range(256)) * (64 * MIB // 256)
    with probe.connect() as client:
        client.send(request("POST", "/", [*call.fields, ("content-length", str(len(data)))]))
        taken = send_while_taken(client, data)
        assert taken < 32 * MIB
        call.release()
        client.send(data[taken:])
        assert client.read_response("POST").body.decode() == hashlib.sha256(data).hexdigest()
    counts = call.facts["counts"]
    assert len(counts) > 64
    assert max(counts) <= MIB


def send_while_taken(client: RawClient, data: bytes) -> int:
    """How many bytes the other end took until it took none for a second."""
    taken, view = 0, memoryview(data)
    client.socket.settimeout(1)
    try:
        while taken < len(data):
            taken += client.socket.send(view[taken : taken + 65536])
    except TimeoutError:
        pass
    client.socket.settimeout(20)
    return taken


def test_asgi_052_receive_behind_the_end_of_the_body_waits_for_the_end_of_the_response(probe: ProbeClient):
    call = probe.call("http.receive_after_the_end")
    with probe.connect() as client:
        client.send(request("POST", "/", call.fields, b"body"))
        call.wait("waiting")
        call.release()
        assert client.read_response("POST").body == b"done"
    assert call.facts["done before the response"] is False


def test_asgi_053_after_the_response_receive_tells_of_a_disconnect_again_and_again(probe: ProbeClient):
    call = probe.call("http.receive_after_the_end")
    with probe.connect() as client:
        client.send(request("GET", "/", call.fields))
        call.wait("waiting")
        call.release()
        client.read_response()
        assert call.facts["after"] == [{"type": "http.disconnect"}] * 3


@pytest.mark.parametrize("leave", [RawClient.close, RawClient.abort, RawClient.half_close])
def test_asgi_053_after_the_client_has_gone_receive_tells_of_a_disconnect_again_and_again(
    probe: ProbeClient, leave
):
    call = probe.call("http.wait_for_disconnect")
    with probe.connect() as client:
        client.send(request("GET", "/", call.fields))
        call.wait("begun")
        leave(client)
        assert call.facts["events"] == [{"type": "http.disconnect"}] * 3


@pytest.mark.parametrize("leave", [RawClient.close, RawClient.abort, RawClient.half_close])
@pytest.mark.parametrize("framing", [("content-length", "10"), ("transfer-encoding", "chunked")])
def test_asgi_054_a_client_that_leaves_during_its_upload_is_a_disconnect(
    probe: ProbeClient, framing: tuple[str, str], leave
):
    call = probe.call("http.upload")
    with probe.connect() as client:
        client.send(request("POST", "/", [*call.fields, framing]))
        client.send(b"hello" if framing[0] == "content-length" else b"5\r\nhello\r\n")
        call.wait("begun")
        leave(client)
        *parts, last = call.facts["events"]
    assert (last, call.facts["again"]) == ({"type": "http.disconnect"}, {"type": "http.disconnect"})
    assert b"".join(part["body"] for part in parts) == b"hello"
    assert all(part["more_body"] for part in parts)


def test_asgi_055_expect_is_answered_when_the_application_receives(probe: ProbeClient):
    call = probe.call("http.expect")
    expectation = [("expect", "100-continue"), ("content-length", "5")]
    with probe.connect() as client:
        client.send(request("POST", "/", [*call.fields, *expectation]))
        call.wait("begun")
        assert nothing_came(client)
        call.release()
        assert client.read_until(b"\r\n\r\n").startswith(b"HTTP/1.1 100 ")
        client.send(b"hello")
        assert client.read_response("POST").body == b"hello"


def test_asgi_055_no_100_is_sent_when_the_application_answers_without_receiving(probe: ProbeClient):
    call = probe.call("http.answer_unread")
    with probe.connect() as client:
        client.send(request("POST", "/", [*call.fields, ("expect", "100-continue"), ("content-length", "5")]))
        response = client.read_response("POST")
    assert (response.status, response.informational) == (200, [])


def nothing_came(client: RawClient) -> bool:
    """Whether the socket has no byte to read at this moment."""
    client.socket.setblocking(False)
    try:
        return not client.socket.recv(1)
    except BlockingIOError:
        return True
    finally:
        client.socket.settimeout(10)
