"""The settings that every layer has, checked when they are made.

Their names are those that Channels uses in CONFIG where it has them, so that a project moves by one line;
times are seconds. A layer with settings of its own subclasses `LayerSettings` and is checked the same way.
The memory of a layer is bounded by them: each names what it bounds and why its default is what it is.
"""

import difflib
import math
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from typing import Any, Self

from penstock.base.errors import SettingsError
from penstock.channels.patterns import ByName, Choice, by_name
from penstock.channels.policies import Policy, checked_policy

DEFAULT_CAPACITY = 100
DEFAULT_MESSAGE_BYTES = 2 << 20
LEAST_SECONDS = 0.001  # Redis counts in milliseconds: less would be none at all
MOST_SECONDS = 100 * 365 * 86400  # the event loops' longest timer; in milliseconds it is exact in Lua, too
LEAST_LEASE_SECONDS = 0.1  # a busy loop is late by tens of milliseconds; its process would count as dead
EXACT = (int, float)
MOST_COUNT = 1 << 53  # beyond it Lua, in which Redis counts, rounds


def option(default: Any, why: str, least: float | None = None, most: float | None = None) -> Any:
    """A number: its default and the reason for it. Unless `least` and `most` say something else, it is 1 at
    least, or `LEAST_SECONDS`, and may be as large as can be counted.
    """
    is_time = isinstance(default, float)
    lower = (LEAST_SECONDS if is_time else 1) if least is None else least
    upper = (MOST_SECONDS if is_time else MOST_COUNT) if most is None else most
    return field(default=default, metadata={"why": why, "least": lower, "most": upper})


def by_keyword(why: str) -> dict[str, str]:
    """The `metadata` of a setting that a URL cannot have among its parameters, and why not."""
    return {"by_keyword": why}


@dataclass(frozen=True, kw_only=True)
class LayerSettings:
    capacity: int = option(DEFAULT_CAPACITY, "unread messages of one channel: more means a stuck reader")
    channel_capacity: Choice[int] | str | None = None  # by glob or regular expression of the channel's name
    policy: Policy = "raise"  # for a channel that is full; the specification's way
    channel_policy: Choice[Policy] | str | None = None  # by the channel's name
    group_policy: Choice[Policy] | str | None = None  # by the group's name; goes before the channel's
    expiry: float = option(60.0, "after which an unread message is gone, as the specification recommends")
    group_expiry: float = option(86400.0, "after the last group_add, as the specification says: a day")
    max_message_bytes: int = option(
        DEFAULT_MESSAGE_BYTES, "twice what the specification asks for, so that 1 MiB passes with its keys"
    )
    lease_seconds: float = option(
        5.0,
        "silence after which a process counts as dead; it says that it lives thrice in that time",
        LEAST_LEASE_SECONDS,
    )
    ack_seconds: float = option(30.0, "for work to be acknowledged, before somebody else gets it")
    max_attempts: int = option(5, "at one piece of work, before it goes to the dead letters")
    history: int = option(0, "messages kept for each group; none unless asked for: they cost memory", 0)
    group_history: Choice[int] | str | None = None  # by the group's name
    history_expiry: float = option(3600.0, "after which a group's old message is not worth showing")
    max_history_bytes: int = option(64 << 20, "of all groups' history together, in one process")
    max_delayed: int = option(100_000, "messages that wait for their time, in one process")
    notices: bool = True  # whether channels get messages about gaps (penstock.channels.notices)

    def __post_init__(self) -> None:
        for each in fields(self):
            value = getattr(self, each.name)
            if "why" in each.metadata:
                _check_number(each, value)
                if type(value) not in EXACT:  # an enumeration's: Redis takes none
                    kind = int if isinstance(value, int) else float
                    object.__setattr__(self, each.name, kind(value))
            elif isinstance(each.default, bool) and not isinstance(value, bool):
                raise SettingsError(each.name, f"got {value!r}; expected true or false")
        object.__setattr__(self, "policy", checked_policy("policy", self.policy))
        for compiled in (self.capacities, self.policies, self.group_policies, self.histories):
            compiled()

    @classmethod
    def build(cls, **values: Any) -> Self:
        """Settings from keywords, of a program, of CONFIG in Django, or of a URL."""
        known = {each.name for each in fields(cls)}
        for name in sorted(values.keys() - known):
            raise SettingsError(name, f"is no setting of this layer{_nearest(name, known)}")
        return cls(**values)

    @classmethod
    def parse(cls, texts: Mapping[str, str]) -> dict[str, Any]:
        """The parameters of a URL as the values that `build` takes."""
        declared = {each.name: each for each in fields(cls)}
        for name in texts:
            if name not in declared:
                raise SettingsError(name, f"is no setting of this layer{_nearest(name, set(declared))}")
            if why := declared[name].metadata.get("by_keyword"):
                raise SettingsError(name, f"cannot be a parameter of the URL: {why}")
        return {name: _parsed(name, text, type(declared[name].default)) for name, text in texts.items()}

    def capacities(self) -> ByName[int]:
        return by_name("channel_capacity", self.channel_capacity, self.capacity, _checked_count)

    def policies(self) -> ByName[Policy]:
        return by_name("channel_policy", self.channel_policy, self.policy, checked_policy)

    def group_policies(self) -> ByName[Policy | None]:
        return by_name("group_policy", self.group_policy, None, checked_policy)

    def histories(self) -> ByName[int]:
        return by_name("group_history", self.group_history, self.history, _checked_length)


def _check_number(declared: Field[Any], value: object) -> None:
    setting, least, most = declared.name, declared.metadata["least"], declared.metadata["most"]
    if isinstance(value, bool) or not isinstance(value, int | float) or _is_nan(value):
        raise SettingsError(setting, f"got {value!r}; expected a number")
    if value > most:
        raise SettingsError(setting, f"got {_shown(value)}; expected {most} at most")
    if isinstance(declared.default, int) and not isinstance(value, int):
        raise SettingsError(setting, f"got {value!r}; expected a whole number")
    if value < least:
        raise SettingsError(setting, f"got {_shown(value)}; expected {least} at least")


def _is_nan(value: float) -> bool:
    return isinstance(value, float) and math.isnan(value)  # a large int is not for `isnan`


def _checked_count(setting: str, value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= MOST_COUNT:
        return int(value)
    raise SettingsError(setting, f"got {_shown(value)}; expected a number of messages, 1 at least")


def _shown(value: object) -> str:
    """Python refuses to write integers of thousands of digits."""
    is_long = isinstance(value, int) and abs(value) > MOST_COUNT
    return "a number of many digits" if is_long else repr(value)


def _checked_length(setting: str, value: object) -> int:
    return 0 if value == 0 and value is not False else _checked_count(setting, value)


def _parsed(setting: str, text: str, kind: type) -> Any:
    try:
        if kind is bool:
            return {"true": True, "1": True, "false": False, "0": False}[text.lower()]
        return kind(text) if kind in {int, float} else text
    except (ValueError, KeyError):
        wanted = {int: "a whole number", float: "a number", bool: "true or false"}[kind]
        raise SettingsError(setting, f"got {text!r}; expected {wanted}") from None


def _nearest(name: str, known: set[str]) -> str:
    near = difflib.get_close_matches(name, sorted(known), n=1)
    return f"; did you mean {near[0]}?" if near else f"; it has {', '.join(sorted(known))}"
