"""The settings of the Redis layer beside those of every layer."""

import os
from dataclasses import dataclass, field
from typing import Any

from penstock.base.errors import SettingsError
from penstock.channels.settings import LayerSettings, by_keyword, option

MAX_PREFIX = 100
BRACES = frozenset("{}")


@dataclass(frozen=True, kw_only=True)
class RedisSettings(LayerSettings):
    hosts: Any = field(  # as in `hosts.py`; with passwords
        default=(("127.0.0.1", 6379),),
        repr=False,
        metadata=by_keyword("it has addresses of its own, as in redis://one:6379,two:6379"),
    )
    prefix: str = "penstock"  # of all keys; layers with different ones do not see each other
    connect_seconds: float = option(5.0, "for Redis to be reached; callers wait as long for a reconnection")
    inbox_length: int = option(100_000, "entries for one process: a minute of a process that does not read")
    shards: int = option(
        4, "of a cluster: parts that its nodes share out; the same for every process", 1, 1000
    )
    ca_file: str = ""  # of who signed the server's certificate; the system's unless given
    cert_file: str = ""  # the client's own certificate and key
    key_file: str = ""
    verify: bool = True  # the server's certificate
    encryption_keys: Any = field(  # the first encrypts, all decrypt
        default=(),
        repr=False,
        metadata=by_keyword("URLs end up in logs, and it is a list of secrets; give it as a keyword"),
    )
    # Hides names; the last of `encryption_keys` unless given.
    name_key: str | bytes = field(default="", repr=False)

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.prefix, str) or len(self.prefix) > MAX_PREFIX or set(self.prefix) & BRACES:
            expected = f"expected text of at most {MAX_PREFIX} characters, without braces"
            raise SettingsError("prefix", f"got {self.prefix!r}; {expected}")
        for name in ("ca_file", "cert_file", "key_file"):
            if not isinstance(value := getattr(self, name), str | os.PathLike):
                raise SettingsError(name, f"got {value!r}; expected the path of a file")
        if not isinstance(self.name_key, str | bytes):
            raise SettingsError("name_key", f"got {type(self.name_key).__name__}; expected text or bytes")
        self.keys()

    def keys(self) -> tuple[bytes, ...]:
        """The secrets of `encryption_keys`, as bytes."""
        return secrets("encryption_keys", self.encryption_keys)

    def key_of_names(self) -> bytes:
        """What hides names. Only for a layer that has `encryption_keys`."""
        return _octets(self.name_key) or self.keys()[-1]


def secrets(setting: str, given: object) -> tuple[bytes, ...]:
    """A list of secrets. Raises SettingsError, which shows none of them."""
    if not isinstance(given, list | tuple):
        raise SettingsError(setting, f"got {type(given).__name__}; expected a list of secrets")
    if not all(isinstance(key, str | bytes) and key for key in given):
        raise SettingsError(setting, "got an empty secret, or no text; expected secrets")
    return tuple(_octets(key) for key in given)


def _octets(key: str | bytes) -> bytes:
    return key.encode() if isinstance(key, str) else key
