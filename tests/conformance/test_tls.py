"""The checklist, items 128 to 134: the TLS extension, judged by what the client's side knows of the
connection.
"""

import ssl
from typing import Any

import pytest
from cryptography import x509
from tests.conformance.client import Conversation, ProbeClient
from tests.support.certificates import Certificates

PEM_BEGIN = "-----BEGIN CERTIFICATE-----"


def tls_of(probe: ProbeClient, context: ssl.SSLContext) -> dict[str, Any]:
    found: dict[str, Any] = ProbeClient(probe.server, context).run("http.scope")["scope"]["extensions"]["tls"]
    return found


def pem_texts(text: str) -> list[str]:
    """The certificates of a PEM file, one by one, without what stands around them."""
    end = "-----END CERTIFICATE-----"
    return [PEM_BEGIN + part.partition(end)[0] + end for part in text.split(PEM_BEGIN)[1:]]


def limited(context: ssl.SSLContext, version: ssl.TLSVersion) -> ssl.SSLContext:
    context.minimum_version = context.maximum_version = version
    return context


def test_asgi_128_the_extension_is_there_on_tls_connections_alone(probe: ProbeClient, tls_probe: ProbeClient):
    for one, expected in [(probe, False), (tls_probe, True)]:
        with Conversation(one, behaviour="websocket.scope") as conversation:
            conversation.open()
            websocket = conversation.call.facts["scope"]["extensions"]
        http = one.run("http.scope")["scope"]["extensions"]
        assert ("tls" in http, "tls" in websocket) == (expected, expected)


def test_asgi_129_the_certificate_of_the_server_is_its_pem(
    tls_probe: ProbeClient, certificates: Certificates
):
    found = tls_of(tls_probe, certificates.context())["server_cert"]
    assert pem_texts(found)[0] == pem_texts(certificates.cert_file.read_text())[0]


def test_asgi_130_the_chain_of_the_client_begins_with_its_certificate(
    tls_probe: ProbeClient, certificates: Certificates
):
    assert list(tls_of(tls_probe, certificates.context())["client_cert_chain"]) == []
    first, *_ = tls_of(tls_probe, certificates.context(certificates.client_file))["client_cert_chain"]
    assert pem_texts(first) == pem_texts(certificates.client_file.read_text())[:1]


def test_asgi_131_the_name_of_the_client_is_its_distinguished_name(
    tls_probe: ProbeClient, certificates: Certificates
):
    assert tls_of(tls_probe, certificates.context())["client_cert_name"] is None
    judge = x509.load_pem_x509_certificates(certificates.client_file.read_bytes())[0]
    name = tls_of(tls_probe, certificates.context(certificates.client_file))["client_cert_name"]
    assert name == judge.subject.rfc4514_string()
    assert r"O=Penstock\, Tests" in name


def test_asgi_132_a_certificate_without_fault_has_no_error(
    tls_probe: ProbeClient, certificates: Certificates
):
    for file in (None, certificates.client_file):
        assert tls_of(tls_probe, certificates.context(file))["client_cert_error"] is None


@pytest.mark.parametrize(
    ("version", "number"), [(ssl.TLSVersion.TLSv1_2, 0x0303), (ssl.TLSVersion.TLSv1_3, 0x0304)]
)
def test_asgi_133_the_version_is_the_number_of_the_protocol(
    tls_probe: ProbeClient, certificates: Certificates, version: ssl.TLSVersion, number: int
):
    assert tls_of(tls_probe, limited(certificates.context(), version))["tls_version"] == number


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_asgi_134_the_cipher_is_the_number_of_the_suite(
    tls_probe: ProbeClient, certificates: Certificates, version: ssl.TLSVersion
):
    context = limited(certificates.context(), version)
    numbers = {cipher["name"]: cipher["id"] & 0xFFFF for cipher in context.get_ciphers()}
    with ProbeClient(tls_probe.server, context).connect() as client:
        agreed = client.socket.cipher()
    assert tls_of(tls_probe, context)["cipher_suite"] == numbers[agreed[0]]
