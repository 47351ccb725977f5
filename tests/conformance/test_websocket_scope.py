"""The checklist, items 84 to 90: the scope of a WebSocket."""

from typing import Any

import pytest
from tests.conformance.client import Conversation, ProbeClient


def scope_of(probe: ProbeClient, target: str = "/", *fields: tuple[str, str]) -> dict[str, Any]:
    with Conversation(probe, behaviour="websocket.scope") as conversation:
        conversation.open(target, fields)
        found: dict[str, Any] = conversation.call.facts["scope"]
        return found


def test_asgi_084_the_type_is_websocket(probe: ProbeClient):
    assert scope_of(probe)["type"] == "websocket"


def test_asgi_085_the_scope_tells_its_versions(probe: ProbeClient):
    assert scope_of(probe)["asgi"] == {"version": "3.0", "spec_version": "2.5"}


def test_asgi_086_the_version_of_http_is_the_one_of_the_handshake(probe: ProbeClient):
    assert scope_of(probe)["http_version"] == "1.1"


def test_asgi_087_the_scheme_is_ws_or_wss(probe: ProbeClient, tls_probe: ProbeClient):
    assert (scope_of(probe)["scheme"], scope_of(tls_probe)["scheme"]) == ("ws", "wss")


def test_asgi_088_path_fields_and_addresses_are_those_of_http(probe: ProbeClient):
    with Conversation(probe, behaviour="websocket.scope") as conversation:
        conversation.open("/caf%C3%A9/a%2Fb?x", [("X-One", "1"), ("x-one", "2")])
        facts = conversation.call.facts
        client = conversation.client.socket.getsockname()
    scope = facts["scope"]
    assert (scope["path"], scope["raw_path"], scope["root_path"]) == ("/café/a/b", b"/caf%C3%A9/a%2Fb", "")
    assert [tuple(pair) for pair in scope["headers"]][-2:] == [(b"x-one", b"1"), (b"x-one", b"2")]
    assert (list(scope["client"]), list(scope["server"])) == (list(client), list(probe.server.address))
    assert facts["state"]["first"] is True


@pytest.mark.parametrize(("target", "query"), [("/", b""), ("/?a=%20b", b"a=%20b")])
def test_asgi_089_the_query_is_bytes(probe: ProbeClient, target: str, query: bytes):
    assert scope_of(probe, target)["query_string"] == query


def test_asgi_090_the_subprotocols_are_text_in_the_order_of_the_client(probe: ProbeClient):
    name = "sec-websocket-protocol"
    assert scope_of(probe)["subprotocols"] == []
    assert scope_of(probe, "/", (name, "b, a"), (name, "c"))["subprotocols"] == ["b", "a", "c"]
