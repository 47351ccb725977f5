"""The TLS pump, against OpenSSL's client in memory, over real sockets, and against records made by hand."""

import asyncio
import shutil
import ssl
import subprocess
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.support.certificates import Certificates
from tests.support.tls_client import MemoryClient

from penstock.transport.tls import FEED_BYTES, TlsPump
from penstock.transport.tls_context import create_context

Run = Callable[..., Any]
VERSIONS = [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]
OPENSSL = shutil.which("openssl")
MIB = 1024 * 1024
KEY_UPDATE = b"\x18\0\0\x01"  # the head of the message (RFC 8446 section 4.6.3); one byte follows
PLEASE_UPDATE_TOO = b"\x01"


@pytest.fixture(scope="module")
def server(certificates: Certificates) -> ssl.SSLContext:
    return create_context(str(certificates.cert_file), str(certificates.key_file), alpn=("http/1.1",))


@pytest.fixture
def verifying(certificates: Certificates) -> Callable[[str], ssl.SSLContext]:
    def create(verify_client: Any) -> ssl.SSLContext:
        return create_context(
            str(certificates.cert_file),
            str(certificates.key_file),
            ca_certs=str(certificates.ca_file),
            verify_client=verify_client,
        )

    return create


@pytest.fixture(params=VERSIONS, ids=["1.2", "1.3"])
def client(request: pytest.FixtureRequest, certificates: Certificates) -> MemoryClient:
    context = certificates.context()
    context.minimum_version = context.maximum_version = request.param
    return MemoryClient(context)


@pytest.fixture
def pump(server: ssl.SSLContext) -> TlsPump:
    return TlsPump(server)


def exchange(client: MemoryClient, pump: TlsPump) -> bytes:
    """Carry bytes both ways until nobody has more to say; what the pump read in clear."""
    plain = b""
    while True:
        sent = client.data_to_send()
        if sent:
            plain += pump.receive_data(sent)
        answer = pump.data_to_send()
        client.receive_data(b"".join(answer))
        if not sent and not answer:
            return plain


def connected(client: MemoryClient, pump: TlsPump) -> None:
    client.shake_hands()
    assert exchange(client, pump) == b""
    assert pump.handshake_complete
    assert client.handshake_complete


class TestHandshake:
    def test_it_completes(self, client: MemoryClient, pump: TlsPump) -> None:
        assert not pump.handshake_complete
        connected(client, pump)
        assert pump.fault is None

    def test_it_completes_byte_by_byte(self, client: MemoryClient, pump: TlsPump) -> None:
        client.shake_hands()
        while sent := client.data_to_send():
            for byte in sent:
                assert pump.receive_data(bytes([byte])) == b""
            client.receive_data(b"".join(pump.data_to_send()))
        assert pump.handshake_complete

    def test_the_agreed_protocol_is_known(self, certificates: Certificates, pump: TlsPump) -> None:
        context = certificates.context()
        context.set_alpn_protocols(["h3", "http/1.1"])
        connected(MemoryClient(context), pump)
        assert pump.alpn == "http/1.1"

    def test_without_an_offer_no_protocol_is_agreed(self, client: MemoryClient, pump: TlsPump) -> None:
        connected(client, pump)
        assert pump.alpn is None

    def test_a_session_is_resumed_with_its_ticket(
        self, client: MemoryClient, server: ssl.SSLContext, pump: TlsPump
    ) -> None:
        connected(client, pump)
        again = MemoryClient(client.context, session=client.session.session)
        connected(again, TlsPump(server))
        assert again.session.session_reused

    def test_data_that_comes_with_the_end_of_the_handshake_is_read(
        self, certificates: Certificates, pump: TlsPump
    ) -> None:
        client = MemoryClient(certificates.context())
        client.shake_hands()
        pump.receive_data(client.data_to_send())
        client.receive_data(b"".join(pump.data_to_send()))
        client.send(b"GET")
        assert pump.receive_data(client.data_to_send()) == b"GET"

    def test_tls_1_1_is_refused_with_an_alert(self, pump: TlsPump) -> None:
        """A ClientHello of TLS 1.1, made by hand: the client's own OpenSSL would not send one."""
        random, suites = bytes(32), b"\xc0\x13\xc0\x14"
        body = b"\x03\x02" + random + b"\0" + len(suites).to_bytes(2) + suites + b"\x01\0"
        message = b"\x01" + len(body).to_bytes(3) + body
        pump.receive_data(b"\x16\x03\x01" + len(message).to_bytes(2) + message)
        assert pump.fault == (
            "TLS handshake failed: the client offers no version of TLS that is allowed here"
        )
        (alert,) = pump.data_to_send()
        assert (alert[0], alert[-2:]) == (21, b"\x02\x46")  # fatal, protocol_version

    def test_a_client_without_a_common_cipher_is_refused(
        self, certificates: Certificates, pump: TlsPump
    ) -> None:
        context = certificates.context()
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers("DHE-RSA-AES256-SHA256")
        client = MemoryClient(context)
        client.shake_hands()
        exchange(client, pump)
        assert pump.fault == "TLS handshake failed: the client offers no cipher that is allowed here"

    def test_a_client_that_does_not_trust_us_is_told(self, pump: TlsPump) -> None:
        client = MemoryClient(ssl.create_default_context())
        client.shake_hands()
        exchange(client, pump)
        assert client.fault is not None
        assert pump.fault == "TLS handshake failed: the client refused with the alert unknown ca"

    @pytest.mark.parametrize(
        "garbage",
        [b"\0", b"\x16\x03\x01\0\x05hello", b"\x16" * 100, b"\x80\x2e\x01\x00\x02", bytes(range(256)) * 300],
    )
    def test_garbage_is_a_fault(self, pump: TlsPump, garbage: bytes) -> None:
        assert pump.receive_data(garbage + bytes(64)) == b""
        assert pump.fault is not None
        assert pump.fault.startswith("TLS handshake failed: ")

    def test_nothing_is_read_after_a_fault(self, pump: TlsPump) -> None:
        pump.receive_data(b"\0" * 64)
        pump.data_to_send()
        assert pump.receive_data(b"GET / HTTP/1.1\r\n") == b""
        pump.send_data([b"answer"])
        pump.send_close()
        assert pump.data_to_send() == []

    def test_half_a_client_hello_leaves_it_waiting(self, client: MemoryClient, pump: TlsPump) -> None:
        client.shake_hands()
        pump.receive_data(client.data_to_send()[:50])
        assert not pump.handshake_complete
        assert pump.fault is None
        pump.receive_eof()
        assert pump.truncated


class TestPlainHttp:
    @pytest.mark.parametrize(
        "head", [b"GET / HTTP/1.1\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\n", b"M-SEARCH * HTTP/1.1"]
    )
    @pytest.mark.parametrize("cut", [0, 1, 3])
    def test_it_is_noticed_however_it_is_cut(self, pump: TlsPump, head: bytes, cut: int) -> None:
        for part in (head[:cut], head[cut:]):
            if part:
                assert pump.receive_data(part) == b""
        assert pump.plain_http
        assert pump.fault is None
        assert pump.data_to_send() == []

    def test_what_follows_is_dropped_and_its_end_is_no_truncation(self, pump: TlsPump) -> None:
        pump.receive_data(b"GET / HTTP/1.1\r\n")
        assert pump.receive_data(b"host: a\r\n\r\n") == b""
        pump.receive_eof()
        assert not pump.truncated

    @pytest.mark.parametrize("banner", [b"SSH-2.0-client\r\n", b"A" * 33, b"(GET) / HTTP/1.1\r\n"])
    def test_other_plain_text_is_a_fault(self, pump: TlsPump, banner: bytes) -> None:
        pump.receive_data(banner)
        assert not pump.plain_http
        assert pump.fault is not None


class TestData:
    def test_it_passes_both_ways(self, client: MemoryClient, pump: TlsPump) -> None:
        connected(client, pump)
        client.send(b"question")
        assert exchange(client, pump) == b"question"
        pump.send_data([b"head ", b"body"])
        exchange(client, pump)
        assert client.received == b"head body"

    @pytest.mark.parametrize("size", [1, 100, 16383, 16384, 16385, 65536, 300_000])
    @pytest.mark.parametrize("step", [100, FEED_BYTES - 1, FEED_BYTES, 10**6])
    def test_any_size_arrives_however_it_is_cut(
        self, client: MemoryClient, pump: TlsPump, size: int, step: int
    ) -> None:
        connected(client, pump)
        sent = bytes(at % 251 for at in range(size))
        client.send(sent)
        records = client.data_to_send()
        got = [pump.receive_data(records[at : at + step]) for at in range(0, len(records), step)]
        assert b"".join(got) == sent
        assert pump.fault is None

    def test_many_small_records_in_one_read_arrive(self, client: MemoryClient, pump: TlsPump) -> None:
        connected(client, pump)
        for number in range(100):
            client.send(b"%03d" % number)
        assert exchange(client, pump) == b"".join(b"%03d" % number for number in range(100))

    @pytest.mark.parametrize(
        "pieces",
        [
            [b"head", b"body"],
            [b"head", b"", b"body"],
            [b"", b""],
            [],
            [b"head", bytes(16384)],
            [b"head", bytes(range(256)) * 1000],
            [bytes(20_000), b"between", bytes(20_000), b"end"],
        ],
        ids=range(7),
    )
    def test_pieces_arrive_in_order(self, client: MemoryClient, pump: TlsPump, pieces: list[bytes]) -> None:
        connected(client, pump)
        pump.send_data(pieces)
        pump.send_data([b"."])
        exchange(client, pump)
        assert client.received == b"".join(pieces) + b"."

    def test_small_pieces_leave_as_one_record(self, client: MemoryClient, pump: TlsPump) -> None:
        connected(client, pump)
        pump.send_data([b"head", b"body"])
        (record,) = pump.data_to_send()
        assert len(record) == 5 + int.from_bytes(record[3:5])

    def test_there_is_nothing_to_send_twice(self, client: MemoryClient, pump: TlsPump) -> None:
        connected(client, pump)
        pump.send_data([b"once"])
        assert pump.data_to_send() != []
        assert pump.data_to_send() == []

    def test_a_large_body_costs_its_ciphertext_and_little_more(
        self, client: MemoryClient, pump: TlsPump
    ) -> None:
        connected(client, pump)
        body = bytes(8 * MIB)
        tracemalloc.start()
        try:
            pump.send_data([b"head", body])
            ciphertext = sum(map(len, pump.data_to_send()))
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert peak < ciphertext + MIB

    def test_a_damaged_record_is_a_fault_with_an_alert(self, client: MemoryClient, pump: TlsPump) -> None:
        connected(client, pump)
        client.send(b"first")
        client.send(b"second")
        records = bytearray(client.data_to_send())
        records[-1] ^= 1
        assert pump.receive_data(bytes(records)) == b"first"
        assert pump.fault == "TLS failed: a record was damaged on its way"
        assert pump.data_to_send() != []


class TestKeyUpdate:
    @pytest.fixture
    def client(self, certificates: Certificates, tmp_path: Path) -> MemoryClient:
        context = certificates.context()
        context.minimum_version = ssl.TLSVersion.TLSv1_3
        context.keylog_filename = str(tmp_path / "keys.log")
        return MemoryClient(context)

    def test_an_asked_for_key_update_is_answered_with_the_next_write(
        self, client: MemoryClient, pump: TlsPump
    ) -> None:
        connected(client, pump)
        assert pump.receive_data(client.handshake_record(KEY_UPDATE + PLEASE_UPDATE_TOO)) == b""
        pump.send_data([b"answer"])
        sent = b"".join(pump.data_to_send())
        first = 5 + int.from_bytes(sent[3:5])
        assert first == 5 + len(KEY_UPDATE) + 1 + 1 + 16  # our own key update: its body, its type, its tag
        client.receive_data(sent)
        assert client.received == b"answer"

    def test_half_a_key_update_holds_writing_back_until_the_rest_comes(
        self, client: MemoryClient, pump: TlsPump
    ) -> None:
        connected(client, pump)
        pump.receive_data(client.handshake_record(KEY_UPDATE))
        pump.send_data([b"one "])
        pump.send_data([b"two ", b"three"])
        assert pump.data_to_send() == []
        assert pump.blocked
        pump.receive_data(client.handshake_record(b"\0"))
        client.receive_data(b"".join(pump.data_to_send()))
        assert not pump.blocked
        assert client.received == b"one two three"

    def test_nothing_says_the_end_while_something_is_unsent(
        self, client: MemoryClient, pump: TlsPump
    ) -> None:
        connected(client, pump)
        pump.receive_data(client.handshake_record(KEY_UPDATE))
        pump.send_data([b"never sent"])
        pump.send_close()
        assert pump.data_to_send() == []


class TestClose:
    def test_the_peers_close_notify_is_not_a_truncation(self, client: MemoryClient, pump: TlsPump) -> None:
        connected(client, pump)
        client.send(b"last words")
        client.send_close()
        assert pump.receive_data(client.data_to_send()) == b"last words"
        assert pump.peer_closed
        pump.receive_eof()
        assert not pump.truncated

    def test_an_end_without_close_notify_is_a_truncation(self, client: MemoryClient, pump: TlsPump) -> None:
        connected(client, pump)
        pump.receive_eof()
        assert pump.truncated
        assert not pump.peer_closed

    def test_after_the_peers_half_closed_ours_goes_on(self, client: MemoryClient, pump: TlsPump) -> None:
        connected(client, pump)
        client.send_close()
        pump.receive_data(client.data_to_send())
        pump.send_data([b"answer ", b"x" * 20_000])
        pump.send_close()
        client.receive_data(b"".join(pump.data_to_send()))
        assert client.received == b"answer " + b"x" * 20_000
        assert client.peer_closed

    def test_the_client_sees_our_close_notify(self, client: MemoryClient, pump: TlsPump) -> None:
        connected(client, pump)
        pump.send_data([b"answer"])
        pump.send_close()
        client.receive_data(b"".join(pump.data_to_send()))
        assert client.received == b"answer"
        assert client.peer_closed

    def test_after_our_close_the_peers_data_and_close_are_read(
        self, client: MemoryClient, pump: TlsPump
    ) -> None:
        connected(client, pump)
        pump.send_close()
        pump.data_to_send()
        client.send(b"more")
        assert pump.receive_data(client.data_to_send()) == b"more"
        client.send_close()
        assert pump.receive_data(client.data_to_send()) == b""
        assert pump.peer_closed

    def test_nothing_is_sent_behind_our_close(self, client: MemoryClient, pump: TlsPump) -> None:
        connected(client, pump)
        pump.send_close()
        pump.data_to_send()
        pump.send_data([b"too late"])
        pump.send_close()
        assert pump.data_to_send() == []

    def test_before_the_handshake_there_is_nothing_to_close(
        self, client: MemoryClient, pump: TlsPump
    ) -> None:
        client.shake_hands()
        pump.receive_data(client.data_to_send())
        pump.data_to_send()
        pump.send_close()
        assert pump.data_to_send() == []

    def test_what_comes_behind_close_notify_is_dropped(self, client: MemoryClient, pump: TlsPump) -> None:
        connected(client, pump)
        client.send_close()
        pump.receive_data(client.data_to_send() + b"\x17\x03\x03\0\x05behind")
        assert pump.receive_data(b"\x17\x03\x03\0\x05behind") == b""
        assert pump.fault is None


class TestClientCertificates:
    @pytest.mark.parametrize("mode", ["optional", "required"])
    def test_a_good_one_is_accepted(
        self, certificates: Certificates, verifying: Callable[[str], ssl.SSLContext], mode: str
    ) -> None:
        pump = TlsPump(verifying(mode))
        connected(MemoryClient(certificates.context(certificates.client_file)), pump)
        assert pump.session.getpeercert(binary_form=True)

    def test_none_is_needed_when_optional(
        self, certificates: Certificates, verifying: Callable[[str], ssl.SSLContext]
    ) -> None:
        pump = TlsPump(verifying("optional"))
        connected(MemoryClient(certificates.context()), pump)
        assert pump.session.getpeercert(binary_form=True) is None

    def test_none_is_refused_when_required(
        self, certificates: Certificates, verifying: Callable[[str], ssl.SSLContext]
    ) -> None:
        client, pump = MemoryClient(certificates.context()), TlsPump(verifying("required"))
        client.shake_hands()
        exchange(client, pump)
        assert pump.fault == "TLS handshake failed: the client shows no certificate"
        assert not pump.handshake_complete
        assert client.fault is not None
        assert "CERTIFICATE_REQUIRED" in client.fault

    @pytest.mark.parametrize("mode", ["optional", "required"])
    def test_one_of_another_authority_is_refused(
        self, certificates: Certificates, verifying: Callable[[str], ssl.SSLContext], mode: str
    ) -> None:
        client = MemoryClient(certificates.context(certificates.stranger_file))
        pump = TlsPump(verifying(mode))
        client.shake_hands()
        exchange(client, pump)
        assert pump.fault is not None
        assert pump.fault.startswith(
            "TLS handshake failed: the client's certificate is refused: unable to get"
        )
        assert client.fault is not None
        assert "UNKNOWN_CA" in client.fault


class Echo(asyncio.Protocol):
    """A server of one pump on a real socket."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self.pump = TlsPump(context)
        self.transport: Any = None

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        plain = self.pump.receive_data(data)
        if plain:
            self.pump.send_data([b"echo: ", plain])
        if self.pump.peer_closed:
            self.pump.send_close()
        self.transport.writelines(self.pump.data_to_send())
        if self.pump.peer_closed or self.pump.fault:
            self.transport.close()


class TestSockets:
    def test_a_client_of_asyncio_is_served_on_both_loops(
        self, run: Run, certificates: Certificates, server: ssl.SSLContext
    ) -> None:
        async def talk() -> tuple[bytes, bytes]:
            loop = asyncio.get_running_loop()
            listening = await loop.create_server(lambda: Echo(server), "127.0.0.1", 0)
            address = listening.sockets[0].getsockname()
            reader, writer = await asyncio.open_connection(
                *address, ssl=certificates.context(), server_hostname="localhost"
            )
            writer.write(b"x" * 100_000)
            echo = b""
            while echo.count(b"x") < 100_000:
                echo += await reader.read(65536)
            writer.write(b"bye")
            last = await reader.readexactly(9)
            writer.close()
            await writer.wait_closed()
            listening.close()
            return echo, last

        echo, last = run(talk())
        assert echo.startswith(b"echo: x")
        assert last == b"echo: bye"

    @pytest.mark.skipif(OPENSSL is None, reason="needs the openssl command")
    def test_the_openssl_command_is_served_and_sees_the_close(
        self, certificates: Certificates, server: ssl.SSLContext
    ) -> None:
        """At a line that says K, s_client updates its keys and asks us to update ours; at Q it closes."""
        conversation = {"hello": "echo: hello", "K": "KEYUPDATE", "again": "echo: again", "Q": "DONE"}
        assert "error" not in talk_with_openssl(certificates, server, "-tls1_3", conversation)

    @pytest.mark.skipif(OPENSSL is None, reason="needs the openssl command")
    def test_renegotiation_is_refused(self, certificates: Certificates, server: ssl.SSLContext) -> None:
        """At a line that says R, s_client asks for it."""
        conversation = {"hello": "echo: hello", "R": "RENEGOTIATING"}
        assert "no renegotiation" in talk_with_openssl(certificates, server, "-tls1_2", conversation)


def talk_with_openssl(
    certificates: Certificates, server: ssl.SSLContext, option: str, conversation: dict[str, str]
) -> str:
    """Say each line to `openssl s_client` and wait for what it prints then; what it prints at the end."""
    command = [OPENSSL or "openssl", "s_client", "-brief", "-CAfile", str(certificates.ca_file), option]

    async def talk() -> str:
        loop = asyncio.get_running_loop()
        listening = await loop.create_server(lambda: Echo(server), "127.0.0.1", 0)
        port = listening.sockets[0].getsockname()[1]
        process = await asyncio.create_subprocess_exec(
            *command,
            "-connect",
            f"127.0.0.1:{port}",
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            for line, answer in conversation.items():
                process.stdin.write(line.encode() + b"\n")
                await process.stdout.readuntil(answer.encode() + b"\n")
            return (await process.stdout.read()).decode()
        finally:
            process.stdin.close()
            await process.wait()
            listening.close()

    return asyncio.run(asyncio.wait_for(talk(), 20))
