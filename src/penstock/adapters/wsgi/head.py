"""The head of a response, from what `start_response` is given (PEP 3333) to what ASGI wants.

Everything is checked here, at the call, where the application can still do something about it. A wrong
type is a TypeError, a wrong value a ValueError, and both say what was expected and what came.
"""

import re
from functools import lru_cache

from penstock.adapters.shown import shown
from penstock.base.asgi import Fields

UNKNOWN = -1
TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")  # RFC 9110 section 5.1
CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
STATUS = re.compile(r"[1-9][0-9][0-9](?: .*)?", re.DOTALL)
MOST_DIGITS = 18  # of a length; no file is longer
NO_CONTENT = 204
WITHOUT_BODY = frozenset((NO_CONTENT, 304))

# Applications send the same fields again and again: the last ones are kept, if they are short.
KNOWN = 512
LONGEST_KNOWN = 128
KNOWN_FIELDS: dict[tuple[str, str], tuple[bytes, bytes]] = {}  # half the time that lru_cache takes

# The connection is the server's affair. PEP 3333 forbids these; applications send them all the same.
HOP_BY_HOP = frozenset(
    b"connection keep-alive proxy-authenticate proxy-connection te trailer transfer-encoding upgrade".split()
)
COMMON = (
    "Accept-Ranges Access-Control-Allow-Origin Allow Cache-Control Content-Disposition Content-Encoding "
    "Content-Language Content-Length Content-Location Content-Range Content-Security-Policy Content-Type "
    "Cross-Origin-Opener-Policy Date ETag Expires Last-Modified Link Location Referrer-Policy Retry-After "
    "Server Set-Cookie Strict-Transport-Security Vary WWW-Authenticate X-Content-Type-Options X-Frame-Options"
)
NAMES = {name: name.lower().encode() for name in (*COMMON.split(), *COMMON.lower().split())}


class Head:
    """`length` is what `content-length` promises, UNKNOWN without it and where there is no body. That of an
    answer to HEAD is the server's affair; a status `is_without_body` whatever the method.
    """

    __slots__ = ("fields", "has_length", "is_without_body", "length", "may_have_body", "status")

    def __init__(self, status: str, headers: list[tuple[str, str]], method: str) -> None:
        if not isinstance(status, str):
            raise TypeError(f"the status is {shown(status)}; expected a str such as '200 OK'")
        self.status = _status_number(status)
        self.is_without_body = self.status in WITHOUT_BODY
        self.may_have_body = method != "HEAD" and not self.is_without_body
        self.length = UNKNOWN
        self.has_length = False
        self.fields: Fields = []
        if not isinstance(headers, list):
            raise TypeError(f"the headers are {shown(headers)}; expected a list of pairs of str")
        for pair in headers:
            self._add(pair)

    def complete_length(self, length: int) -> None:
        """Tell the length of a body that is known, if the application has not told it."""
        if not self.has_length and self.may_have_body:
            self.fields.append((b"content-length", b"%d" % length))

    def _add(self, pair: tuple[str, str]) -> None:
        field = _field(pair)
        name = field[0]
        if name == b"content-length":
            self._promise(str.__str__(pair[1]))
            if self.status == NO_CONTENT:  # RFC 9110 section 8.6
                return
        if name not in HOP_BY_HOP:
            self.fields.append(field)

    def _promise(self, value: str) -> None:
        if self.has_length or not (value.isascii() and value.isdigit() and len(value) <= MOST_DIGITS):
            came = "a second one" if self.has_length else shown(value)
            raise ValueError(f"the header Content-Length is {came}; expected one whole number of bytes")
        self.has_length = True
        if self.may_have_body:
            self.length = int(value)


@lru_cache(KNOWN)
def _status_number(status: str) -> int:
    if not STATUS.fullmatch(status) or status < "2" or CONTROL.search(status):
        raise ValueError(f"the status is {shown(status)}; expected a number from 200 on, as in '200 OK'")
    return int(status[:3])


def _check_pair(pair: tuple[str, str]) -> None:
    if not isinstance(pair, tuple) or len(pair) != 2:
        raise TypeError(f"a header is {shown(pair)}; expected a pair of str, name and value")
    if not isinstance(pair[0], str):
        raise TypeError(f"the name of a header is {shown(pair[0])}; expected a str")
    if not isinstance(pair[1], str):
        raise TypeError(f"the header {pair[0]} is {shown(pair[1])}; expected a str")


def _field(pair: tuple[str, str]) -> tuple[bytes, bytes]:
    """A pair that is known was checked when it became so."""
    try:
        known = KNOWN_FIELDS.get(pair)
    except TypeError:  # a list is in it, or is it: the check has the words
        known = None
    if known is not None and type(pair) is tuple:
        return known
    _check_pair(pair)
    # Of a subclass of str, such as those that template engines make, compiled code takes only the text.
    field = _new_field(str.__str__(pair[0]), str.__str__(pair[1]))
    if len(pair[1]) < LONGEST_KNOWN:
        if len(KNOWN_FIELDS) >= KNOWN:
            KNOWN_FIELDS.clear()
        KNOWN_FIELDS[pair] = field
    return field


def _new_field(name: str, value: str) -> tuple[bytes, bytes]:
    lower = NAMES.get(name) or _lower_name(name)
    if not (value.isascii() and value.isprintable()):
        _check_text(name, value)
    return lower, value.encode("latin-1")


def _lower_name(name: str) -> bytes:
    if not TOKEN.fullmatch(name):
        raise ValueError(f"the name of a header is {shown(name)}; expected letters, digits and hyphens")
    return name.lower().encode()


def _check_text(name: str, value: str) -> None:
    if CONTROL.search(value):
        raise ValueError(f"the header {name} is {shown(value)}; expected text without control characters")
    try:
        value.encode("latin-1")
    except UnicodeEncodeError:
        raise ValueError(
            f"the header {name} is {shown(value)}; expected characters of latin-1 only (PEP 3333): encode "
            "others, for example as UTF-8 decoded from latin-1"
        ) from None
