"""Whether a value can be a setting, and the one sentence to say when it cannot.

Every refusal is a `SettingsError` that tells what came, what was expected and what to do. Values are checked
before anything is opened or started, so that a server either runs with exactly what was asked for or not at
all.
"""

import math
import os
import re
from pathlib import Path
from typing import Any

from penstock.base.errors import SettingsError
from penstock.server.declaration import Declaration

TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")  # RFC 9110 section 5.6.2
FIELD_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")  # RFC 9110 section 5.5
PER_RESPONSE = frozenset(
    {"connection", "content-length", "keep-alive", "te", "trailer", "transfer-encoding", "upgrade"}
)

MOST_SHOWN = 10**18  # Python refuses to write integers of thousands of digits


def checked(declaration: Declaration, value: Any) -> Any:
    """`value` as the setting stores it: a path as text, one text as a tuple of one. Raises SettingsError."""
    if value is None and declaration.optional:
        return None
    if declaration.repeated:
        return _texts(declaration, value)
    if declaration.choices:
        return _choice(declaration, value)
    return CHECKS[declaration.plain_type](declaration, value)


def expected(declaration: Declaration) -> str:
    """What a value of this setting looks like, for messages."""
    kind = declaration.plain_type
    if declaration.choices:
        text = "one of " + ", ".join(declaration.choices)
    elif declaration.repeated:
        text = "one or more texts"
    elif declaration.unit == "octal":
        text = "permissions in octal, such as 660"
    elif kind in {int, float}:
        text = f"a {'whole ' if kind is int else ''}number{_of_unit(declaration)}"
    else:
        text = {bool: "true or false", str: "a text"}[kind]
    return f"{text}, or none" if declaration.optional else text


def _of_unit(declaration: Declaration) -> str:
    return f" of {declaration.unit}" if declaration.unit else ""


def _refuse(declaration: Declaration, value: Any) -> SettingsError:
    shown = "a value that is not shown" if declaration.secret else repr(value)
    return SettingsError(declaration.name, f"got {shown}; expected {expected(declaration)}")


def _bool(declaration: Declaration, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    raise _refuse(declaration, value)


def _int(declaration: Declaration, value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise _refuse(declaration, value)
    _in_range(declaration, value)
    return int(value)


def _float(declaration: Declaration, value: Any) -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not is_number or (isinstance(value, float) and not math.isfinite(value)):
        raise _refuse(declaration, value)
    _in_range(declaration, value)
    return float(value)


def _in_range(declaration: Declaration, value: float) -> None:
    if declaration.least <= value <= declaration.most:
        return
    bound, number = ("least", declaration.least) if value < declaration.least else ("most", declaration.most)
    shown, limit = (oct(int(value)), oct(int(number))) if declaration.unit == "octal" else (value, number)
    if abs(value) > MOST_SHOWN:
        shown = "a number of many digits"
    off = "; none switches it off" if declaration.optional else ""
    raise SettingsError(declaration.name, f"got {shown}; expected at {bound} {limit} {declaration.unit}{off}")


def _text(declaration: Declaration, value: Any) -> str:
    """A text or a path, which is stored as text; both without NUL, which no path and no field may hold."""
    text = os.fspath(value) if isinstance(value, os.PathLike) else value
    if not isinstance(text, str) or "\0" in text:
        raise _refuse(declaration, value)
    return str.__str__(text)


def _choice(declaration: Declaration, value: Any) -> str:
    for choice in declaration.choices:
        if choice == value:  # which may be of an enumeration
            return choice
    raise _refuse(declaration, value)


def _texts(declaration: Declaration, value: Any) -> tuple[str, ...]:
    several = [value] if isinstance(value, str | os.PathLike) else value
    if not isinstance(several, list | tuple):
        raise _refuse(declaration, value)
    return tuple(_text(declaration, _joined(each)) for each in several)


def _joined(each: Any) -> Any:
    """A field may also come as a pair: `("x-name", "value")`."""
    if isinstance(each, tuple) and len(each) == 2 and all(isinstance(half, str) for half in each):
        return f"{each[0]}: {each[1]}"
    return each


CHECKS = {bool: _bool, int: _int, float: _float, str: _text}


def parse_field(line: str, taken: frozenset[str]) -> tuple[bytes, bytes]:
    """`name: value` as a default response field, its name lower-cased; `taken` are those the server sends."""
    name, colon, value = line.partition(":")
    name, value = name.strip().lower(), value.strip(" \t")
    if not colon or not TOKEN.fullmatch(name):
        raise SettingsError(
            "headers", f"got {line!r}; expected 'name: value' with a name of letters and hyphens"
        )
    if not FIELD_VALUE.fullmatch(value):
        raise SettingsError(
            "headers", f"got {line!r}; expected a value of Latin-1 without control characters"
        )
    if name in PER_RESPONSE:
        raise SettingsError("headers", f"{name!r} differs from response to response; leave it to the server")
    if name in taken:
        raise SettingsError(
            "headers", f"the server sends {name!r} itself; turn that off with --no-{name}-header"
        )
    return name.encode("ascii"), value.encode("latin-1")


def check_root_path(root_path: str) -> None:
    if root_path and (not root_path.startswith("/") or root_path.endswith("/")):
        raise SettingsError(
            "root_path", f"got {root_path!r}; expected '' or a path like '/api', without '/' at its end"
        )


def check_tls(
    certfile: str | None, keyfile: str | None, ca_certs: str | None, verify_client: str, ciphers: str | None
) -> None:
    """The TLS settings hold together and their files are there; what is in them is OpenSSL's to judge."""
    if certfile is None:
        given = {"keyfile": keyfile, "ca_certs": ca_certs, "ciphers": ciphers}
        lonely = [name for name, value in given.items() if value is not None]
        if verify_client != "none":
            lonely.append("verify_client")
        if lonely:
            raise SettingsError(lonely[0], "given without certfile, which turns TLS on; give --certfile too")
    if verify_client != "none" and ca_certs is None:
        raise SettingsError(
            "verify_client", f"{verify_client!r} needs to know whom to trust; give --ca-certs, a PEM file"
        )
    for name, path in (("certfile", certfile), ("keyfile", keyfile), ("ca_certs", ca_certs)):
        if path is not None and not Path(path).is_file():
            raise SettingsError(name, f"there is no file {path!r}; expected a PEM file")
