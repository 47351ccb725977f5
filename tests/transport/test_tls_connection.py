"""A TLS connection on a fake transport: what the pump cannot send holds the application back, and has a
deadline.
"""

import ssl
from pathlib import Path

import pytest
from tests.support.certificates import Certificates
from tests.support.tls_client import MemoryClient
from tests.support.wired import Server, settled

from penstock.base.asgi import Receive, Scope, Send
from penstock.testing.transport import FakeTransport
from penstock.transport.certificates import TlsExtension
from penstock.transport.tls_connection import TlsConnection, TlsSetup
from penstock.transport.tls_context import create_context

HALF_A_KEY_UPDATE = b"\x18\0\0\1"  # RFC 8446 section 4.6.3, without its body
THE_REST = b"\0"


async def endless(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200})
    while True:
        await send({"type": "http.response.body", "body": b"x" * 1000, "more_body": True})
        await settled()


class Linked:
    """A client and the connection that it has."""

    client: MemoryClient
    transport: FakeTransport

    def exchange(self) -> None:
        if sent := self.client.data_to_send():
            self.transport.feed(sent)
        self.client.receive_data(bytes(self.transport.written))
        self.transport.written.clear()


class Held(Linked):
    """A client whose request is being answered, and who is in the middle of a key update."""

    def __init__(self, certificates: Certificates, keys: Path) -> None:
        server_context = create_context(
            str(certificates.cert_file), str(certificates.key_file), alpn=("http/1.1",)
        )
        context = certificates.context()
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.keylog_filename = str(keys)
        self.server = Server(endless, write_stall_seconds=5.0)
        setup = TlsSetup(server_context, TlsExtension(server_context, None))
        self.connection = TlsConnection(self.server.sweep, setup)
        self.transport = FakeTransport(self.connection)
        self.client = MemoryClient(context)

    async def begin(self) -> None:
        self.transport.connect()
        self.client.shake_hands()
        while not self.client.handshake_complete:
            self.exchange()
        self.client.send(b"GET / HTTP/1.1\r\nhost: test\r\n\r\n")
        self.exchange()
        await settled()
        self.transport.feed(self.client.handshake_record(HALF_A_KEY_UPDATE))
        await settled()


@pytest.fixture
def held(certificates: Certificates, tmp_path: Path) -> Held:
    return Held(certificates, tmp_path / "keys.log")


async def test_half_a_key_update_holds_the_application_back_until_the_rest_comes(held: Held) -> None:
    await held.begin()
    assert not held.connection.writable
    held.transport.feed(held.client.handshake_record(THE_REST))
    assert held.connection.writable
    await settled()
    held.exchange()
    assert held.client.received.count(b"x" * 1000) > 1


async def test_a_client_that_does_not_end_its_key_update_is_given_up(held: Held) -> None:
    await held.begin()
    held.server.at(100.0)
    held.server.at(104.0)
    assert held.transport.ended == ""
    held.server.at(106.0)
    assert held.transport.ended == "aborted"


async def hello(scope: Scope, receive: Receive, send: Send) -> None:
    await send({"type": "http.response.start", "status": 200})
    await send({"type": "http.response.body", "body": b"hello"})


class Starting(Linked):
    """A client that begins its handshake."""

    def __init__(self, certificates: Certificates) -> None:
        context = create_context(
            str(certificates.cert_file), str(certificates.key_file), alpn=("http/1.1",)
        )
        self.server = Server(hello)
        self.transport = FakeTransport(
            TlsConnection(self.server.sweep, TlsSetup(context, TlsExtension(context, None)))
        )
        self.client = MemoryClient(certificates.context())
        self.transport.connect()


@pytest.fixture
def starting(certificates: Certificates) -> Starting:
    return Starting(certificates)


async def test_a_handshake_that_has_begun_may_end_while_the_server_drains(starting: Starting) -> None:
    starting.client.shake_hands()
    starting.exchange()
    starting.server.drain()
    assert not starting.transport.ended
    while not starting.client.handshake_complete:
        starting.client.shake_hands()
    starting.client.send(b"GET / HTTP/1.1\r\nhost: test\r\n\r\n")
    starting.exchange()
    await settled()
    starting.exchange()
    assert b"HTTP/1.1 200 OK\r\n" in starting.client.received
    assert starting.transport.ended


async def test_who_has_said_nothing_is_let_go_when_the_server_drains(starting: Starting) -> None:
    starting.server.drain()
    assert starting.transport.ended


async def test_plain_http_is_answered_and_logged(starting: Starting) -> None:
    starting.transport.feed(b"GET / HTTP/1.1\r\nhost: test\r\n\r\n")
    await settled()
    assert bytes(starting.transport.written).startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert starting.server.log.statuses == [400]
