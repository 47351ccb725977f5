"""Where a shard is and how it is reached, from all the forms in which hosts are given.

A host is a URL (`redis://user:password@host:6379/0`, `rediss://`, `unix:///run/redis.sock?db=1`), a pair of
name and port, or a dict: with `address` in one of these forms, with `host` and `port`, or with `sentinels`
and `master_name`. What redis-py's connections take may stand beside; `hostkeys.py` says what becomes of it.
"""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from redis.asyncio.connection import (
    AbstractConnection,
    Connection,
    SSLConnection,
    UnixDomainSocketConnection,
)
from redis.asyncio.connection import parse_url as parse_redis_url
from redis.exceptions import RedisError

from penstock.base.errors import SettingsError
from penstock.channels.redis.hostkeys import ACCESS_KEYS, LEFT_OUT, PLACE_KEYS, SENTINEL_KEYS, TLS_KEYS
from penstock.channels.redis.settings import RedisSettings
from penstock.channels.url import LayerUrl, parse_url

PORT = 6379
SENTINEL_PORT = 26379
MOST_DIGITS = 5
FORMS = "expected a URL, a pair of host and port, or a dict with address, or with sentinels and master_name"
TLS_SCHEMES = ("rediss", "rediss+sentinel", "rediss+cluster")
SCHEMES = ("redis", "redis+sentinel", "redis+cluster", *TLS_SCHEMES)
KINDS = (None, Connection, SSLConnection, UnixDomainSocketConnection)

Address = tuple[str, int]


@dataclass(frozen=True)
class Host:
    """`access` is what a connection of that kind takes: `host` and `port`, or `path`, and who we are."""

    access: Mapping[str, Any] = field(repr=False)
    kind: type[AbstractConnection] = Connection
    others: tuple[Address, ...] = ()  # further sentinels, or further nodes of a cluster
    master: str = ""  # the name by which sentinels know it
    for_sentinels: Mapping[str, Any] = field(default_factory=dict, repr=False)  # who we are there
    is_cluster: bool = False

    @property
    def addresses(self) -> list[Address]:
        return [(self.access["host"], self.access["port"]), *self.others]

    def __str__(self) -> str:
        where = str(self.access["path"]) if "path" in self.access else "{}:{}".format(*self.addresses[0])
        return f"{self.master} by the sentinel {where}" if self.master else where

    def with_access(self, **changes: Any) -> "Host":
        return replace(self, access={**self.access, **changes})


def read_hosts(settings: RedisSettings) -> list[Host]:
    """The shards of a layer, in order. Raises SettingsError."""
    given = settings.hosts
    entries = [given] if isinstance(given, str | dict) else given
    if not isinstance(entries, list | tuple):
        raise SettingsError("hosts", f"got {type(given).__name__}; expected a list: of each, {FORMS}")
    if not entries:
        raise SettingsError("hosts", f"got none; {FORMS}")
    return [_tried(_secured(_read(entry), settings)) for entry in entries]


def hosts_of_url(url: LayerUrl) -> list[Host]:
    """A host for each address; for Sentinel and Cluster all addresses are of one."""
    if url.scheme not in SCHEMES:
        expected = f"expected one of {', '.join(SCHEMES)}, unix"
        raise SettingsError("hosts", f"got the scheme {url.scheme!r}; {expected}")
    kind = url.scheme.partition("+")[2]
    usual = SENTINEL_PORT if kind == "sentinel" else PORT
    addresses = [(name, port or usual) for name, port in url.hosts] or [("127.0.0.1", usual)]
    path = url.path.strip("/")
    master, _, path = path.partition("/") if kind == "sentinel" else ("", "", path)
    if kind == "sentinel" and not master:
        raise SettingsError("url", "got no master's name; expected redis+sentinel://host:26379/name/0")
    who = {"db": _database(path), "username": url.username, "password": url.password}
    transport = SSLConnection if url.scheme in TLS_SCHEMES else Connection
    common = _at(addresses[0], transport, master=master, is_cluster=kind == "cluster").with_access(**who)
    if kind:
        return [replace(common, others=tuple(addresses[1:]))]
    return [common.with_access(host=name, port=port) for name, port in addresses]


def _at(address: Address, kind: type[AbstractConnection] = Connection, **more: Any) -> Host:
    return Host({"host": address[0], "port": address[1]}, kind, **more)


def _secured(host: Host, settings: RedisSettings) -> Host:
    """With the settings of the layer for TLS, where the host has none of its own."""
    if not issubclass(host.kind, SSLConnection):
        return host
    access = host.access
    if not access.keys() & TLS_KEYS:
        access = {**access, **_of_layer(settings)}
    checks_name = access.get("ssl_cert_reqs", "required") not in {None, "none", ssl.CERT_NONE}
    # A file may hold the certificate and its key.
    key = access.get("ssl_keyfile") or access.get("ssl_certfile")
    return replace(host, access={"ssl_check_hostname": checks_name, **access, "ssl_keyfile": key})


def _of_layer(settings: RedisSettings) -> dict[str, Any]:
    return {
        "ssl_ca_certs": settings.ca_file or None,
        "ssl_certfile": settings.cert_file or None,
        "ssl_keyfile": settings.key_file or None,
        "ssl_cert_reqs": "required" if settings.verify else "none",
    }


def _tried(host: Host) -> Host:
    """What redis-py does not take is told now. Nothing is opened by making a connection."""
    _check_timeouts(host.access)
    try:
        host.kind(**host.access)
    except (TypeError, ValueError, RedisError) as error:
        raise SettingsError("hosts", f"{host} has what this redis-py does not take: {error}") from None
    return host


def _check_timeouts(given: Mapping[str, Any]) -> None:
    for name in ("socket_connect_timeout", "socket_timeout"):
        seconds = given.get(name)
        is_number = isinstance(seconds, int | float) and not isinstance(seconds, bool)
        if seconds is not None and not (is_number and seconds > 0):
            raise SettingsError("hosts", f"got {seconds!r} for {name}; expected seconds, more than 0")


def _read(entry: object) -> Host:
    if isinstance(entry, Host):
        return entry
    if isinstance(entry, str):
        return _of_url(entry)
    if isinstance(entry, dict):
        return _of_dict(entry)
    return _at(_pair(entry))


def _of_url(text: str) -> Host:
    """redis-py reads the URLs that it knows."""
    if "+" in text.partition("://")[0]:
        return _of_several(text)
    try:
        found = dict(parse_redis_url(text))
    except ValueError as error:
        raise SettingsError("hosts", f"{error}; {FORMS}") from None
    kind = found.pop("connection_class", Connection)
    found = _wanted(found, ACCESS_KEYS | {"host", "port", "path"})
    if kind is not UnixDomainSocketConnection:
        found = {"host": "127.0.0.1", "port": PORT, **found}
        if "," in str(found["host"]):
            raise SettingsError("hosts", "got several addresses in one URL; give a list of URLs")
    return Host(found, kind)  # type: ignore[arg-type] # a class, which the types of redis-py mix with texts


def _of_several(text: str) -> Host:
    try:
        url = parse_url(text)
    except SettingsError as error:
        raise SettingsError("hosts", error.problem) from None
    given = _wanted(url.parameters, frozenset({"db"}))
    host = hosts_of_url(url)[0]
    return host.with_access(db=_database(given["db"])) if given else host


def _of_dict(entry: dict[str, Any]) -> Host:
    entry = _wanted(entry, ACCESS_KEYS | PLACE_KEYS)
    kind = entry.get("connection_class")
    if kind not in KINDS:
        raise SettingsError("hosts", f"got the connection_class {kind!r}; expected one of redis.asyncio")
    host = _place(entry)
    if entry.get("ssl") or kind is SSLConnection or entry.keys() & TLS_KEYS:
        host = replace(host, kind=SSLConnection)
    given = {key: entry[key] for key in entry.keys() & ACCESS_KEYS}
    if "db" in given:
        given["db"] = _database(str(given["db"] or 0))
    return host.with_access(**given)


def _place(entry: dict[str, Any]) -> Host:
    if "sentinels" in entry:
        return _by_sentinels(entry)
    if "address" in entry:
        return _read(entry["address"])
    if path := entry.get("unix_socket_path") or entry.get("path"):
        return Host({"path": str(path)}, UnixDomainSocketConnection)
    if "host" in entry:
        return _at(_pair((entry["host"], entry.get("port", PORT))))
    raise SettingsError("hosts", f"got a dict without an address; {FORMS}")


def _by_sentinels(entry: dict[str, Any]) -> Host:
    given, who = entry["sentinels"], entry.get("sentinel_kwargs") or {}
    if not isinstance(given, list | tuple) or not isinstance(who, dict):
        expected = "expected a list of pairs for sentinels, and a dict for sentinel_kwargs"
        raise SettingsError("hosts", f"got {type(given).__name__} and {type(who).__name__}; {expected}")
    sentinels = [_pair(each) for each in given]
    if not sentinels or not entry.get("master_name"):
        raise SettingsError("hosts", "got no sentinels, or no name; expected sentinels and master_name")
    _check_timeouts(who)
    return _at(
        sentinels[0],
        others=tuple(sentinels[1:]),
        master=str(entry["master_name"]),
        for_sentinels=_wanted(who, SENTINEL_KEYS),
    )


def _pair(entry: object) -> Address:
    if isinstance(entry, tuple | list) and len(entry) == 2 and isinstance(entry[0], str):
        return entry[0], _port(entry[1])
    raise SettingsError("hosts", f"got {type(entry).__name__}, which cannot be read; {FORMS}")


def _port(given: object) -> int:
    """Out of the environment it comes as text."""
    if isinstance(given, str) and given.isascii() and given.isdecimal() and len(given) <= MOST_DIGITS:
        given = int(given)
    if isinstance(given, int) and not isinstance(given, bool) and 0 < given < 65536:
        return given
    raise SettingsError("hosts", f"got the port {given!r}; expected a number from 1 to 65535")


def _wanted(given: Mapping[str, Any], known: frozenset[str]) -> dict[str, Any]:
    """What is used of it. Raises SettingsError for a key that nobody knows."""
    for key in given:
        if key not in known | LEFT_OUT:
            raise SettingsError("hosts", f"got the key {key!r}; expected {', '.join(sorted(known))}")
    return {key: given[key] for key in given.keys() & known}


def _database(text: str) -> int:
    if not text:
        return 0
    if text.isascii() and text.isdecimal() and len(text) <= MOST_DIGITS:
        return int(text)
    raise SettingsError("hosts", f"got the database {text!r}; expected a number")
