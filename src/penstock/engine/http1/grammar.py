"""The pieces of a line of a request's head: the version and a field line (RFC 9112 sections 2.3 and 5).

Each function takes a whole piece as octets and returns its value, or raises `RemoteProtocolError` with the
status that answers it.
"""

import re
from typing import Final

from penstock.base.errors import RemoteProtocolError
from penstock.engine import octets

_SPACE = 32
_TAB = 9
_COLON = 58

_VERSION: Final = re.compile(rb"HTTP/[0-9]\.[0-9]")


def is_http11(data: bytes, start: int, end: int) -> bool:
    """True for HTTP/1.1, False for HTTP/1.0; nothing else is spoken here (RFC 9112 section 2.3)."""
    if octets.is_same(data, start, end, b"HTTP/1.1"):
        return True
    if octets.is_same(data, start, end, b"HTTP/1.0"):
        return False
    if _VERSION.fullmatch(data, start, end):
        raise RemoteProtocolError("this server speaks HTTP/1.0 and HTTP/1.1", 505)
    raise RemoteProtocolError("the request line does not end in an HTTP version", 400)


def parse_field(line: bytes, start: int, end: int) -> tuple[bytes, bytes]:
    """Name, in lower case, and value of a field line without control characters (RFC 9112 section 5)."""
    colon = octets.token_end(line, start, end)
    if colon in (start, end) or line[colon] != _COLON:
        raise _bad_name(line, start, colon, end)
    first = colon + 1
    while first < end and (line[first] == _SPACE or line[first] == _TAB):
        first += 1
    while end > first and (line[end - 1] == _SPACE or line[end - 1] == _TAB):
        end -= 1
    return octets.lower(line, start, colon), octets.cut(line, first, end)


def _bad_name(line: bytes, start: int, stop: int, end: int) -> RemoteProtocolError:
    if stop == start and (line[start] == _SPACE or line[start] == _TAB):
        return RemoteProtocolError("a field is folded over two lines (RFC 9112 section 5.2)", 400)
    if stop < end and (line[stop] == _SPACE or line[stop] == _TAB):
        return RemoteProtocolError("white space between a field name and its colon", 400)
    return RemoteProtocolError("a field line does not begin with a token and a colon", 400)
