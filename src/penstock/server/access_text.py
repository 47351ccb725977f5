"""How the values of a request are written in a log: escaped, and rendered once.

What a client or an application can choose is escaped: control characters, quotes, backslashes and everything
but ASCII come out as \\xNN for each byte, so that no request can forge a line or end a quoted text. A word
has no spaces either, since it may stand between spaces. Clients repeat themselves, so what was rendered is
kept for a while.
"""

import base64
import binascii
import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

Fields = Iterable[tuple[bytes, bytes]]

MISSING = "-"
UNSAFE_IN_TEXT = re.compile(r'[^ -~]|["\\]')
UNSAFE_IN_WORD = re.compile(r'[^!-~]|["\\]')
SAFE_OCTETS = bytes(octet for octet in range(0x21, 0x7F) if octet not in b'"\\')
HUNDREDTHS = tuple(f"{number / 100:.2f}" for number in range(1000))
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

KNOWN_TEXTS = 1024  # clients choose what is kept, so it is bounded in number
KNOWN_LENGTH = 256  # and in size


class Known(dict[Any, str]):
    """`known[value]` is the value's text, rendered when it is not at hand."""

    def __init__(self, render: Callable[[Any], str]) -> None:
        super().__init__()
        self._render = render

    def __missing__(self, value: Any) -> str:
        text = self._render(value)
        if len(text) <= KNOWN_LENGTH:
            if len(self) >= KNOWN_TEXTS:
                self.clear()
            self[value] = text
        return text


class Clock:
    """The time of day as lines show it, rendered when it is set and not for each line."""

    __slots__ = ("common", "iso")

    def __init__(self, unix_seconds: float) -> None:
        self.set(unix_seconds)

    def set(self, unix_seconds: float) -> None:
        moment = datetime.fromtimestamp(unix_seconds, UTC)
        local = moment.astimezone()
        self.iso = f"{moment:%Y-%m-%dT%H:%M:%SZ}"
        # The names of months in strftime change with the locale; log readers expect English.
        self.common = f"[{local:%d}/{MONTHS[local.month - 1]}/{local:%Y:%H:%M:%S %z}]"


def word(value: str) -> str:
    return UNSAFE_IN_WORD.sub(_escape, value)


def octets(value: bytes) -> str:
    """A path or a query as it came."""
    if value.translate(None, SAFE_OCTETS):  # a third of what it costs to search for the unsafe ones
        return UNSAFE_IN_WORD.sub(_escape, value.decode("latin-1"))
    return value.decode("ascii")


def text(value: bytes | str | None) -> str:
    """A field's value, which may have spaces."""
    if value is None:
        return MISSING
    return UNSAFE_IN_TEXT.sub(_escape, value if isinstance(value, str) else value.decode("latin-1"))


def _escape(found: re.Match[str]) -> str:
    character = found[0]
    if character <= "\xff":  # a byte, decoded as Latin-1, or ASCII
        return f"\\x{ord(character):02x}"
    return "".join(f"\\x{byte:02x}" for byte in character.encode("utf-8", "surrogatepass"))


def number(value: int) -> str:
    return f"{value:d}"


def client(address: tuple[str, int] | None) -> str:
    """`127.0.0.1:50000`, `[::1]:50000`; a Unix socket has no address."""
    if address is None:
        return MISSING
    host, port = word(address[0]), address[1]
    return f"[{host}]:{port:d}" if ":" in host else f"{host}:{port:d}"


def client_host(address: tuple[str, int] | None) -> str:
    return MISSING if address is None else word(address[0])


def client_port(address: tuple[str, int] | None) -> str:
    return MISSING if address is None else f"{address[1]:d}"


def quoted(value: str | bytes | tuple[str, int] | None) -> str:
    """The value in JSON, in ASCII: a client's address as one text, bytes as UTF-8."""
    if isinstance(value, tuple):
        value = client(value)
    elif isinstance(value, bytes):
        value = value.decode("utf-8", "backslashreplace")
    return json.dumps(value)


def field(fields: Fields, name: bytes) -> bytes | None:
    """The value of the first field of that name, both lower-cased."""
    for each, value in fields:
        if each == name:
            return value
    return None


def response_field(fields: Fields, name: bytes) -> bytes | None:
    """The same where an application may have written names as it likes."""
    return next((value for each, value in fields if each.lower() == name), None)


def milliseconds(seconds: float) -> str:
    """With two decimals; those below ten are at hand, because formatting a float costs five times as much."""
    if 0.0 <= seconds < 0.0099:
        return HUNDREDTHS[int(seconds * 1e5)]
    return f"{seconds * 1e3:.2f}"


def user(scope: Mapping[str, Any]) -> str:
    """The user name of basic authentication (RFC 7617), which is not checked here."""
    scheme, _, credentials = (field(scope["headers"], b"authorization") or b"").partition(b" ")
    if scheme.lower() != b"basic":
        return MISSING
    try:
        name = base64.b64decode(credentials.strip(), validate=True).partition(b":")[0]
    except binascii.Error:
        return MISSING
    return octets(name) or MISSING
