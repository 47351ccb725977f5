"""What a message of an application has to hold. What is missing or of a wrong type is raised into it, and
the text names the message and the key.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from penstock.base.asgi import Message
from penstock.base.errors import LocalProtocolError


def as_dict(message: Any) -> dict[str, Any]:
    """A message that is not exactly a dict, as one."""
    if not isinstance(message, Mapping):
        kind = type(message).__name__
        raise LocalProtocolError(f"{kind} was sent; expected a message, which is a dict")
    return dict(message)


def kind_of(message: Message) -> Any:
    """Its `type`, which every message has."""
    kind = message.get("type")
    if kind is None:
        raise LocalProtocolError("a message has to have a type")
    if not isinstance(kind, str):
        raise LocalProtocolError(f"the type of a message is {type(kind).__name__}; expected str")
    return kind


def required(message: Message, key: str) -> Any:
    """The value of a key that has no default."""
    value = message.get(key)
    if value is None:
        raise LocalProtocolError(f"{message.get('type', 'a message')}: {key} is missing")
    return value


def required_status(message: Message) -> int:
    status = required(message, "status")
    if not isinstance(status, int):
        raise LocalProtocolError(f"{message['type']}: status is {status!r}; expected an int")
    return status


def listed(message: Message, key: str) -> list[Any]:
    """What can be iterated over: a header's pairs, for one. Empty where the key is left out."""
    values = message.get(key, ())
    if type(values) is list:
        return values
    if not isinstance(values, Iterable):
        kind = type(values).__name__
        raise LocalProtocolError(f"{message['type']}: {key} is {kind}; expected an iterable")
    return list(values)
