"""The head of a response in WSGI's terms, and what its application has to keep to after it.

Everything is checked when the application sends it, so that a mistake is raised where it was made and the
client gets a 500 instead of half a response. Control characters are how one response is made into two.
"""

import re
from functools import lru_cache
from http import HTTPStatus
from typing import Any

from penstock.adapters.shown import shown
from penstock.base.asgi import Message
from penstock.base.errors import LocalProtocolError

TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")  # RFC 9110 section 5.6.2
CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")  # all but the tab (RFC 9110 section 5.5)
STATUS_LINES = {status.value: f"{status.value} {status.phrase}" for status in HTTPStatus}
BODILESS = frozenset((204, 304))

# Applications send the same fields again and again: the last ones are kept, if they are short.
KNOWN = 512
LONGEST_KNOWN = 128

# What only concerns the connection, which is the WSGI server's: PEP 3333 forbids it to applications.
HOP_BY_HOP = frozenset(
    (
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "trailers",
        "transfer-encoding",
        "upgrade",
    )
)


class ResponseHead:
    """`status` and `fields` are for `start_response`. `has_body` tells whether the client gets a body,
    `length` how long it has to be, None when the application did not say it.
    """

    __slots__ = ("fields", "has_body", "length", "status")

    def __init__(self, message: Message, method: str) -> None:
        code = message.get("status")
        if type(code) is not int or not 200 <= code <= 999:
            code = _status(code)
        check_flag(message, "trailers", message.get("trailers"))
        self.status = STATUS_LINES.get(code) or f"{code} Unknown"
        self.has_body = method != "HEAD" and code not in BODILESS
        self.length: int | None = None
        self.fields: list[tuple[str, str]] = []
        for pair in _pairs(message):
            key, field = _checked(pair)
            if key == "content-length":
                self._take_length(field[1])
            if key not in HOP_BY_HOP:
                self.fields.append(field)

    def _take_length(self, value: str) -> None:
        if not (value.isdecimal() and value.isascii() and len(value) <= 18):
            raise LocalProtocolError(f"the content-length is {value!r}; expected a number")
        if self.length is not None:
            raise LocalProtocolError(f"the content-length is {self.length} and {value}; expected one of them")
        self.length = int(value)


def bytes_of(body: Any) -> bytes:
    if isinstance(body, (bytes, bytearray, memoryview)):
        return bytes(body)
    raise LocalProtocolError(f"http.response.body: body is {_kind(body)}; expected bytes")


def check_flag(message: Message, key: str, value: Any) -> None:
    """None is what is left out. The text "no" would be true."""
    if value is not None and type(value) is not bool:
        raise LocalProtocolError(f"{message['type']}: {key} is {shown(value)}; expected True or False")


def _status(status: Any) -> int:
    if not isinstance(status, int) or isinstance(status, bool) or not 200 <= status <= 999:
        raise LocalProtocolError(
            f"http.response.start: status is {status!r}; expected a number from 200 to 999"
        )
    return status


def _pairs(message: Message) -> Any:
    pairs = message.get("headers", ())
    if type(pairs) is list:
        return pairs
    if isinstance(pairs, (str, bytes, dict)) or not hasattr(pairs, "__iter__"):
        raise LocalProtocolError(f"http.response.start: headers is {_kind(pairs)}; expected pairs of bytes")
    return pairs


def _checked(pair: Any) -> tuple[str, tuple[str, str]]:
    """The name in small letters, and name and value as WSGI has them."""
    try:
        raw_name, raw_value = pair
    except (TypeError, ValueError):
        raise LocalProtocolError(
            f"http.response.start: {pair!r} in headers; expected a pair of bytes"
        ) from None
    if not isinstance(raw_name, bytes) or not isinstance(raw_value, bytes):
        raise LocalProtocolError(
            f"http.response.start: the header {raw_name!r} is {raw_value!r}; expected both to be bytes"
        )
    return (_known_field if len(raw_value) < LONGEST_KNOWN else _field)(raw_name, raw_value)


def _field(raw_name: bytes, raw_value: bytes) -> tuple[str, tuple[str, str]]:
    name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1").strip(" \t")
    if TOKEN.fullmatch(name) is None:
        raise LocalProtocolError(
            f"http.response.start: {raw_name!r} is no name of a header; expected a token"
        )
    if CONTROL.search(value) is not None:
        raise LocalProtocolError(
            f"http.response.start: {raw_name!r} has a control character in {raw_value!r}"
        )
    return name.lower(), (name, value)


_known_field = lru_cache(KNOWN)(_field)


def _kind(thing: object) -> str:
    return "None" if thing is None else f"of type {type(thing).__name__}"
