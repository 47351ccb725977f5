"""What a message of an application has to hold. What is missing or of a wrong type is raised into it, and
the text names the message and the key.
"""

from typing import Any

from penstock.base.asgi import Message
from penstock.base.errors import LocalProtocolError


def kind_of(message: Message) -> Any:
    """Its `type`, which every message has."""
    kind = message.get("type")
    if kind is None:
        raise LocalProtocolError("a message has to have a type")
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
