"""The opening handshake (RFC 6455 sections 4.2 and 11.3): what the client offers, and what a 101 answers.

The HTTP engine has parsed the request; here it is judged as an offer of a WebSocket. The key, with the fields
that answer it, belongs to HTTP/1.1 alone: it proves that the server understood, and HTTP/2 (RFC 8441) proves
it otherwise.
"""

import binascii
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from penstock.base.asgi import Fields
from penstock.base.errors import LocalProtocolError, RemoteProtocolError
from penstock.base.limits import Limits
from penstock.engine import octets
from penstock.engine.websocket.agreement import Agreement, agree
from penstock.engine.websocket.extensions import Extension, parse_extensions

VERSION = b"13"
VERSION_FIELD = (b"sec-websocket-version", VERSION)
VERSION_OFFERED = ((b"upgrade", b"websocket"), VERSION_FIELD)  # beside a 426

MAX_SUBPROTOCOLS = 100  # each costs a string; nobody offers that many

_KEY_BYTES = 16
_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


@dataclass(frozen=True, slots=True)
class Offer:
    """A handshake that may be accepted. `key` is empty where the handshake needs none."""

    subprotocols: list[str]
    key: bytes
    extensions: list[Extension]


@dataclass(frozen=True, slots=True)
class Acceptance:
    """`fields` go into the 101; `deflate` goes to the connection."""

    fields: Fields
    deflate: Agreement | None


def read_offer(method: str, http_version: str, fields: Fields) -> Offer:
    """`RemoteProtocolError` with 426 (then answer with `VERSION_OFFERED`) for another version, with 400 for
    the rest."""
    if method != "GET" or http_version != "1.1":
        raise RemoteProtocolError("a WebSocket handshake is a GET request of HTTP/1.1", 400)
    _require_element(fields, b"upgrade", b"websocket")
    _require_element(fields, b"connection", b"upgrade")
    _check_version(fields)
    return Offer(
        subprotocols=_read_subprotocols(fields),
        key=_read_key(fields),
        extensions=_read_extensions(fields),
    )


def read_tunnel_offer(fields: Fields) -> Offer:
    """The offer of an extended CONNECT of HTTP/2 (RFC 8441 section 5), which needs neither key nor upgrade.
    `RemoteProtocolError` is always a 400: HTTP/2 has no upgrade that a 426 could ask for.
    """
    try:
        _check_version(fields)
    except RemoteProtocolError as error:
        raise RemoteProtocolError(error.reason, 400) from None
    return Offer(subprotocols=_read_subprotocols(fields), key=b"", extensions=_read_extensions(fields))


def accept(offer: Offer, subprotocol: str | None, limits: Limits) -> Acceptance:
    """The answer to `offer`. `LocalProtocolError` for a subprotocol that the client did not offer."""
    fields: Fields = []
    if offer.key:
        fields += (b"upgrade", b"websocket"), (b"connection", b"upgrade")
        fields.append((b"sec-websocket-accept", _answer_key(offer.key)))
    if subprotocol is not None:
        if subprotocol not in offer.subprotocols:
            raise LocalProtocolError(f"the client did not offer the subprotocol {subprotocol!r}")
        fields.append((b"sec-websocket-protocol", subprotocol.encode("ascii")))
    deflate = agree(offer.extensions, limits)
    if deflate is not None:
        fields.append((b"sec-websocket-extensions", deflate.response))
    return Acceptance(fields, deflate)


def _values(fields: Fields, name: bytes) -> list[bytes]:
    return [value for field, value in fields if field == name]


def _elements(fields: Fields, name: bytes) -> Iterator[bytes]:
    """The elements of a list field. Empty ones count for nothing (RFC 9110 section 5.6.1)."""
    for value in _values(fields, name):
        for element in value.split(b","):
            if stripped := element.strip(b" \t"):
                yield stripped


def _require_element(fields: Fields, name: bytes, wanted: bytes) -> None:
    if all(element.lower() != wanted for element in _elements(fields, name)):
        raise RemoteProtocolError(f"the field {name.decode()} does not say {wanted.decode()}", 400)


def _check_version(fields: Fields) -> None:
    versions = _values(fields, b"sec-websocket-version")
    if len(versions) > 1:
        raise RemoteProtocolError("sec-websocket-version is repeated", 400)
    if versions != [VERSION]:
        raise RemoteProtocolError("only version 13 of WebSocket is spoken here", 426)


def _read_key(fields: Fields) -> bytes:
    keys = _values(fields, b"sec-websocket-key")
    if len(keys) != 1 or not _is_key(keys[0]):
        raise RemoteProtocolError("sec-websocket-key is not one nonce of 16 bytes in base64", 400)
    return keys[0]


def _is_key(key: bytes) -> bool:
    try:
        return len(binascii.a2b_base64(key, strict_mode=True)) == _KEY_BYTES
    except binascii.Error:
        return False


def _answer_key(key: bytes) -> bytes:
    return binascii.b2a_base64(hashlib.sha1(key + _GUID, usedforsecurity=False).digest(), newline=False)


def _read_subprotocols(fields: Fields) -> list[str]:
    """In the order of preference (section 11.3.4)."""
    if not _values(fields, b"sec-websocket-protocol"):
        return []
    names: list[str] = []
    for element in _elements(fields, b"sec-websocket-protocol"):
        if not octets.is_token(element, 0, len(element)) or len(names) == MAX_SUBPROTOCOLS:
            raise RemoteProtocolError("sec-websocket-protocol is malformed", 400)
        names.append(element.decode("ascii"))
    if not names or len(set(names)) < len(names):
        raise RemoteProtocolError("sec-websocket-protocol is empty or names a subprotocol twice", 400)
    return names


def _read_extensions(fields: Fields) -> list[Extension]:
    values = _values(fields, b"sec-websocket-extensions")
    return parse_extensions(b", ".join(values)) if values else []
