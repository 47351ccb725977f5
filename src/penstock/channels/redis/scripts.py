"""The scripts that run in Redis, as text and by the names that Redis calls them by once it has seen them."""

import hashlib
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable

START = "start"
ORDER = ("inbox", "queues", "groups", "history")  # of parts: each uses those before it
NEEDS = "-- with "


class Script:
    """One operation. `digest` is its name in the server's cache."""

    __slots__ = ("digest", "name", "text")

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = text
        self.digest = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


@cache
def scripts() -> dict[str, Script]:
    """All of them by name. Each carries the parts that its first line names: Redis makes the functions of a
    part anew with each run, and all of them cost more than a message does.
    """
    folder = resources.files("penstock.channels.redis") / "lua"
    parts = _texts(folder / "parts")
    return {name: Script(name, _whole(text, parts)) for name, text in _texts(folder).items()}


def _texts(folder: Traversable) -> dict[str, str]:
    files = [file for file in folder.iterdir() if file.name.endswith(".lua")]
    return {file.name.removesuffix(".lua"): file.read_text() for file in files}


def _whole(text: str, parts: dict[str, str]) -> str:
    first = text.partition("\n")[0]
    named = first.removeprefix(NEEDS).split() if first.startswith(NEEDS) else []
    return "\n".join([parts[START], *(parts[name] for name in ORDER if name in named), text])
