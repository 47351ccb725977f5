"""The checklist, items 75 to 83: the extensions of HTTP, and request trailers."""

from pathlib import Path
from typing import Any

import h11
import pytest
from tests.conformance.client import BODY, OK, ProbeClient
from tests.support.raw_client import Response, chunked, request

MIB = 1024 * 1024
CONTENT = bytes(range(256)) * (MIB // 256 + 1)
WITH_TRAILERS: dict[str, Any] = {**OK, "trailers": True}
ZERO_COPY: dict[str, Any] = {"type": "http.response.zerocopysend", "file": None}
PATHSEND: dict[str, Any] = {"type": "http.response.pathsend", "path": None}
PART: dict[str, Any] = {"type": "http.response.body", "body": b"part ", "more_body": True}
TE = [("te", "trailers")]


def hint(*links: bytes) -> dict[str, Any]:
    return {"type": "http.response.early_hint", "links": list(links)}


def trailers(*headers: tuple[bytes, bytes], more: bool = False) -> dict[str, Any]:
    return {"type": "http.response.trailers", "headers": list(headers), "more_trailers": more}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "content"
    path.write_bytes(CONTENT)
    return path


def send_file(
    probe: ProbeClient, file: Path, *script: dict[str, Any], position: int = 0, method: str = "GET"
) -> tuple[Response, dict[str, Any]]:
    call = probe.call("extensions.send_file", script)
    with probe.connect() as client:
        placed = [("file", str(file)), ("position", str(position))]
        client.send(request(method, "/", [*call.fields, *placed]))
        return client.read_response(method), call.facts


def test_asgi_075_early_hints_are_interim_responses_with_their_links(probe: ProbeClient):
    first, second = hint(b"</a.css>; rel=preload", b"</b.js>; rel=preload"), hint(b"</c>; rel=preconnect")
    response, outcomes = probe.play(OK, first, second, BODY)
    assert outcomes == [[], [], [], []]
    assert response.informational == [
        (103, [(b"link", b"</a.css>; rel=preload"), (b"link", b"</b.js>; rel=preload")]),
        (103, [(b"link", b"</c>; rel=preconnect")]),
    ]
    assert (response.status, response.body) == (200, b"done")


def test_asgi_075_a_link_cannot_split_the_response(probe: ProbeClient):
    response, outcomes = probe.play(OK, hint(b"</a>\r\nx: 1"), BODY)
    assert "Exception" in outcomes[1]
    assert (response.informational, response.body) == ([], b"done")


@pytest.mark.parametrize(
    ("keys", "sent"),
    [
        ({}, CONTENT[100:]),
        ({"count": 10}, CONTENT[100:110]),
        ({"offset": 5}, CONTENT[5:]),
        ({"offset": 0, "count": 70000}, CONTENT[:70000]),
        ({"offset": MIB, "count": 256}, CONTENT[MIB:]),
        ({"count": 0}, b""),
    ],
)
def test_asgi_076_zerocopysend_sends_from_the_offset_or_the_position(
    probe: ProbeClient, file: Path, keys: dict[str, int], sent: bytes
):
    response, facts = send_file(probe, file, OK, {**ZERO_COPY, **keys}, position=100)
    assert facts["outcomes"] == [[], []]
    assert response.body == sent


def test_asgi_076_zerocopysend_mixes_with_itself_and_with_bodies(probe: ProbeClient, file: Path):
    more = {**ZERO_COPY, "more_body": True}
    response, facts = send_file(
        probe, file, OK, PART, {**more, "count": 3}, PART, {**more, "count": 3}, {**ZERO_COPY, "offset": MIB}
    )
    assert facts["outcomes"] == [[]] * 6
    assert response.body == b"part " + CONTENT[:3] + b"part " + CONTENT[3:6] + CONTENT[MIB:]


def test_asgi_076_a_count_beyond_the_end_of_the_file_raises_and_is_seen_as_cut(
    probe: ProbeClient, file: Path
):
    call = probe.call("extensions.send_file", [OK, {**ZERO_COPY, "count": 2 * MIB}])
    with probe.connect() as client:
        client.send(request("GET", "/", [*call.fields, ("file", str(file)), ("position", "0")]))
        with pytest.raises(h11.RemoteProtocolError):
            client.read_response()
    assert "Exception" in call.outcomes[1]


def test_asgi_076_a_head_response_sends_nothing_of_the_file(probe: ProbeClient, file: Path):
    response, _ = send_file(probe, file, OK, ZERO_COPY, method="HEAD")
    assert (response.status, response.body) == (200, b"")


def test_asgi_077_the_descriptor_stays_open_for_the_application_to_close(probe: ProbeClient, file: Path):
    _, facts = send_file(probe, file, OK, ZERO_COPY)
    assert facts["open"] == len(CONTENT)


def test_asgi_078_pathsend_sends_the_file_and_ends_the_response(probe: ProbeClient, file: Path):
    response, facts = send_file(probe, file, OK, PATHSEND, PART)
    assert facts["outcomes"] == [[], [], []]
    assert response.body == CONTENT


def test_asgi_078_pathsend_does_not_mix_with_bodies(probe: ProbeClient, file: Path):
    response, facts = send_file(probe, file, OK, PART, PATHSEND, BODY)
    assert "Exception" in facts["outcomes"][2]
    assert response.body == b"part done"


@pytest.mark.parametrize("path", ["relative", "/no/such/file", 7, ""])
def test_asgi_078_a_path_that_cannot_be_sent_raises_and_another_answer_is_still_possible(
    probe: ProbeClient, path: Any
):
    response, outcomes = probe.play(OK, {"type": "http.response.pathsend", "path": path}, BODY)
    assert "Exception" in outcomes[1]
    assert (response.status, response.body) == (200, b"done")


def test_asgi_080_announced_trailers_are_waited_for_and_follow_the_body(probe: ProbeClient):
    script = [
        WITH_TRAILERS,
        BODY,
        trailers((b"x-sum", b"1"), more=True),
        trailers((b"x-sum", b"2"), (b"y", b"3")),
    ]
    response, outcomes = probe.play(*script, fields=TE)
    assert outcomes == [[], [], [], []]
    assert response.trailers == [(b"x-sum", b"1"), (b"x-sum", b"2"), (b"y", b"3")]
    assert response.body == b"done"


def test_asgi_080_without_the_announcement_the_body_ends_the_response(probe: ProbeClient):
    response, outcomes = probe.play(OK, BODY, trailers((b"x-sum", b"1")), fields=TE)
    assert (outcomes, response.trailers) == ([[], [], []], [])


def test_asgi_080_a_trailer_cannot_split_the_response(probe: ProbeClient):
    response, outcomes = probe.play(
        WITH_TRAILERS, BODY, trailers((b"x", b"1\r\ny: 2")), trailers((b"x", b"1")), fields=TE
    )
    assert "Exception" in outcomes[2]
    assert response.trailers == [(b"x", b"1")]


def test_asgi_081_a_client_that_does_not_take_trailers_gets_none(probe: ProbeClient):
    response, outcomes = probe.play(WITH_TRAILERS, BODY, trailers((b"x-sum", b"1")))
    assert (outcomes, response.trailers, response.body) == ([[], [], []], [], b"done")


@pytest.mark.parametrize("name", ["http.response.debug", "http.response.push"])
def test_asgi_082_what_a_server_should_not_offer_is_not_offered(probe: ProbeClient, name: str):
    assert name not in probe.run("http.scope")["scope"]["extensions"]


@pytest.mark.parametrize(
    "message",
    [
        {"type": "http.response.debug", "info": {}},
        {"type": "http.response.push", "path": "/", "headers": []},
        {"type": "websocket.http.response.start", "status": 200, "headers": []},
    ],
)
def test_asgi_083_an_extension_that_was_not_offered_raises(probe: ProbeClient, message: dict[str, Any]):
    response, outcomes = probe.play(message, OK, message, BODY)
    assert [bool(names) for names in outcomes] == [True, False, True, False]
    assert response.body == b"done"


def test_request_trailers_come_with_the_last_event(probe: ProbeClient):
    call = probe.call("http.body")
    with probe.connect() as client:
        client.send(request("POST", "/", [*call.fields, ("transfer-encoding", "chunked")]))
        client.send(chunked(b"hello", trailers=b"X-Sum: 1\r\ny: caf\xe9\r\nX-Sum: 2\r\n"))
        client.read_response("POST")
    told = [tuple(pair) for pair in call.facts["events"][-1]["trailers"]]
    assert told == [(b"x-sum", b"1"), (b"y", b"caf\xe9"), (b"x-sum", b"2")]


def test_a_request_without_trailers_has_no_key_for_them(probe: ProbeClient):
    call = probe.call("http.body")
    with probe.connect() as client:
        client.send(
            request("POST", "/", [*call.fields, ("transfer-encoding", "chunked")]) + chunked(b"hello")
        )
        client.read_response("POST")
    assert not any("trailers" in event for event in call.facts["events"])
