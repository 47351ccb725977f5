"""The checklist, items 1 to 28: how the application is called, and what `send` and `receive` do with
messages.
"""

from collections.abc import Sequence
from typing import Any

import pytest
from tests.conformance.client import ACCEPT, BODY, OK, RAISE, READ, Conversation, ProbeClient
from tests.support.raw_client import connect, request
from tests.support.server import running_server

ALLOWED = (bytes, str, int, float, bool, type(None))


def plain(value: Any) -> bool:
    """Whether an event may hold the value: bytes, text, numbers, None, lists and dictionaries with text
    keys.
    """
    if isinstance(value, dict):
        return all(isinstance(key, str) for key in value) and all(map(plain, value.values()))
    if isinstance(value, list | tuple):
        return all(map(plain, value))
    return isinstance(value, ALLOWED)


def test_asgi_001_the_application_is_called_once_for_each_request_with_three_positions(probe: ProbeClient):
    calls = [probe.call("core.arguments") for _ in range(3)]
    with probe.connect() as client:
        for call in calls:
            client.send(request("GET", "/", call.fields))
            assert client.read_response().status == 200
    assert [call.facts["calls"] for call in calls] == [1, 1, 1]
    assert [call.facts["arguments"] for call in calls] == [(3, [])] * 3


def test_asgi_002_the_application_runs_as_a_task_of_an_asyncio_loop(probe: ProbeClient):
    facts = probe.run("core.loop")
    assert (facts["task"], facts["thread"], facts["callback"]) == (True, "7", "called")


def test_asgi_003_the_scope_is_a_dict_with_text_keys_and_a_type(probe: ProbeClient):
    facts = probe.run("core.kinds")
    assert (facts["scope"], facts["keys"], facts["type"]) == ("dict", ["str"], "http")


def test_asgi_004_the_scope_tells_the_version_of_asgi(probe: ProbeClient):
    assert probe.run("http.scope")["scope"]["asgi"]["version"] == "3.0"


def test_asgi_005_the_scope_tells_the_version_of_each_sub_specification(probe: ProbeClient):
    facts = probe.run("http.scope")
    assert facts["scope"]["asgi"]["spec_version"] == "2.5"
    assert facts["state"]["lifespan"][0]["asgi"]["spec_version"] == "2.0"
    with Conversation(probe, behaviour="websocket.scope") as conversation:
        conversation.open()
        assert conversation.call.facts["scope"]["asgi"]["spec_version"] == "2.5"


def test_asgi_006_each_request_of_a_connection_has_a_scope_of_its_own(probe: ProbeClient):
    calls = [probe.call("core.mark") for _ in range(2)]
    with probe.connect() as client:
        for call in calls:
            client.send(request("GET", "/", call.fields))
            client.read_response()
    assert [call.facts["found"] for call in calls] == [False, False]


def test_asgi_007_events_are_dicts_whose_type_names_the_protocol(probe: ProbeClient):
    facts = probe.run("core.kinds")
    assert facts["event kinds"] == ["dict"]
    assert [event["type"] for event in facts["events"]] == ["http.request"]
    with Conversation(probe, READ, ACCEPT, READ) as conversation:
        conversation.open()
        conversation.socket.send_close(1000)
        events = [outcome for outcome in conversation.call.outcomes if isinstance(outcome, dict)]
    assert [event["type"] for event in events] == ["websocket.connect", "websocket.disconnect"]


def test_asgi_008_events_hold_plain_values_alone(probe: ProbeClient):
    with Conversation(probe, READ, ACCEPT, READ, READ, READ) as conversation:
        conversation.open()
        conversation.socket.send_frame(0x1, b"text")
        conversation.socket.send_frame(0x2, b"\xff")
        conversation.socket.send_close(1000)
        events = conversation.call.outcomes
    events += probe.run("core.kinds")["events"]
    events.append(probe.run("http.scope")["state"]["lifespan"][1])
    assert len(events) == 7
    assert all(map(plain, events))


def test_asgi_009_send_and_receive_return_awaitables_that_tasks_can_be_made_of(probe: ProbeClient):
    facts = probe.run("core.awaitables")
    assert (facts["event"], facts["returned"]) == ("http.request", None)


def test_asgi_009_what_send_has_against_a_message_is_raised_where_it_is_awaited(probe: ProbeClient):
    facts = probe.run("core.refused_awaitables")
    assert facts["called"] == []
    assert "Exception" in facts["awaited"]


def test_asgi_009_a_waiting_send_returns_when_the_connection_is_lost(probe: ProbeClient):
    call = probe.call("core.send_without_end")
    with probe.connect(receive_buffer=4096) as client:
        client.send(request("GET", "/", call.fields))
        call.wait("started")
        client.abort()
    assert call.facts["raised"] == "ClientDisconnected"


@pytest.mark.parametrize(
    "message", [{"type": "http.response.unheard"}, {"type": "websocket.send", "text": ""}, {"type": "x"}]
)
def test_asgi_010_an_unknown_type_raises(probe: ProbeClient, message: dict[str, Any]):
    response, outcomes = probe.play(message, OK, BODY)
    assert "Exception" in outcomes[0]
    assert outcomes[1:] == [[], []]
    assert response.body == b"done"


@pytest.mark.parametrize("message", [{}, {"type": "http.response.start"}])
def test_asgi_011_a_missing_key_raises(probe: ProbeClient, message: dict[str, Any]):
    _, outcomes = probe.play(message, OK, BODY)
    assert "Exception" in outcomes[0]


@pytest.mark.parametrize(
    "message",
    [
        {"type": 7},
        {"type": "http.response.start", "status": "200"},
        {"type": "http.response.start", "status": 200, "headers": 7},
        {"type": "http.response.start", "status": 200, "headers": [("name", b"value")]},
        {"type": "http.response.start", "status": 200, "headers": [(b"name", "value")]},
        {"type": "http.response.start", "status": 200, "headers": [(b"name", None)]},
        {"type": "http.response.start", "status": 200, "headers": [(b"name",)]},
    ],
)
def test_asgi_012_a_value_of_a_wrong_kind_raises(probe: ProbeClient, message: dict[str, Any]):
    response, outcomes = probe.play(message, OK, BODY)
    assert "Exception" in outcomes[0]
    assert response.body == b"done"


@pytest.mark.parametrize("body", ["text", 7, [b"list"]])
def test_asgi_012_a_body_of_a_wrong_kind_raises(probe: ProbeClient, body: Any):
    response, outcomes = probe.play(OK, {"type": "http.response.body", "body": body}, BODY)
    assert "Exception" in outcomes[1]
    assert response.body == b"done"


def test_asgi_013_additional_keys_never_raise(probe: ProbeClient):
    response, outcomes = probe.play({**OK, "extra": 1}, {**BODY, "extra": object.__name__})
    assert (response.body, outcomes) == (b"done", [[], []])
    with Conversation(
        probe, READ, {**ACCEPT, "extra": 1}, {"type": "websocket.close", "extra": 1}
    ) as conversation:
        conversation.open()
        assert conversation.socket.read_close().close_code == 1000
        assert conversation.call.outcomes[1:] == [[], []]


def test_asgi_016_an_error_in_the_application_ends_its_request_and_is_reported(probe: ProbeClient):
    call = probe.call("http.play", [OK, {**BODY, "more_body": True}, RAISE])
    with probe.connect() as client:
        client.send(request("GET", "/", call.fields))
        assert b"done" in client.read_to_end()
    probe.server.wait_line(f"DeliberateFailureError: asked for by {call.number}$")
    assert probe.play(OK, BODY)[0].body == b"done"


def test_asgi_017_send_after_the_connection_is_lost_raises_as_http_and_websocket_want_it(probe: ProbeClient):
    lost = probe.call("http.send_after_loss")
    with probe.connect() as client:
        client.send(request("GET", "/", lost.fields))
        lost.wait("begun")
        client.abort()
    assert "OSError" in lost.facts["raised"]
    with Conversation(probe, READ, ACCEPT, READ, {"type": "websocket.send", "text": "x"}) as conversation:
        conversation.open()
        conversation.client.abort()
        assert "OSError" in conversation.call.outcomes[3]


def test_asgi_018_the_error_that_send_raises_is_ignored_when_it_leaves_the_application(probe: ProbeClient):
    call = probe.call("http.let_loss_escape")
    with probe.connect() as client:
        client.send(request("GET", "/", call.fields))
        call.wait("begun")
        client.abort()
    assert call.facts["escaped"][0] == "ClientDisconnected"
    fence = probe.call("http.play", [RAISE])
    with probe.connect() as client:
        client.send(request("GET", "/", fence.fields))
        client.read_response()
    probe.server.wait_line(f"asked for by {fence.number}$")
    assert "let_loss_escape" not in probe.server.output


def test_asgi_019_extensions_are_a_dict_of_dicts_with_those_that_work(probe: ProbeClient):
    extensions = probe.run("http.scope", fields=[("te", "trailers")])["scope"]["extensions"]
    assert extensions == {
        "http.request.trailers": {},
        "http.response.early_hint": {},
        "http.response.pathsend": {},
        "http.response.trailers": {},
        "http.response.zerocopysend": {},
    }
    with Conversation(probe, behaviour="websocket.scope") as conversation:
        conversation.open()
        assert conversation.call.facts["scope"]["extensions"] == {"websocket.http.response": {}}


def test_asgi_019_an_extension_that_cannot_work_for_a_request_is_not_offered(probe: ProbeClient):
    without_te = probe.run("http.scope")["scope"]["extensions"]
    assert "http.response.trailers" not in without_te
    call = probe.call("http.scope")
    with probe.connect() as client:
        client.send(request("GET", "/", [*call.fields, ("te", "trailers")], version="1.0"))
        client.read_response()
    with_http_1_0 = call.facts["scope"]["extensions"]
    assert with_http_1_0.keys().isdisjoint({"http.response.early_hint", "http.response.trailers"})


def test_asgi_021_an_application_may_outlive_its_connection(probe: ProbeClient):
    call = probe.call("core.outlive")
    with probe.connect() as client:
        client.send(request("GET", "/", call.fields))
        call.wait("begun")
        client.abort()
    assert call.wait("event")["event"] == {"type": "http.disconnect"}
    call.release()
    assert call.facts["cleaned up"]
    assert "escaped" not in call.facts


def test_asgi_026_asgi_2_applications_are_served(server_command: Sequence[str]):
    assert told_by(server_command, "double_class") == "2"


@pytest.mark.parametrize("name", ["double_function", "double_instance", "marked_double"])
def test_asgi_027_what_takes_the_scope_alone_is_asgi_2(server_command: Sequence[str], name: str):
    assert told_by(server_command, name) == "2"


@pytest.mark.parametrize("name", ["function", "partial", "instance", "marked_single"])
def test_asgi_027_coroutine_functions_in_any_guise_are_asgi_3(server_command: Sequence[str], name: str):
    assert told_by(server_command, name) == "3"


@pytest.mark.parametrize("interface", ["asgi2", "asgi3"])
def test_asgi_027_what_can_be_both_is_what_it_is_said_to_be(server_command: Sequence[str], interface: str):
    assert told_by(server_command, "either", "--interface", interface) == interface[-1]


def told_by(server_command: Sequence[str], name: str, *options: str) -> str:
    """Which ASGI an application of `probe.callables` was called by."""
    target = f"tests.conformance.probe.callables:{name}"
    with running_server(target, *options, command=server_command) as server, connect(server.url) as client:
        client.send(request("GET", "/"))
        return client.read_response().body.decode()
