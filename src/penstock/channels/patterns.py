"""Values by name: the first pattern that fits a channel or a group decides, else the default.

A pattern is a glob (`chat.*`) or a compiled regular expression, which has to fit from the name's beginning.
Settings give them as a mapping or as pairs; in a URL they are `glob:value,glob:value`.
"""

import fnmatch
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Generic, TypeVar

from penstock.base.errors import SettingsError

MOST_DIGITS = 30  # Python refuses to read thousands; what has more is shown to whoever checks it

T = TypeVar("T")
Pattern = str | re.Pattern[str]
Choice = Mapping[Pattern, T] | Iterable[tuple[Pattern, T]]


class ByName(Generic[T]):
    """`of(name)` looks every pattern through: whoever asks often keeps the answer."""

    __slots__ = ("_rules", "default")

    def __init__(self, rules: Iterable[tuple[re.Pattern[str], T]], default: T) -> None:
        self._rules = tuple(rules)
        self.default = default

    def of(self, name: str) -> T:
        for pattern, value in self._rules:
            if pattern.match(name):
                return value
        return self.default

    def __bool__(self) -> bool:
        return bool(self._rules)


def by_name(
    setting: str, choice: Choice[T] | str | None, default: T, check: Callable[[str, object], T]
) -> ByName[T]:
    """Compile `choice`. `check(setting, value)` returns the value or raises SettingsError."""
    pairs = _from_text(setting, choice) if isinstance(choice, str) else _pairs(setting, choice)
    return ByName([(_compiled(setting, pattern), check(setting, value)) for pattern, value in pairs], default)


def _pairs(setting: str, choice: object) -> list[tuple[object, object]]:
    items = choice.items() if isinstance(choice, Mapping) else choice or ()
    if isinstance(items, Iterable):
        pairs = list(items)
        if all(isinstance(pair, tuple | list) and len(pair) == 2 for pair in pairs):
            return [(pair[0], pair[1]) for pair in pairs]
    raise SettingsError(setting, f"got {choice!r}; expected a dict of patterns and values, or such pairs")


def _from_text(setting: str, text: str) -> list[tuple[object, object]]:
    pairs: list[tuple[object, object]] = []
    for part in filter(None, text.split(",")):
        glob, colon, value = part.rpartition(":")
        if not colon:
            raise SettingsError(setting, f"got {part!r}; expected glob:value, several of them with commas")
        is_number = value.isdecimal() and value.isascii() and len(value) <= MOST_DIGITS
        pairs.append((glob, int(value) if is_number else value))
    return pairs


def _compiled(setting: str, pattern: object) -> re.Pattern[str]:
    if isinstance(pattern, re.Pattern) and isinstance(pattern.pattern, str):
        return pattern
    if isinstance(pattern, str):
        return re.compile(fnmatch.translate(pattern))
    raise SettingsError(setting, f"got the pattern {pattern!r}; expected a glob or a compiled expression")
