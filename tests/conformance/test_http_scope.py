"""The checklist, items 29 to 46: the scope of an HTTP request."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from tests.conformance.client import ProbeClient
from tests.conformance.conftest import PROBE
from tests.support.raw_client import request
from tests.support.server import running_server


def scope_of(
    probe: ProbeClient, target: str = "/", method: str = "GET", fields: Sequence[tuple[str, str]] = ()
) -> dict[str, Any]:
    found: dict[str, Any] = probe.run("http.scope", method, target, fields)["scope"]
    return found


def test_asgi_029_the_type_is_http(probe: ProbeClient):
    assert scope_of(probe)["type"] == "http"


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_asgi_030_the_version_is_the_one_of_the_request(probe: ProbeClient, version: str):
    call = probe.call("http.scope")
    with probe.connect() as client:
        client.send(request("GET", "/", call.fields, version=version))
        client.read_response()
    assert call.facts["scope"]["http_version"] == version


@pytest.mark.parametrize(
    ("sent", "told"), [("GET", "GET"), ("PROPFIND", "PROPFIND"), ("M-SEARCH", "M-SEARCH"), ("Put", "PUT")]
)
def test_asgi_031_the_method_is_text_in_upper_case(probe: ProbeClient, sent: str, told: str):
    assert scope_of(probe, method=sent)["method"] == told


def test_asgi_032_the_scheme_is_never_empty(probe: ProbeClient, tls_probe: ProbeClient):
    assert (scope_of(probe)["scheme"], scope_of(tls_probe)["scheme"]) == ("http", "https")


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("/", "/"),
        ("/caf%C3%A9/%E2%82%AC%20x", "/café/€ x"),
        ("/a%2Fb//c", "/a/b//c"),
        ("/a/../b?c", "/a/../b"),
        ("http://localhost/from/absolute?x", "/from/absolute"),
        ("/+%2B", "/++"),
    ],
)
def test_asgi_033_the_path_is_decoded_text_without_the_query(probe: ProbeClient, target: str, path: str):
    assert scope_of(probe, target)["path"] == path


@pytest.mark.parametrize("target", ["/%FF", "/%C3", "/%", "/%4", "/%zz"])
def test_asgi_033_a_path_that_cannot_be_decoded_is_refused(probe: ProbeClient, target: str):
    with probe.connect() as client:
        client.send(request("GET", target, probe.call("http.scope").fields))
        assert client.read_response().status == 400


def test_asgi_034_the_raw_path_is_what_the_client_sent_without_the_query(probe: ProbeClient):
    assert scope_of(probe, "/caf%C3%a9/a%2Fb?q=%20")["raw_path"] == b"/caf%C3%a9/a%2Fb"


@pytest.mark.parametrize(
    ("target", "query"),
    [("/", b""), ("/?", b""), ("/?a=%20b+c", b"a=%20b+c"), ("/a?b?c=d?", b"b?c=d?")],
)
def test_asgi_035_the_query_is_what_follows_the_first_question_mark(
    probe: ProbeClient, target: str, query: bytes
):
    assert scope_of(probe, target)["query_string"] == query


def test_asgi_036_the_root_path_is_told_and_the_path_still_contains_it(
    probe: ProbeClient, server_command: Sequence[str]
):
    assert scope_of(probe)["root_path"] == ""
    with running_server(PROBE, "--factory", "--root-path", "/mounted", command=server_command) as server:
        scopes = [
            scope_of(ProbeClient(server), target) for target in ("/mounted/page", "/page", "/mountedpage")
        ]
    assert [scope["root_path"] for scope in scopes] == ["/mounted"] * 3
    assert [scope["path"] for scope in scopes] == ["/mounted/page", "/mounted/page", "/mounted/mountedpage"]


def test_asgi_037_the_fields_are_pairs_of_bytes(probe: ProbeClient):
    fields = scope_of(probe, fields=[("x-one", "caf\xe9")])["headers"]
    assert all(len(pair) == 2 and all(type(half) is bytes for half in pair) for pair in fields)
    assert [b"x-one", b"caf\xe9"] in [list(pair) for pair in fields]


def test_asgi_038_the_fields_keep_their_order(probe: ProbeClient):
    sent = [("z", "1"), ("a", "2"), ("z", "3"), ("m", "4")]
    fields = scope_of(probe, fields=sent)["headers"]
    assert [tuple(map(bytes.decode, pair)) for pair in fields][-4:] == sent
    assert bytes(fields[0][0]) == b"host"


def test_asgi_039_fields_that_repeat_are_not_joined(probe: ProbeClient):
    fields = scope_of(probe, fields=[("cookie", "a=1"), ("x", "1"), ("cookie", "b=2"), ("x", "1")])["headers"]
    assert [value for name, value in fields if name == b"cookie"] == [b"a=1", b"b=2"]
    assert [value for name, value in fields if name == b"x"] == [b"1", b"1"]


def test_asgi_040_the_names_of_fields_are_in_lower_case(probe: ProbeClient):
    fields = scope_of(probe, fields=[("X-MiXed", "Value")])["headers"]
    assert list(fields[-1]) == [b"x-mixed", b"Value"]


def test_asgi_044_the_client_is_the_address_of_the_other_end(probe: ProbeClient):
    call = probe.call("http.scope")
    with probe.connect() as client:
        client.send(request("GET", "/", call.fields))
        client.read_response()
        assert list(call.facts["scope"]["client"]) == list(client.socket.getsockname())


def test_asgi_045_the_server_is_the_address_of_this_end(probe: ProbeClient):
    assert list(scope_of(probe)["server"]) == list(probe.server.address)


def test_asgi_045_over_a_unix_socket_the_server_is_its_path_and_there_is_no_client(
    tmp_path: Path, server_command: Sequence[str]
):
    bind = f"unix:{tmp_path}/socket"
    with running_server(PROBE, "--factory", bind=[bind], command=server_command) as server:
        scope = scope_of(ProbeClient(server))
    assert list(scope["server"]) == [f"{tmp_path}/socket", None]
    assert scope.get("client") is None


def test_asgi_046_each_request_has_a_shallow_copy_of_the_state(server_command: Sequence[str]):
    with running_server(PROBE, "--factory", command=server_command) as server:
        first, second = [ProbeClient(server).run("http.state")["state"] for _ in range(2)]
    assert (first["first"], second["first"]) == (True, True)
    assert "changed" not in first["lifespan"]
    assert "changed" in second["lifespan"]
