"""Where a shard is and how it is reached, from all the forms in which hosts are given.

A host is a URL (`redis://user:password@host:6379/0`, `rediss://`, `unix:///run/redis.sock?db=1`), a pair of
name and port, or a dict: with `address` in one of these forms, with `host` and `port`, or with `sentinels`
and `master_name`; `db`, `username`, `password` and the `ssl_` keys that redis-py knows may stand beside.
"""

import ssl
from dataclasses import dataclass, field, replace
from typing import Any

from penstock.base.errors import SettingsError
from penstock.channels.redis.settings import RedisSettings
from penstock.channels.url import LayerUrl, parse_url

PORT = 6379
SENTINEL_PORT = 26379
FORMS = "expected a URL, a pair of host and port, or a dict with address, or with sentinels and master_name"
TLS_SCHEMES = ("rediss", "rediss+sentinel", "rediss+cluster")
SCHEMES = ("redis", "redis+sentinel", "redis+cluster", *TLS_SCHEMES)
TLS_KEYS = {"ssl_ca_certs", "ssl_certfile", "ssl_keyfile", "ssl_cert_reqs", "ssl_check_hostname"}
PLACE_KEYS = {"address", "host", "port", "unix_socket_path", "sentinels", "master_name", "sentinel_kwargs"}
KNOWN_KEYS = TLS_KEYS | PLACE_KEYS | {"db", "username", "password", "ssl"}

Address = tuple[str, int]


@dataclass(frozen=True)
class Tls:
    ca_file: str = ""
    cert_file: str = ""
    key_file: str = ""
    verify: bool = True
    check_name: bool = True

    def context(self) -> ssl.SSLContext:
        try:
            context = ssl.create_default_context(cafile=self.ca_file or None)
            if self.cert_file:
                context.load_cert_chain(self.cert_file, self.key_file or None)
        except OSError as error:
            raise SettingsError("ca_file", f"the certificates cannot be read: {error}") from None
        if not (self.verify and self.check_name):
            context.check_hostname = False
        if not self.verify:
            context.verify_mode = ssl.CERT_NONE
        return context


@dataclass(frozen=True)
class Host:
    """`address` is a pair, or the path of a Unix socket; of the first of several for Sentinel and Cluster."""

    address: Address | str
    database: int = 0
    username: str = ""
    password: str = field(default="", repr=False)
    tls: Tls | None = None
    others: tuple[Address, ...] = ()  # further sentinels, or further nodes of a cluster
    master: str = ""  # the name by which sentinels know it
    sentinel_username: str = ""
    sentinel_password: str = field(default="", repr=False)
    is_cluster: bool = False

    def __str__(self) -> str:
        where = self.address if isinstance(self.address, str) else "{}:{}".format(*self.address)
        return f"{self.master} by the sentinel {where}" if self.master else where


def read_hosts(settings: RedisSettings) -> list[Host]:
    """The shards of a layer, in order. Raises SettingsError."""
    given = settings.hosts
    entries = [given] if isinstance(given, str | dict) else list(given)
    if not entries:
        raise SettingsError("hosts", f"got none; {FORMS}")
    return [_completed(_read(entry), settings) for entry in entries]


def hosts_of_url(url: LayerUrl) -> list[Host]:
    """A host for each address; for Sentinel and Cluster all addresses are of one."""
    if url.scheme not in SCHEMES:
        expected = f"expected one of {', '.join(SCHEMES)}, unix"
        raise SettingsError("hosts", f"got the scheme {url.scheme!r}; {expected}")
    kind = url.scheme.partition("+")[2]
    addresses = [(name, port or (SENTINEL_PORT if kind == "sentinel" else PORT)) for name, port in url.hosts]
    addresses = addresses or [("127.0.0.1", SENTINEL_PORT if kind == "sentinel" else PORT)]
    path = url.path.strip("/")
    master, _, path = path.partition("/") if kind == "sentinel" else ("", "", path)
    if kind == "sentinel" and not master:
        raise SettingsError("url", "got no master's name; expected redis+sentinel://host:26379/name/0")
    common = Host(
        addresses[0],
        _database(path or "0"),
        url.username or "",
        url.password or "",
        Tls() if url.scheme in TLS_SCHEMES else None,
        master=master,
        is_cluster=kind == "cluster",
    )
    if kind:
        return [replace(common, others=tuple(addresses[1:]))]
    return [replace(common, address=address) for address in addresses]


def _completed(host: Host, settings: RedisSettings) -> Host:
    """With the settings of the layer for TLS, where the host has none of its own."""
    if host.tls != Tls():
        return host
    files = settings.ca_file, settings.cert_file, settings.key_file
    return replace(host, tls=Tls(*files, settings.verify, settings.verify))


def _read(entry: object) -> Host:
    if isinstance(entry, Host):
        return entry
    if isinstance(entry, str):
        return _of_url(entry)
    if isinstance(entry, dict):
        return _of_dict(entry)
    return Host(_pair(entry))


def _of_url(text: str) -> Host:
    try:
        url = parse_url(text)
    except SettingsError as error:
        raise SettingsError("hosts", error.problem) from None
    database = url.parameters.get("db")
    if extra := url.parameters.keys() - {"db"}:
        raise SettingsError("hosts", f"got the parameter {min(extra)!r} in a URL; expected db alone")
    if url.scheme == "unix":
        return Host(url.path, _database(database or "0"), url.username or "", url.password or "")
    hosts = hosts_of_url(url)
    if len(hosts) > 1:
        raise SettingsError("hosts", "got several addresses in one URL; give a list of URLs")
    return replace(hosts[0], database=_database(database)) if database is not None else hosts[0]


def _of_dict(entry: dict[str, Any]) -> Host:
    for key in entry.keys() - KNOWN_KEYS:
        raise SettingsError("hosts", f"got the key {key!r}; expected {', '.join(sorted(KNOWN_KEYS))}")
    host = _place(entry)
    changes: dict[str, Any] = {key: entry[key] for key in ("username", "password") if entry.get(key)}
    if "db" in entry:
        changes["database"] = _database(str(entry["db"]))
    if entry.get("ssl") or entry.keys() & TLS_KEYS or host.tls is not None:
        changes["tls"] = _tls(entry)
    return replace(host, **changes)


def _place(entry: dict[str, Any]) -> Host:
    if "sentinels" in entry:
        return _by_sentinels(entry)
    if "address" in entry:
        return _read(entry["address"])
    if "unix_socket_path" in entry:
        return Host(str(entry["unix_socket_path"]))
    if "host" in entry:
        return Host(_pair((entry["host"], entry.get("port", PORT))))
    raise SettingsError("hosts", f"got a dict without an address; {FORMS}")


def _by_sentinels(entry: dict[str, Any]) -> Host:
    sentinels = [_pair(each) for each in entry["sentinels"]]
    if not sentinels or not entry.get("master_name"):
        raise SettingsError("hosts", "got no sentinels, or no name; expected sentinels and master_name")
    access = entry.get("sentinel_kwargs") or {}
    return Host(
        sentinels[0],
        others=tuple(sentinels[1:]),
        master=str(entry["master_name"]),
        sentinel_username=access.get("username") or "",
        sentinel_password=access.get("password") or "",
    )


def _tls(entry: dict[str, Any]) -> Tls:
    verify = entry.get("ssl_cert_reqs", "required") not in {None, "none", ssl.CERT_NONE}
    return Tls(
        entry.get("ssl_ca_certs") or "",
        entry.get("ssl_certfile") or "",
        entry.get("ssl_keyfile") or "",
        verify,
        verify and entry.get("ssl_check_hostname", True),
    )


def _pair(entry: object) -> Address:
    if isinstance(entry, tuple | list) and len(entry) == 2:
        name, port = entry
        if isinstance(name, str) and isinstance(port, int) and 0 < port < 65536:
            return name, port
    raise SettingsError("hosts", f"got {type(entry).__name__}, which cannot be read; {FORMS}")


def _database(text: str) -> int:
    if text.isascii() and text.isdecimal():
        return int(text)
    raise SettingsError("hosts", f"got the database {text!r}; expected a number")
