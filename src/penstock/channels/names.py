"""Names of channels and groups, checked before any I/O.

A name is ASCII letters, digits, `.`, `-` and `_`. A channel may have one type character within: what stands
before `!` names a process that reads, what stands behind it one consumer there; `?` marks a channel with one
reader. The specification asks for a hundred bytes at least; twice that leaves applications room for prefixes.

What is checked comes back as plain text, also of an enumeration or whatever else is a str: compiled code
takes no subclass for one.
"""

import re
import secrets

from penstock.channels.errors import InvalidName

MAX_NAME_BYTES = 200
LOCAL_NAME_BYTES = 12  # of chance: names are unique without asking anybody, and cannot be guessed
SHOWN_CHARACTERS = 80
DEAD_LETTERS = ".dead"

_CHANNEL = re.compile(r"[A-Za-z0-9._-]+(?:[!?][A-Za-z0-9._-]+)?")
_READABLE = re.compile(r"[A-Za-z0-9._-]+(?:!|[!?][A-Za-z0-9._-]+)?")
_PREFIX = re.compile(r"[A-Za-z0-9._-]+[!?]?")
_PLAIN = re.compile(r"[A-Za-z0-9._-]+")
_LETTERS = "ASCII letters, digits, '.', '-' and '_'"


def check_channel(name: object) -> str:
    """`name` as one can send to it: whole, with what is behind the type character."""
    return _checked(name, _CHANNEL, f"a channel's name: {_LETTERS}, with one '!' or '?' within at most")


def check_readable(name: object) -> str:
    """`name` as one can receive from it: as `check_channel`, or up to `!` for all that begin with it."""
    return _checked(name, _READABLE, f"a channel's name: {_LETTERS}, with one '!' or '?' at most")


def check_work_channel(name: object) -> str:
    """`name` of a normal channel, short enough for the name of its dead letters."""
    expected = f"the name of a normal channel, without '!' and '?': {_LETTERS}"
    return _checked(name, _PLAIN, expected, MAX_NAME_BYTES - len(DEAD_LETTERS))


def check_group(name: object) -> str:
    return _checked(name, _PLAIN, f"a group's name: {_LETTERS}")


def check_membership(group: object, channel: object) -> tuple[str, str]:
    return check_group(group), check_channel(channel)


def check_prefix(name: object) -> str:
    """`name` as `new_channel` takes it."""
    room = MAX_NAME_BYTES - 4 * LOCAL_NAME_BYTES - 2
    return _checked(name, _PREFIX, f"the beginning of a channel's name: {_LETTERS}, '!' or '?' last", room)


def dead_letter_channel(channel: str) -> str:
    """Where the work of `channel` ends up that nobody could do."""
    return channel + DEAD_LETTERS


def reading_prefix(name: str) -> str:
    """The part of a process-local name up to and including `!`; empty for other channels."""
    head, mark, _ = name.partition("!")
    return head + mark if mark else ""


def new_name(prefix: str, client: str) -> str:
    """A name that nobody has yet. `client` stands for the process where the prefix does not name one."""
    beginning = prefix if prefix.endswith(("!", "?")) else f"{prefix.rstrip('.')}.{client}!"
    return beginning + secrets.token_hex(LOCAL_NAME_BYTES)


def new_client() -> str:
    """A process's part of the names it makes."""
    return secrets.token_hex(LOCAL_NAME_BYTES)


def shown(value: object) -> str:
    """`value` for an error message, of any size and kind."""
    text = repr(value[:SHOWN_CHARACTERS] if isinstance(value, str | bytes) else value)
    return text if len(text) <= 2 * SHOWN_CHARACTERS else f"{text[: 2 * SHOWN_CHARACTERS]}..."


def _checked(name: object, pattern: re.Pattern[str], expected: str, most: int = MAX_NAME_BYTES) -> str:
    if not isinstance(name, str):
        raise InvalidName(f"got {shown(name)}; expected {expected}")
    if len(name) > most:
        raise InvalidName(f"got a name of {len(name)} characters, {shown(name)}...; expected {most} at most")
    if not pattern.fullmatch(name):
        raise InvalidName(f"got {shown(name)}; expected {expected}")
    return name if type(name) is str else str.__str__(name)
