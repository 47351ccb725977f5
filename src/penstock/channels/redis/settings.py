"""The settings of the Redis layer beside those of every layer."""

from dataclasses import dataclass, field
from typing import Any

from penstock.base.errors import SettingsError
from penstock.channels.settings import LayerSettings, option

MAX_PREFIX = 100
BRACES = frozenset("{}")


@dataclass(frozen=True, kw_only=True)
class RedisSettings(LayerSettings):
    hosts: Any = field(default=(("127.0.0.1", 6379),), repr=False)  # as in `hosts.py`; with passwords
    prefix: str = "penstock"  # of all keys; layers with different ones do not see each other
    connect_seconds: float = option(5.0, "for Redis to be reached; callers wait as long for a reconnection")
    inbox_length: int = option(100_000, "entries for one process: a minute of a process that does not read")
    shards: int = option(4, "of a cluster: parts that its nodes share out; the same for every process")
    ca_file: str = ""  # of who signed the server's certificate; the system's unless given
    cert_file: str = ""  # the client's own certificate and key
    key_file: str = ""
    verify: bool = True  # the server's certificate
    encryption_keys: Any = field(default=(), repr=False)  # the first encrypts, all decrypt
    name_key: str = field(default="", repr=False)  # hides names; the last of `encryption_keys` unless given

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.prefix, str) or len(self.prefix) > MAX_PREFIX or set(self.prefix) & BRACES:
            expected = f"expected text of at most {MAX_PREFIX} characters, without braces"
            raise SettingsError("prefix", f"got {self.prefix!r}; {expected}")

    def keys(self) -> tuple[bytes, ...]:
        """The secrets of `encryption_keys`, as bytes."""
        given = self.encryption_keys
        if isinstance(given, str | bytes):
            raise SettingsError("encryption_keys", "got one text; expected a list of secrets")
        if not all(isinstance(key, str | bytes) and key for key in given):
            raise SettingsError("encryption_keys", "got an empty secret, or no text; expected secrets")
        return tuple(key.encode() if isinstance(key, str) else key for key in given)
