"""The scripts that run in Redis, as text and by the names that Redis calls them by once it has seen them."""

import hashlib
from functools import cache
from importlib import resources

PRELUDE = "common"


class Script:
    """One operation. `digest` is its name in the server's cache."""

    __slots__ = ("digest", "name", "text")

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = text
        self.digest = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


@cache
def scripts() -> dict[str, Script]:
    """All of them by name; each carries what all have in common."""
    folder = resources.files("penstock.channels.redis") / "lua"
    files = [file for file in folder.iterdir() if file.name.endswith(".lua")]
    texts = {file.name.removesuffix(".lua"): file.read_text() for file in files}
    prelude = texts.pop(PRELUDE)
    return {name: Script(name, f"{prelude}\n{text}") for name, text in texts.items()}
