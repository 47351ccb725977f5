"""The ASGI tls extension of a connection (asgi_128 to asgi_135)."""

import ssl
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import trustme
from tests.support.certificates import Certificates
from tests.support.tls_client import MemoryClient

from penstock.transport.certificates import TlsExtension, read_server_certificate
from penstock.transport.tls import TlsPump
from penstock.transport.tls_context import create_context

Describe = Callable[..., dict[str, Any]]
whole_chain = pytest.mark.skipif(sys.version_info < (3, 13), reason="Python tells the leaf only")


@pytest.fixture
def server(certificates: Certificates) -> ssl.SSLContext:
    return create_context(
        str(certificates.cert_file),
        str(certificates.key_file),
        ca_certs=str(certificates.ca_file),
        verify_client="optional",
    )


@pytest.fixture
def describe(certificates: Certificates, server: ssl.SSLContext) -> Describe:
    """The extension of one connection between the server and a client of the given context."""
    extension = TlsExtension(server, read_server_certificate(str(certificates.cert_file)))

    def of(context: ssl.SSLContext, session: ssl.SSLSession | None = None) -> dict[str, Any]:
        client, pump = MemoryClient(context, session), TlsPump(server)
        client.shake_hands()
        while sent := client.data_to_send():
            pump.receive_data(sent)
            client.receive_data(b"".join(pump.data_to_send()))
        of.client = client  # type: ignore[attr-defined]
        assert pump.handshake_complete, (pump.fault, client.fault)
        return extension.describe(pump.session)

    return of


def der(pem: str) -> bytes:
    return ssl.PEM_cert_to_DER_cert(pem)


def certificates_in(path: Path) -> list[str]:
    texts = path.read_text().split("-----BEGIN CERTIFICATE-----")[1:]
    return [ssl.DER_cert_to_PEM_cert(der("-----BEGIN CERTIFICATE-----" + each)) for each in texts]


def test_asgi_129_the_servers_own_certificate_is_told(describe: Describe, certificates: Certificates) -> None:
    assert describe(certificates.context())["server_cert"] == certificates_in(certificates.cert_file)[0]


def test_asgi_130_without_a_client_certificate_the_chain_is_empty(
    describe: Describe, certificates: Certificates
) -> None:
    facts = describe(certificates.context())
    assert facts["client_cert_chain"] == []
    assert facts["client_cert_name"] is None
    assert facts["client_cert_error"] is None


def test_asgi_130_the_clients_certificate_is_the_first(
    describe: Describe, certificates: Certificates
) -> None:
    chain = describe(certificates.context(certificates.client_file))["client_cert_chain"]
    assert chain[0] == certificates_in(certificates.client_file)[0]


@whole_chain
def test_asgi_130_the_authorities_between_follow(certificates: Certificates, tmp_path: Path) -> None:
    root = trustme.CA()
    client_file, ca_file = tmp_path / "client.pem", tmp_path / "ca.pem"
    issued = root.create_child_ca().create_child_ca().issue_cert("client@example.org")
    issued.private_key_and_cert_chain_pem.write_to_path(str(client_file))
    root.cert_pem.write_to_path(str(ca_file))
    server = create_context(
        str(certificates.cert_file), str(certificates.key_file), None, str(ca_file), "required"
    )
    client, pump = MemoryClient(certificates.context(client_file)), TlsPump(server)
    client.shake_hands()
    while sent := client.data_to_send():
        pump.receive_data(sent)
        client.receive_data(b"".join(pump.data_to_send()))
    chain = TlsExtension(server, None).describe(pump.session)["client_cert_chain"]
    assert chain == certificates_in(client_file)
    assert len(chain) == 3


def test_asgi_131_the_clients_name_is_that_of_rfc_4514(
    describe: Describe, certificates: Certificates
) -> None:
    name = describe(certificates.context(certificates.client_file))["client_cert_name"]
    assert name.startswith("CN=A Client,")
    assert name.endswith("O=Penstock\\, Tests")


def test_asgi_131_the_name_is_known_when_the_session_is_resumed(
    describe: Describe, certificates: Certificates
) -> None:
    context = certificates.context(certificates.client_file)
    first = describe(context)
    again = describe(context, describe.client.session.session)  # type: ignore[attr-defined]
    assert describe.client.session.session_reused  # type: ignore[attr-defined]
    assert again["client_cert_name"] == first["client_cert_name"]
    assert again["client_cert_chain"][0] == first["client_cert_chain"][0]


def test_asgi_132_a_client_that_got_in_has_no_error(describe: Describe, certificates: Certificates) -> None:
    assert describe(certificates.context(certificates.client_file))["client_cert_error"] is None


@pytest.mark.parametrize(
    ("version", "ciphers", "number", "suite"),
    [
        (ssl.TLSVersion.TLSv1_3, None, 0x0304, 0x1302),
        (ssl.TLSVersion.TLSv1_2, "ECDHE-ECDSA-AES128-GCM-SHA256", 0x0303, 0xC02B),
        (ssl.TLSVersion.TLSv1_2, "ECDHE-ECDSA-CHACHA20-POLY1305", 0x0303, 0xCCA9),
    ],
)
def test_asgi_133_134_135_version_and_cipher_are_the_numbers_on_the_wire(
    describe: Describe,
    certificates: Certificates,
    version: ssl.TLSVersion,
    ciphers: str | None,
    number: int,
    suite: int,
) -> None:
    context = certificates.context()
    context.minimum_version = context.maximum_version = version
    if ciphers is not None:
        context.set_ciphers(ciphers)
    facts = describe(context)
    assert (facts["tls_version"], facts["cipher_suite"]) == (number, suite)


def test_the_extension_has_all_its_keys_and_no_others(describe: Describe, certificates: Certificates) -> None:
    assert describe(certificates.context()).keys() == {
        "server_cert",
        "client_cert_chain",
        "client_cert_name",
        "client_cert_error",
        "tls_version",
        "cipher_suite",
    }


def test_the_first_certificate_of_a_file_is_the_servers(certificates: Certificates, tmp_path: Path) -> None:
    both = tmp_path / "both.pem"
    both.write_bytes(
        b"A comment, caf\xe9\n" + certificates.key_file.read_bytes() + certificates.cert_file.read_bytes()
    )
    assert read_server_certificate(str(both)) == certificates_in(certificates.cert_file)[0]


def test_a_file_without_a_certificate_has_none(certificates: Certificates) -> None:
    assert read_server_certificate(str(certificates.key_file)) is None
