"""The checklist, items 41 to 43, 74 and 114: what exists in HTTP/2 alone."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import pytest
from tests.conformance.client import BODY, OK, Call, ProbeClient, Step
from tests.support.http2_client import Http2Client
from tests.support.wired_http2 import Answer

from penstock.testing.wire import read_server_frames, websocket_close, websocket_text

Pairs = Iterable[tuple[str, str]]
PUSH: dict[str, Any] = {"type": "http.response.push", "path": "/pushed", "headers": []}


@contextmanager
def connected(probe: ProbeClient, **options: Any) -> Iterator[Http2Client]:
    with probe.connect() as raw:
        yield Http2Client(raw, **options)


def scope_of(probe: ProbeClient, fields: Pairs = (), path: str = "/") -> dict[str, Any]:
    call = probe.call("http.scope")
    with connected(probe) as client:
        client.get(path, [*call.fields, *fields])
    found: dict[str, Any] = call.facts["scope"]
    return found


def fields_of(scope: dict[str, Any]) -> list[tuple[bytes, bytes]]:
    return [tuple(pair) for pair in scope["headers"] if pair[0] not in (b"probe", b"script")]


def play(probe: ProbeClient, *script: Step, pushes: bool = False) -> tuple[Answer, list[Answer], list[Any]]:
    """The answer to a request whose application plays the script, those that were promised, the outcomes."""
    call = probe.call("http.play", script)
    with connected(probe, pushes=pushes) as client:
        answer = client.get("/", call.fields)
        promised = [client.answer(stream_id) for stream_id in answer.promised]
    return answer, promised, call.outcomes


def pushed(call: Call) -> dict[str, Any]:
    """A promise whose request is a call of a behaviour."""
    fields = [(name.encode(), value.encode()) for name, value in call.fields]
    return {**PUSH, "path": "/pushed?a=b", "headers": fields}


def test_asgi_041_pseudo_fields_are_no_fields(probe: ProbeClient):
    scope = scope_of(probe, path="/path?query")
    assert not any(name.startswith(b":") for name, _ in fields_of(scope))
    assert (scope["http_version"], scope["method"], scope["path"]) == ("2", "GET", "/path")
    assert (scope["query_string"], scope["scheme"]) == (b"query", "http")


@pytest.mark.parametrize("fields", [(), [("x-one", "1")], [("x-one", "1"), ("host", "localhost")]])
def test_asgi_042_the_authority_is_host_at_the_start_and_only_there(probe: ProbeClient, fields: Pairs):
    told = fields_of(scope_of(probe, fields))
    assert told[0] == (b"host", b"localhost")
    assert [name for name, _ in told].count(b"host") == 1


def test_asgi_043_cookies_are_one_field(probe: ProbeClient):
    crumbs = [("cookie", "a=1"), ("x-one", "1"), ("cookie", "b=2"), ("cookie", "c=3")]
    told = fields_of(scope_of(probe, crumbs))
    assert told[1:] == [(b"cookie", b"a=1; b=2; c=3"), (b"x-one", b"1")]


def test_asgi_074_a_push_is_a_request_of_its_own(probe: ProbeClient):
    inner = probe.call("http.scope")
    answer, promised, outcomes = play(probe, OK, pushed(inner), BODY, pushes=True)
    assert (answer.body, outcomes) == (b"done", [[], [], []])
    assert [each.status for each in promised] == [200]
    scope = inner.facts["scope"]
    assert (scope["method"], scope["path"], scope["query_string"]) == ("GET", "/pushed", b"a=b")
    assert fields_of(scope) == [(b"host", b"localhost")]


def test_asgi_074_a_push_is_offered_to_a_client_that_takes_it(probe: ProbeClient):
    offered = []
    for pushes in (True, False):
        call = probe.call("http.scope")
        with connected(probe, pushes=pushes) as client:
            client.get("/", call.fields)
        offered.append("http.response.push" in call.facts["scope"]["extensions"])
    assert offered == [True, False]


def test_asgi_074_a_push_to_a_client_that_takes_none_is_nothing(probe: ProbeClient):
    inner = probe.call("http.scope")
    answer, promised, outcomes = play(probe, OK, pushed(inner), BODY)
    assert (answer.body, promised, outcomes) == (b"done", [], [[], [], []])


@pytest.mark.parametrize("path", ["relative", 7, "/%zz"])
def test_asgi_074_a_push_that_is_none_raises(probe: ProbeClient, path: Any):
    answer, promised, outcomes = play(probe, OK, {**PUSH, "path": path}, BODY, pushes=True)
    assert (answer.body, promised) == (b"done", [])
    assert [bool(names) for names in outcomes] == [False, True, False]


def test_asgi_114_a_websocket_over_http_2_has_the_same_events(probe: ProbeClient):
    script: Sequence[Step] = [
        "receive",
        {"type": "websocket.accept"},
        "receive",
        {"type": "websocket.send", "text": "back"},
        "receive",
    ]
    call = probe.call("websocket.play", script)
    with connected(probe) as client:
        stream_id = client.open_websocket("/socket", call.fields)
        client.send(stream_id, websocket_text("there"))
        while not client.answers[stream_id].body:
            client.receive()
        client.send(stream_id, websocket_close(1000))
        answer = client.answer(stream_id)
    frames = read_server_frames(answer.body)
    assert (answer.status, frames[0].payload, frames[1].payload) == (200, b"back", (1000).to_bytes(2))
    received = [outcome for outcome in call.outcomes if isinstance(outcome, dict)]
    assert [event["type"] for event in received] == [
        "websocket.connect",
        "websocket.receive",
        "websocket.disconnect",
    ]
    assert (received[1]["text"], received[2]["code"]) == ("there", 1000)


def test_asgi_114_the_scope_of_a_websocket_over_http_2_says_so(probe: ProbeClient):
    call = probe.call("websocket.scope")
    with connected(probe) as client:
        client.open_websocket("/socket", call.fields)
    scope = call.facts["scope"]
    assert (scope["type"], scope["http_version"], scope["scheme"]) == ("websocket", "2", "ws")
