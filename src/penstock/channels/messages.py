"""Messages at the border of a layer: checked, measured and copied in one walk.

A message is a dict of str keys; its values are bytes, str, int of 64 bits, float, bool, None, and lists and
dicts of these (the specification of 2016, "Messages"). Tuples become lists, subclasses (a str that is marked
safe, an enumeration) their plain values. `freeze` makes one copy that no sender can reach any more, however
many receivers it goes to, and each receiver thaws a copy of its own.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from penstock.channels.errors import InvalidMessage, MessageTooLarge
from penstock.channels.names import shown

MAX_DEPTH = 64  # of dicts and lists in each other; a message that holds itself ends here
INT64 = 1 << 63
RESERVED_KEY = "__asgi_channel__"  # carries the full name to whoever receives from `name!`

# What a value takes when it is packed, at most: its head, in MessagePack.
HEAD_BYTES = 5
NUMBER_BYTES = 9
NUMBERS = frozenset({float, bool, type(None)})  # that need no look

Message = dict[str, Any]


class Frozen:
    """A message that nobody can change. `value` is read by the codecs and not to be touched.

    `size_bytes` is what it takes when packed, at most; `flat` tells that no list and no dict is in it.
    `thaw()` makes a copy that is the receiver's own.
    """

    __slots__ = ("size_bytes", "thaw", "value")

    def __init__(self, value: Message, size_bytes: int, flat: bool) -> None:
        self.value = value
        self.size_bytes = size_bytes
        self.thaw: Callable[[], Message] = value.copy if flat else partial(_thawed_dict, value)


def freeze(message: object, max_bytes: int) -> Frozen:
    """A copy of `message`. Raises InvalidMessage, or MessageTooLarge before `max_bytes` are exceeded."""
    if not isinstance(message, dict):
        raise InvalidMessage(f"got {shown(message)}; expected a message: a dict with str keys")
    if RESERVED_KEY in message:
        raise InvalidMessage(f"the key {RESERVED_KEY!r} is the layer's own; leave it out of the message")
    if 0 < (size_bytes := _plain_size(message)) <= max_bytes:
        return Frozen(message.copy(), size_bytes, True)
    walk = _Walk(max_bytes)
    try:
        value = walk.copied_dict(message, 0)
    except _Refused as refusal:
        raise InvalidMessage(f"message{refusal.path} {refusal.problem}") from None
    return Frozen(value, walk.size_bytes, walk.flat)


def _plain_size(message: dict[Any, Any]) -> int:
    """The size of a message as most are: ASCII text, data and numbers by str keys. 0 for all others, which
    the walk looks at; it comes to the same size.
    """
    size = HEAD_BYTES
    for key, inner in message.items():
        kind = type(inner)
        if type(key) is not str or not key.isascii():
            return 0
        size += HEAD_BYTES + len(key)
        if kind is bytes or (kind is str and inner.isascii()):
            size += HEAD_BYTES + len(inner)
        elif kind in NUMBERS or (kind is int and -INT64 <= inner < INT64):
            size += NUMBER_BYTES
        else:
            return 0
    return size


class _Refused(Exception):
    """Something in a message cannot be sent. The path to it is put together on the way out."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.path = ""


class _Walk:
    """One walk through one message: it copies and counts."""

    __slots__ = ("_max_bytes", "flat", "size_bytes")

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self.size_bytes = 0
        self.flat = True

    def copied_dict(self, value: dict[Any, Any], depth: int) -> dict[str, Any]:
        self._enter(depth)
        copy = {}
        for raw_key, inner in value.items():
            key = raw_key if type(raw_key) is str else self._key(raw_key)
            try:
                self._add_text(key)
                kind = COPIES.get(type(inner))
                copy[key] = kind(self, inner, depth) if kind else self._unusual(inner, depth)
            except _Refused as refusal:
                refusal.path = f"[{shown(key)}]{refusal.path}"
                raise
        return copy

    def copied_list(self, value: list[Any] | tuple[Any, ...], depth: int) -> list[Any]:
        self._enter(depth)
        copy = []
        for place, inner in enumerate(value):
            try:
                kind = COPIES.get(type(inner))
                copy.append(kind(self, inner, depth) if kind else self._unusual(inner, depth))
            except _Refused as refusal:
                refusal.path = f"[{place}]{refusal.path}"
                raise
        return copy

    def inner_dict(self, value: dict[Any, Any], depth: int) -> dict[str, Any]:
        self.flat = False
        return self.copied_dict(value, depth + 1)

    def inner_list(self, value: list[Any] | tuple[Any, ...], depth: int) -> list[Any]:
        self.flat = False
        return self.copied_list(value, depth + 1)

    def text(self, value: str, depth: int) -> str:
        self._add_text(value)
        return value

    def data(self, value: bytes, depth: int) -> bytes:
        self._add(HEAD_BYTES + len(value))
        return value

    def whole(self, value: int, depth: int) -> int:
        if not -INT64 <= value < INT64:
            raise _Refused("is an int of more than 64 bits; expected a signed one of 64 bits, or str")
        self._add(NUMBER_BYTES)
        return value

    def number(self, value: Any, depth: int) -> Any:
        """A float, a bool or None."""
        self._add(NUMBER_BYTES)
        return value

    def _unusual(self, value: Any, depth: int) -> Any:
        for kind, plain in PLAIN:
            if isinstance(value, kind):
                exact = plain(value)
                return COPIES[type(exact)](self, exact, depth)
        raise _Refused(
            f"is {shown(value)}, of {type(value).__name__}; "
            "expected bytes, str, int, float, bool, None, or a list or dict of these"
        )

    def _key(self, key: object) -> str:
        if isinstance(key, str):
            return str.__str__(key)
        raise _Refused(f"has the key {shown(key)}; expected keys of str")

    def _add_text(self, value: str) -> None:
        size = len(value)
        if not value.isascii():
            try:
                size = len(value.encode())
            except UnicodeEncodeError:
                raise _Refused("holds half a surrogate pair; expected text that UTF-8 can carry") from None
        self._add(HEAD_BYTES + size)

    def _enter(self, depth: int) -> None:
        if depth >= MAX_DEPTH:
            raise _Refused(f"is nested more than {MAX_DEPTH} deep, or holds itself")
        self._add(HEAD_BYTES)

    def _add(self, size: int) -> None:
        self.size_bytes += size
        if self.size_bytes > self._max_bytes:
            raise MessageTooLarge(
                f"the message takes more than {self._max_bytes} bytes; send it in parts, "
                "or raise max_message_bytes for every process of the layer"
            )


COPIES: dict[type, Callable[[_Walk, Any, int], Any]] = {
    str: _Walk.text,
    int: _Walk.whole,
    bool: _Walk.number,
    type(None): _Walk.number,
    float: _Walk.number,
    bytes: _Walk.data,
    list: _Walk.inner_list,
    tuple: _Walk.inner_list,
    dict: _Walk.inner_dict,
}
PLAIN: tuple[tuple[type, Callable[[Any], Any]], ...] = (
    (str, str.__str__),
    (int, int.__int__),
    (float, float.__float__),
    (bytes, bytes.__bytes__),
    (dict, dict),
    (list, list),
    (tuple, tuple),
)


def _thawed_dict(value: Message) -> Message:
    return {
        key: COPIERS[type(inner)](inner) if type(inner) in COPIERS else inner for key, inner in value.items()
    }


def _thawed_list(value: list[Any]) -> list[Any]:
    return [COPIERS[type(inner)](inner) if type(inner) in COPIERS else inner for inner in value]


COPIERS: dict[type, Callable[[Any], Any]] = {dict: _thawed_dict, list: _thawed_list}
