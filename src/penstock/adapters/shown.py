"""A wrong value, as the messages of both adapters tell it."""

from typing import Any

MOST = 60  # characters


def shown(value: Any) -> str:
    """Its type, and the beginning of what it is."""
    text = repr(value)
    return f"{type(value).__name__} {text if len(text) <= MOST else text[:MOST] + '...'}"
