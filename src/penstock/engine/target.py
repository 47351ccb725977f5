"""What a request is for: its target and its host (RFC 9110 section 7, RFC 9112 section 3, RFC 3986).

Each function takes a whole piece as octets and returns its value, or raises `RemoteProtocolError` with the
status that answers it. The rule for what is let through: never more than one reading. What browsers send
unescaped in a target (`|`, `{`, `^`) has only one, and is allowed.
"""

import re
from ipaddress import AddressValueError, IPv6Address
from typing import Final

from penstock.base.errors import RemoteProtocolError
from penstock.engine import octets

_SLASH = 47
_QUESTION = 63
_PERCENT = 37
_ASTERISK = 42

_ABSOLUTE: Final = re.compile(rb"([A-Za-z][A-Za-z0-9+\-.]*)://([^/?]*)(.*)")
_REG_NAME: Final = rb"(?:[A-Za-z0-9\-._~!$&'()*+,;=]|%[0-9A-Fa-f]{2})*"
_HOST: Final = re.compile(
    rb"(?:("
    + _REG_NAME
    + rb")|\[(?:([0-9A-Fa-f:.]+)|[vV][0-9A-Fa-f]+\.[A-Za-z0-9\-._~!$&'()*+,;=:]+)\])(?::([0-9]*))?"
)
_DIGITS: Final = b"0123456789abcdefABCDEF"
_ESCAPES: Final = {
    bytes((high, low)): bytes((int(bytes((high, low)), 16),)) for high in _DIGITS for low in _DIGITS
}


class Target:
    """What a request is for: a path, raw and decoded, a query, and the authority of an absolute form."""

    __slots__ = ("authority", "path", "query_string", "raw_path")

    def __init__(self) -> None:
        self.raw_path = self.query_string = self.authority = b""
        self.path = ""


def parse_target(data: bytes, start: int, end: int, is_options: bool) -> Target:
    """The target of any method but CONNECT, in origin, absolute or asterisk form (RFC 9112 section 3.2)."""
    target = Target.__new__(Target)
    target.query_string = target.authority = b""
    if data[start] == _SLASH:
        _split_path(target, data, start, end)
    elif data[start] != _ASTERISK or end - start > 1:
        _parse_absolute(target, octets.cut(data, start, end), is_options)
    elif is_options:
        _be_asterisk(target)
    else:
        raise RemoteProtocolError("the target * is for OPTIONS only", 400)
    return target


def _split_path(target: Target, data: bytes, start: int, end: int) -> None:
    question = octets.find_byte(data, _QUESTION, start, end)
    if question >= 0:
        target.query_string = octets.cut(data, question + 1, end)
        end = question
    target.raw_path = octets.cut(data, start, end)
    target.path = decode_path(target.raw_path)


def _parse_absolute(target: Target, uri: bytes, is_options: bool) -> None:
    found = _ABSOLUTE.fullmatch(uri)
    if found is None:
        raise RemoteProtocolError("the request target has none of the forms of RFC 9112 section 3.2", 400)
    scheme, authority, rest = found.groups()
    if scheme.lower() not in (b"http", b"https"):
        raise RemoteProtocolError("the request target has another scheme than http and https", 400)
    check_host(authority)
    target.authority = authority
    if (
        rest or not is_options
    ):  # OPTIONS without a path is about the server as a whole (RFC 9112 section 3.2.4)
        rest = rest if rest.startswith(b"/") else b"/" + rest
        _split_path(target, rest, 0, len(rest))
    else:
        _be_asterisk(target)


def _be_asterisk(target: Target) -> None:
    target.raw_path = b"*"
    target.path = "*"


def decode_path(raw: bytes) -> str:
    """The path with its percent escapes decoded once, as UTF-8 (ASGI HTTP, `path`)."""
    if octets.find_byte(raw, _PERCENT, 0, len(raw)) < 0:
        return raw.decode("ascii")
    pieces = raw.split(b"%")
    decoded = [pieces[0]]
    for piece in pieces[1:]:
        octet = _ESCAPES.get(piece[:2])
        if octet is None:
            raise RemoteProtocolError("a percent escape in the path is not two hexadecimal digits", 400)
        decoded.append(octet)
        decoded.append(piece[2:])
    path = b"".join(decoded)
    if b"\0" in path:
        raise RemoteProtocolError("the path holds a NUL", 400)
    try:
        return path.decode()
    except UnicodeDecodeError:
        raise RemoteProtocolError("the decoded path is not UTF-8", 400) from None


def check_host(host: bytes) -> None:
    """A `Host`, or an authority without user information (RFC 9110 section 7.2, RFC 3986 section 3.2)."""
    found = _HOST.fullmatch(host)
    if found is None:
        raise RemoteProtocolError("the host is malformed", 400)
    name, address, port = found.groups()
    if name == b"":
        raise RemoteProtocolError("the host is empty", 400)
    if address is not None:
        try:
            IPv6Address(address.decode())
        except AddressValueError:
            raise RemoteProtocolError("the host is no IPv6 address", 400) from None
    if port and (len(port) > 5 or int(port) > 65535):
        raise RemoteProtocolError("the port of the host is above 65535", 400)
