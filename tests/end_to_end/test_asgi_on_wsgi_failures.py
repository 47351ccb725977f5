"""What goes wrong between a WSGI server, an ASGI application and a client, on each server: nobody waits for
good, nothing that is cut looks whole, and the application is told.
"""

import ast
import http.client
import socket
from collections.abc import Iterator
from contextlib import closing

import httpx
import pytest
from tests.end_to_end.wsgi_servers import SERVERS, Running, open_folder, running_wsgi_server

SECONDS = 20


@pytest.fixture(scope="module", params=SERVERS)
def served(request: pytest.FixtureRequest) -> Iterator[Running]:
    app = "tests.end_to_end.apps.wsgi_probe"
    with open_folder() as folder, running_wsgi_server(request.param, app, folder) as running:
        yield running


@pytest.fixture
def client(served: Running) -> Iterator[httpx.Client]:
    with served.client() as client:
        yield client


def test_the_path_is_told_decoded_and_the_query_as_it_came(client: httpx.Client):
    shown = ast.literal_eval(client.get("/show/caf%C3%A9%20x?a=%C3%A9&b").text)
    assert (shown["path"], shown["query_string"], shown["method"]) == ("/show/café x", b"a=%C3%A9&b", "GET")
    assert (shown["raw_path"], shown["root_path"], shown["body"]) == (b"/show/caf%C3%A9%20x", "", 0)


def test_a_path_that_is_not_utf_8_is_told_by_its_bytes(served: Running):
    with socket.create_connection(served.address, SECONDS) as peer:
        peer.sendall(b"GET /show/caf%E9 HTTP/1.0\r\nHost: localhost\r\n\r\n")
        answer = b"".join(iter(lambda: peer.recv(65536), b""))
    shown = ast.literal_eval(answer.partition(b"\r\n\r\n")[2].decode())
    assert (shown["path"], shown["raw_path"]) == ("/show/caf\ufffd", b"/show/caf%E9")


@pytest.mark.parametrize("path", ["/silent", "/fail"])
def test_an_application_that_does_not_respond_is_a_500(client: httpx.Client, path: str):
    answer = client.get(path)
    assert (answer.status_code, answer.text) == (500, "Internal Server Error\n")


def test_a_response_that_is_too_short_does_not_look_whole(served: Running):
    """It is cut, or a 500 where the application failed before the server had sent any of it."""
    with closing(http.client.HTTPConnection(*served.address, timeout=SECONDS)) as connection:
        connection.request("GET", "/short")
        response = connection.getresponse()
        if response.status == 200:
            with pytest.raises((http.client.IncompleteRead, ConnectionError)):
                response.read()
        else:
            assert response.status == 500


def test_a_response_without_a_length_that_fails_is_cut_where_the_server_can(
    served: Running, client: httpx.Client
):
    """docs/adapters.md names the servers that cannot. All go on serving."""
    with closing(http.client.HTTPConnection(*served.address, timeout=SECONDS)) as connection:
        connection.request("GET", "/broken")
        if SERVERS[served.name].cuts:
            with pytest.raises((http.client.IncompleteRead, ConnectionError)):
                connection.getresponse().read()
        else:
            response = connection.getresponse()
            assert (response.getheader("content-length"), len(response.read())) == (None, 200_000)
    assert client.get("/show").status_code == 200


def test_an_empty_first_part_and_empty_parts_in_between_do_no_harm(client: httpx.Client):
    assert client.get("/ahead").text == "late"


def test_a_websocket_is_refused_with_501(client: httpx.Client):
    answer = client.get("/show", headers={"connection": "upgrade", "upgrade": "websocket"})
    assert answer.status_code == 501
    assert "WebSocket" in answer.text


def test_the_application_is_told_when_the_client_leaves_a_download(served: Running, client: httpx.Client):
    with socket.create_connection(served.address, SECONDS) as peer:
        peer.sendall(b"GET /endless HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert peer.recv(65536).startswith(b"HTTP/1.")
    assert served.output.wait_line("probe: endless ended by", SECONDS).endswith("ClientDisconnected\n")
    assert client.get("/show").status_code == 200


def test_head_has_no_body_and_ends_though_the_response_is_endless(client: httpx.Client):
    assert client.head("/endless").status_code == 200


def test_start_up_and_shutdown_run_once(served: Running, client: httpx.Client):
    """The last test of each server: it stops it."""
    assert client.get("/show").status_code == 200
    served.stop()
    lines = [line for line in served.output.text.splitlines() if "probe: " in line]
    assert [line.partition("probe: ")[2] for line in lines if "endless" not in line] == [
        "start-up",
        "shutdown",
    ]
