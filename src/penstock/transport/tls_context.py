"""The server's `ssl.SSLContext`, made of the settings, or the name of the setting that is wrong.

TLS 1.2 is the lowest version (RFC 8996), the server's order of ciphers counts, compression
(CVE-2012-4929) and renegotiation (CVE-2009-3555, CVE-2011-1473) are off, session tickets stay on. What
OpenSSL says of a bad file names neither the file nor the remedy, so each file is judged by itself here.
Nothing is asked on the terminal.
"""

import ssl
from collections.abc import Sequence
from typing import Literal, NoReturn

from penstock.base.errors import SettingsError

VERIFY_MODES = {"none": ssl.CERT_NONE, "optional": ssl.CERT_OPTIONAL, "required": ssl.CERT_REQUIRED}
TOO_WEAK = ("EE_KEY_TOO_SMALL", "CA_KEY_TOO_SMALL", "CA_MD_TOO_WEAK")  # OpenSSL's security level
OPTIONS = ssl.OP_CIPHER_SERVER_PREFERENCE | ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION


def create_context(
    certfile: str,
    keyfile: str | None = None,
    password: str | None = None,
    ca_certs: str | None = None,
    verify_client: Literal["none", "optional", "required"] = "none",
    ciphers: str | None = None,
    alpn: Sequence[str] = (),
) -> ssl.SSLContext:
    """A context for server connections. SettingsError names the setting that cannot be used, and why.

    `keyfile` None means that the key is in `certfile`, too. `ciphers` is OpenSSL's list for TLS 1.2.
    `alpn` are the protocols on offer, the favourite first.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= OPTIONS
    _load_certificate(context, certfile, keyfile, password)
    _verify_clients(context, ca_certs, verify_client)
    if ciphers is not None:
        _choose_ciphers(context, ciphers)
    context.set_alpn_protocols(list(alpn))
    return context


def _load_certificate(
    context: ssl.SSLContext, certfile: str, keyfile: str | None, password: str | None
) -> None:
    _check_certificates("certfile", certfile)
    key_setting, key_path = ("certfile", certfile) if keyfile is None else ("keyfile", keyfile)
    if "PRIVATE KEY-----" not in _read(key_setting, key_path):
        raise SettingsError(key_setting, f"{key_path!r} holds no private key; expected one in PEM")
    asked = False

    def password_of_key() -> str:
        """OpenSSL asks here for an encrypted key. Without this function it would ask on the terminal."""
        nonlocal asked
        asked = True
        return password or ""

    try:
        context.load_cert_chain(certfile, keyfile, password_of_key)
    except (ssl.SSLError, ValueError) as error:  # ValueError: a password that is too long for OpenSSL
        if getattr(error, "reason", None) in TOO_WEAK:
            raise SettingsError(
                "certfile", f"the certificate in {certfile!r} is too weak: {error}"
            ) from error
        _explain_key(error, asked, password, key_setting, key_path)


def _explain_key(
    error: Exception, asked: bool, password: str | None, key_setting: str, key_path: str
) -> NoReturn:
    if asked and not password:
        raise SettingsError(
            "keyfile_password", f"the private key in {key_path!r} needs a password"
        ) from error
    if getattr(error, "reason", None) == "KEY_VALUES_MISMATCH":
        raise SettingsError(key_setting, f"the key in {key_path!r} is not that of the certificate") from error
    if asked:
        raise SettingsError("keyfile_password", f"does not open the private key in {key_path!r}") from error
    raise SettingsError(key_setting, f"the key in {key_path!r} cannot be used: {error}") from error


def _verify_clients(context: ssl.SSLContext, ca_certs: str | None, verify_client: str) -> None:
    """Fail closed: half of what verifying needs is an error, not a server that verifies nobody."""
    if verify_client not in VERIFY_MODES:
        expected = ", ".join(VERIFY_MODES)
        raise SettingsError("verify_client", f"got {verify_client!r}; expected one of {expected}")
    if verify_client == "none":
        if ca_certs is not None:
            raise SettingsError(
                "ca_certs", "has no effect while verify_client is none; choose optional or required"
            )
        return
    if ca_certs is None:
        raise SettingsError(
            "verify_client", f"{verify_client!r} needs the authorities to trust; give ca_certs, a PEM file"
        )
    _check_certificates("ca_certs", ca_certs)
    context.load_verify_locations(ca_certs)
    context.verify_mode = VERIFY_MODES[verify_client]


def _choose_ciphers(context: ssl.SSLContext, ciphers: str) -> None:
    try:
        context.set_ciphers(ciphers)
    except ssl.SSLError as error:
        raise SettingsError("ciphers", f"OpenSSL knows none of {ciphers!r}") from error


def _check_certificates(setting: str, path: str) -> None:
    if "CERTIFICATE-----" not in _read(setting, path):
        raise SettingsError(setting, f"{path!r} holds no certificate; expected one in PEM")
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
    except ssl.SSLError as error:
        raise SettingsError(setting, f"a certificate in {path!r} cannot be read: {error}") from error


def _read(setting: str, path: str) -> str:
    try:
        with open(path, encoding="latin-1") as file:
            return file.read()
    except OSError as error:
        raise SettingsError(setting, f"{path!r} cannot be read: {error.strerror}") from error
