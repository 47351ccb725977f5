"""TLS: what it refuses, what it asks of clients, and how it ends."""

import ssl
from collections.abc import Iterator, Sequence

import pytest
from tests.end_to_end.conftest import PLAIN, Start
from tests.end_to_end.doors import Door
from tests.support.certificates import Certificates
from tests.support.raw_client import connect, request
from tests.support.server import RunningServer, running_process


@pytest.fixture(scope="module")
def strict_server(
    start: Start, tls_options: Sequence[str], certificates: Certificates
) -> Iterator[RunningServer]:
    """Takes nobody without a certificate."""
    clients = ("--ca-certs", str(certificates.ca_file), "--verify-client", "required")
    with start(*tls_options, *clients) as server:
        yield server


def get(url: str, context: ssl.SSLContext, target: str = "/") -> bytes:
    with connect(url, context) as client:
        client.send(request("GET", target))
        return client.read_response().body


def test_plain_http_on_a_tls_port_is_told_so(tls_door: Door):
    with connect(tls_door.url) as client:
        client.send(request("GET", "/"))
        response = client.read_response()
        assert client.read_to_end() == b""
    assert response.status == 400
    assert b"https" in response.body
    assert response.values(b"connection") == [b"close"]


def test_what_is_neither_tls_nor_http_is_closed(tls_door: Door):
    with connect(tls_door.url) as client:
        client.send(b"\x00\x01\x02\x03 something else\r\n\r\n")
        client.read_to_end()


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_tls_1_2_and_1_3_are_spoken(tls_door: Door, certificates: Certificates, version: ssl.TLSVersion):
    context = certificates.context()
    context.minimum_version = context.maximum_version = version
    assert get(tls_door.url, context) == b"hello"


def test_tls_1_1_is_refused(tls_door: Door, certificates: Certificates):
    context = certificates.context()
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning):
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises((ssl.SSLError, ConnectionError)):
        get(tls_door.url, context)


@pytest.mark.parametrize(
    ("offered", "agreed"), [(["http/1.1", "h2"], "h2"), (["http/1.1"], "http/1.1"), (["spdy/1"], None)]
)
def test_alpn_agrees_on_http_2_before_http_1_1(
    tls_door: Door, certificates: Certificates, offered: list[str], agreed: str | None
):
    context = certificates.context()
    context.set_alpn_protocols(offered)
    with connect(tls_door.url, context) as client:
        assert isinstance(client.socket, ssl.SSLSocket)
        assert client.socket.selected_alpn_protocol() == agreed


def test_the_end_is_said_by_close_notify(tls_door: Door):
    with tls_door.raw() as client:
        client.send(request("GET", "/", [("connection", "close")]))
        client.read_response()
        assert isinstance(client.socket, ssl.SSLSocket)
        client.socket.suppress_ragged_eofs = False
        assert client.socket.recv(1) == b""


def test_a_client_with_its_certificate_is_known(strict_server: RunningServer, certificates: Certificates):
    body = get(strict_server.url, certificates.context(certificates.client_file), "/client")
    assert b"CN=A Client" in body


@pytest.mark.parametrize("shown", [None, "stranger_file"])
def test_a_client_without_a_good_certificate_is_refused(
    strict_server: RunningServer, certificates: Certificates, shown: str | None
):
    context = certificates.context(None if shown is None else getattr(certificates, shown))
    with (
        pytest.raises((ssl.SSLError, ConnectionError, AssertionError)),
        connect(strict_server.url, context) as client,
    ):
        client.send(request("GET", "/"))
        client.read_until(b"\r\n\r\n")


def test_optional_verification_takes_clients_with_and_without(
    start: Start, tls_options: Sequence[str], certificates: Certificates
):
    clients = ("--ca-certs", str(certificates.ca_file), "--verify-client", "optional")
    with start(*tls_options, *clients) as server:
        assert get(server.url, certificates.context(), "/client") == b"None"
        assert b"CN=A Client" in get(server.url, certificates.context(certificates.client_file), "/client")
        with (
            pytest.raises((ssl.SSLError, ConnectionError, AssertionError)),
            connect(server.url, certificates.context(certificates.stranger_file)) as client,
        ):
            client.send(request("GET", "/"))
            client.read_until(b"\r\n\r\n")


@pytest.mark.parametrize("mode", ["optional", "required"])
def test_verification_without_an_authority_does_not_start(
    server_command: Sequence[str], tls_options: Sequence[str], mode: str
):
    words = [*server_command, PLAIN, "--factory", "--bind", "127.0.0.1:0", *tls_options]
    with running_process([*words, "--verify-client", mode]) as (process, output):
        assert process.wait(10) == 5
        output.wait_line("--ca-certs", seconds=10)


def test_a_handshake_that_is_aborted_does_no_harm(tls_door: Door):
    for _ in range(20):
        with connect(tls_door.url) as client:
            client.send(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")
    with tls_door.raw() as client:
        client.send(request("GET", "/"))
        assert client.read_response().body == b"hello"
