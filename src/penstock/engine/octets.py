"""What the engines do octet by octet, in plain Python; `octets.pxd` holds the same functions as inline C.

Compiled modules `cimport` the C, uncompiled ones import this file: the call reads the same, and a test feeds
both the same bytes. Every function takes `data` with the positions `start <= end <= len(data)` and looks at
nothing outside of them.
"""

import re
from typing import Final

_CONTROL: Final = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
_TOKEN: Final = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]*")
_LOWER_TOKEN: Final = re.compile(rb"[!#$%&'*+\-.^_`|~0-9a-z]+")
_TARGET: Final = re.compile(rb"[!\"$-~]*")


def find_byte(data: bytes, byte: int, start: int, end: int) -> int:
    """The position of the first `byte`, -1 when there is none."""
    return data.find(byte, start, end)


def find_control(data: bytes, start: int, end: int) -> int:
    """The position of the first control character but for the horizontal tab, -1 when there is none (RFC 9110
    section 5.5).
    """
    found = _CONTROL.search(data, start, end)
    return -1 if found is None else found.start()


def token_end(data: bytes, start: int, end: int) -> int:
    """The position behind the longest run of token characters from `start` on (RFC 9110 section 5.6.2)."""
    found = _TOKEN.match(data, start, end)
    return start if found is None else found.end()


def target_end(data: bytes, start: int, end: int) -> int:
    """The position behind the longest run of printable ASCII without `#`: what a request target may be made
    of.
    """
    found = _TARGET.match(data, start, end)
    return start if found is None else found.end()


def is_token(data: bytes, start: int, end: int) -> bool:
    """Whether the octets are a token: at least one, and token characters only."""
    return start < end and token_end(data, start, end) == end


def is_lower_token(data: bytes, start: int, end: int) -> bool:
    """Whether the octets are a token without A-Z, as field names of HTTP/2 are (RFC 9113 section 8.2.1)."""
    return _LOWER_TOKEN.fullmatch(data, start, end) is not None


def is_same(data: bytes, start: int, end: int, text: bytes) -> bool:
    """Whether the octets are exactly `text`."""
    return data[start:end] == text


def is_repeated(data: bytes, start: int, other: bytes, begin: int, size: int) -> bool:
    """Whether `size` octets of `data` from `start` are those of `other` from `begin`; both have as many."""
    return data[start : start + size] == other[begin : begin + size]


def number(digits: bytes) -> int:
    """A decimal number of at most 18 digits; -1 for anything else."""
    return int(digits) if digits.isdigit() and len(digits) <= 18 else -1


def cut(data: bytes, start: int, end: int) -> bytes:
    """The octets as bytes of their own. In C a slice that needs no slice object."""
    return data[start:end]


def lower(data: bytes, start: int, end: int) -> bytes:
    """The octets with A-Z as a-z."""
    return data[start:end].lower()


def integer(data: bytes, start: int, end: int) -> int:
    """The octets, at most eight, as one number with the highest octet first."""
    return int.from_bytes(data[start:end], "big")


def prefixed(data: bytes, number: int, size: int) -> bytes:
    """The `size` octets of `number`, at most eight and the highest first, with `data` behind them."""
    return number.to_bytes(size, "big") + data


def frame(kind: int, flags: int, stream_id: int, data: bytes, start: int, end: int) -> bytes:
    """A whole frame of HTTP/2 with the octets as its payload (RFC 9113 section 4.1)."""
    head = (end - start) << 48 | kind << 40 | flags << 32 | stream_id
    return head.to_bytes(9, "big") + data[start:end]


def decimal(number: int) -> bytes:
    """A number that is not negative in decimal digits."""
    return b"%d" % number


def hexadecimal(number: int) -> bytes:
    """A number that is not negative in hexadecimal digits."""
    return b"%x" % number


def field_line(name: bytes, value: bytes) -> bytes:
    """A line of HTTP/1.1 with the name in lower case."""
    return b"%b: %b\r\n" % (name.lower(), value)


def join(pieces: list[bytes]) -> bytes:
    """The pieces, which have to be bytes, as one."""
    return b"".join(pieces)


def unmask(data: bytes, start: int, end: int, key: int) -> bytes:
    """The octets XORed with the four of `key` in turn, its highest first (RFC 6455 section 5.3)."""
    size = end - start
    if size == 0:
        return b""
    pad = key.to_bytes(4, "big") * (size // 4 + 1)
    masked = int.from_bytes(data[start:end], "little") ^ int.from_bytes(pad[:size], "little")
    return masked.to_bytes(size, "little")


def unmask_ascii(data: bytes, start: int, end: int, key: int) -> str | None:
    """The same as text when all of it is ASCII, else None. Compiled it is one copy instead of two."""
    octets = unmask(data, start, end, key)
    return octets.decode("ascii") if octets.isascii() else None
