"""From a request of HTTP/1.1 to HTTP/2 on the same connection (RFC 7540 section 3.2, which RFC 9113 lets be).

A server may ignore the wish, and what is not a clean one is ignored: on TLS, with a body, without settings. A
request whose settings are malformed is refused.
"""

import binascii

from penstock.base.asgi import Fields
from penstock.base.errors import RemoteProtocolError
from penstock.bridge.facts import ConnectionFacts
from penstock.bridge.service import Service
from penstock.engine.fields import has_member
from penstock.engine.request import RequestHead

SWITCH_FIELDS = ((b"upgrade", b"h2c"),)
_SETTINGS = b"http2-settings"
_TO_STANDARD_ALPHABET = bytes.maketrans(b"-_", b"+/")


def wants_http2(head: RequestHead, facts: ConnectionFacts, service: Service) -> bool:
    """Whether the request is to be answered over HTTP/2."""
    if service.http != "auto" or facts.scheme != "http" or head.body_follows:
        return False
    if not has_member(head.upgrade, b"h2c") or len(_values(head.fields, _SETTINGS)) != 1:
        return False
    return any(has_member(value, _SETTINGS) for value in _values(head.fields, b"connection"))


def read_settings(fields: Fields) -> bytes:
    """The payload of the SETTINGS frame that `HTTP2-Settings` is in base64url without padding."""
    text = _values(fields, _SETTINGS)[0].translate(_TO_STANDARD_ALPHABET)
    try:
        return binascii.a2b_base64(text + b"=" * (-len(text) % 4), strict_mode=True)
    except binascii.Error:
        raise RemoteProtocolError("http2-settings is no base64url", 400) from None


def _values(fields: Fields, name: bytes) -> list[bytes]:
    return [value for each, value in fields if each == name]
