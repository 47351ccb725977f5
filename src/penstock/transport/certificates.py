"""The facts of a TLS connection that applications see: the ASGI `tls` extension, version 0.2.

The chain is what the client sent, leaf first. Python 3.13 tells all of it; before that only the leaf has
a public way out of the ssl module, and the specification allows for servers that know no more. A
certificate that does not verify ends the handshake, so there is never a `client_cert_error` to tell.
"""

import re
import ssl
import sys
from typing import Any

from penstock.transport.distinguished_name import subject_name

VERSIONS = {"TLSv1.2": 0x0303, "TLSv1.3": 0x0304}
_CERTIFICATE = re.compile("-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)


class TlsExtension:
    """What all connections of a server share; `describe` adds what one connection has of its own."""

    def __init__(self, context: ssl.SSLContext, server_certificate: str | None) -> None:
        self._server_certificate = server_certificate
        self._suites = {each["name"]: each["id"] & 0xFFFF for each in context.get_ciphers()}

    def describe(self, session: ssl.SSLObject) -> dict[str, Any]:
        """The extension of one connection, after its handshake. Each call makes a new dictionary."""
        chain = client_chain(session)
        cipher = session.cipher()
        return {
            "server_cert": self._server_certificate,
            "client_cert_chain": [ssl.DER_cert_to_PEM_cert(each) for each in chain],
            "client_cert_name": subject_name(chain[0]) if chain else None,
            "client_cert_error": None,
            "tls_version": VERSIONS.get(session.version() or ""),
            "cipher_suite": self._suites.get(cipher[0]) if cipher else None,
        }


def client_chain(session: ssl.SSLObject) -> list[bytes]:
    """The certificates that the client sent, in DER, leaf first; empty when it sent none.

    The leaf is asked for first: Python 3.13 raises AttributeError for the chain of a client that sent
    none, and has an empty chain for a resumed session, whose ticket carries the leaf alone.
    """
    leaf = session.getpeercert(binary_form=True)
    if leaf is None:
        return []
    if sys.version_info >= (3, 13):
        return session.get_unverified_chain() or [leaf]
    return [leaf]


def read_server_certificate(certfile: str) -> str | None:
    """The PEM text of the server's own certificate: the first of the file, as OpenSSL takes it."""
    with open(certfile, encoding="latin-1") as file:
        found = _CERTIFICATE.search(file.read())
    return None if found is None else ssl.DER_cert_to_PEM_cert(ssl.PEM_cert_to_DER_cert(found[0]))
