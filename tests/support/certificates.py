"""Certificates for tests, made by trustme: an authority, a server for localhost, two clients.

The authority of `stranger` is one that the server does not trust.
"""

import ssl
from dataclasses import dataclass
from pathlib import Path

import trustme


@dataclass(frozen=True)
class Certificates:
    """Files in PEM; `client_file` and `stranger_file` hold the private key and the chain."""

    ca_file: Path
    cert_file: Path
    key_file: Path
    client_file: Path
    stranger_file: Path

    def context(self, client_file: Path | None = None) -> ssl.SSLContext:
        """What a client needs that trusts the authority, and shows the certificate of `client_file`."""
        context = ssl.create_default_context(cafile=str(self.ca_file))
        if client_file is not None:
            context.load_cert_chain(client_file)
        return context


def make_certificates(folder: Path) -> Certificates:
    authority, strange_authority = trustme.CA(), trustme.CA()
    made = Certificates(*(folder / f"{name}.pem" for name in ("ca", "cert", "key", "client", "stranger")))
    authority.cert_pem.write_to_path(made.ca_file)
    server = authority.issue_cert("localhost", "127.0.0.1", "::1")
    server.private_key_pem.write_to_path(made.key_file)
    for blob in server.cert_chain_pems:
        blob.write_to_path(made.cert_file, append=True)
    client = authority.issue_cert(
        "client@example.org", common_name="A Client", organization_name="Penstock, Tests"
    )
    client.private_key_and_cert_chain_pem.write_to_path(made.client_file)
    stranger = strange_authority.issue_cert("stranger@example.org", common_name="A Stranger")
    stranger.private_key_and_cert_chain_pem.write_to_path(made.stranger_file)
    return made
