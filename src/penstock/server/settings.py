"""Every setting of the server, declared once with unit and reason; the protocols' limits are in `Limits`, and
what runs WSGI applications is in `WsgiSettings`.

`Settings` is the frozen record that is passed whole to whoever needs it. It checks itself when it is made:
whoever holds one holds a usable one. The command line and docs/options.md are generated from these
declarations.
"""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal

from penstock.adapters.wsgi.settings import WsgiSettings
from penstock.base.errors import SettingsError
from penstock.base.limits import Limits
from penstock.server.access_format import check_format
from penstock.server.checks import check_root_path, check_tls, checked, parse_field
from penstock.server.declaration import (
    APPLICATION,
    BINDING,
    CONNECTIONS,
    HTTP2,
    LOGGING,
    PROCESS,
    RESPONSES,
    TLS,
    Declaration,
    declarations,
    setting,
)
from penstock.transport.binds import parse_bind

WSGI_PREFIX = "wsgi_"
READABLE_FORMAT = (
    '%(client)s "%(method)s %(path_and_query)s HTTP/%(http_version)s" %(status)s '
    "%(bytes)s B %(duration_ms)s ms"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    bind: tuple[str, ...] = setting(
        ("127.0.0.1:8000",),
        BINDING,
        "an address to listen on: host:port, [::1]:port, unix:/path.sock or fd://N; any number of them",
        why="loopback, so that nobody outside reaches what was not meant for them; port 0 takes a free one",
        unit="address",
    )
    backlog: int = setting(
        2048,
        BINDING,
        "connections that the kernel keeps until they are accepted",
        why="a burst waits instead of being refused; the kernel cuts it to its own limit",
        unit="connections",
    )
    unix_socket_mode: int = setting(
        0o660,
        BINDING,
        "permissions of a Unix socket's file",
        why="the server's user and group; a proxy under another user joins that group, others stay out",
        unit="octal",
        least=0,
        most=0o777,
    )

    interface: Literal["auto", "asgi3", "asgi2", "wsgi"] = setting(
        "auto",
        APPLICATION,
        "what the application is: ASGI 3 (single callable), ASGI 2 (double callable) or WSGI",
        why="found out from the callable; say it where a decorator hides what it takes",
    )
    factory: bool = setting(
        False, APPLICATION, "the target is a function without arguments that returns the application"
    )
    app_dir: str = setting(
        ".",
        APPLICATION,
        "the folder put at the front of the import path",
        why="python -m does the same",
        unit="path",
    )
    lifespan: Literal["auto", "on", "off"] = setting(
        "auto",
        APPLICATION,
        "start-up and shutdown events of the application",
        why="auto goes on without when the application raises at the scope; on makes that an error",
    )
    lifespan_seconds: float | None = setting(
        None,
        APPLICATION,
        "for the application's start-up, and again for its shutdown",
        why="only the application knows how long loading takes",
    )
    root_path: str = setting(
        "",
        APPLICATION,
        "the path that the application is mounted under",
        why="given to it as root_path",
        unit="path",
    )

    certfile: str | None = setting(
        None,
        TLS,
        "the certificate with its chain, and its key unless --keyfile is given; turns TLS on",
        unit="PEM file",
    )
    keyfile: str | None = setting(None, TLS, "the certificate's private key", unit="PEM file")
    keyfile_password: str | None = setting(
        None,
        TLS,
        "opens an encrypted private key",
        why="the environment variable is better: others on the machine can read a command line",
        unit="password",
        secret=True,
    )
    ca_certs: str | None = setting(
        None, TLS, "the authorities that client certificates are checked with", unit="PEM file"
    )
    verify_client: Literal["none", "optional", "required"] = setting(
        "none",
        TLS,
        "whether clients show a certificate",
        why="optional checks one that is shown; both need --ca-certs and are refused without",
    )
    ciphers: str | None = setting(
        None, TLS, "the ciphers for TLS 1.2", why="none leaves Python's own choice", unit="OpenSSL list"
    )

    date_header: bool = setting(
        True, RESPONSES, "send the Date field", why="RFC 9110 section 6.6.1 asks for it"
    )
    server_header: bool = setting(True, RESPONSES, "send the Server field, without a version")
    headers: tuple[str, ...] = setting(
        (),
        RESPONSES,
        "a field added to every response that does not have one of that name; any number of them",
        unit="name: value",
    )

    access_log: bool = setting(
        True, LOGGING, "a line on the standard output for each request when it is complete"
    )
    access_log_format: str = setting(
        READABLE_FORMAT,
        LOGGING,
        "the line as a text with atoms such as %(client)s, or json",
        why="docs/access-log.md lists the atoms",
        unit="format",
    )
    log_level: Literal["critical", "error", "warning", "info", "debug"] = setting(
        "info", LOGGING, "the least important messages of the server that are written"
    )

    uvloop: bool | None = setting(
        None,
        PROCESS,
        "run on uvloop instead of asyncio's own loop",
        why="by default where it is installed: it is the faster one",
    )
    eager_tasks: bool = setting(
        True,
        PROCESS,
        "start the application without a turn of the event loop in between, on Python 3.12 and newer",
        why="a response that waits for nothing is faster; off for an application that relies on the turn",
    )
    drain_seconds: float = setting(
        30.0,
        PROCESS,
        "for requests that run when the server is told to stop",
        why="as long as Kubernetes waits by default; 0 gives them up at once",
        least=0,
    )
    cancel_on_disconnect_seconds: float | None = setting(
        None,
        CONNECTIONS,
        "after which an application is cancelled whose client has gone",
        why="ASGI lets an application finish its work; none never cancels",
        least=0,
    )

    http: Literal["auto", "1", "2"] = setting(
        "auto",
        HTTP2,
        "the version of HTTP: 1 for HTTP/1, 2 for HTTP/2 alone, auto for what the client wants",
        why="on TLS clients choose by ALPN; on plain sockets by how they begin, or by Upgrade: h2c",
    )

    limits: Limits = field(default_factory=Limits)
    wsgi: WsgiSettings = field(default_factory=WsgiSettings)

    def __post_init__(self) -> None:
        if not isinstance(self.limits, Limits):
            raise SettingsError("limits", f"got {self.limits!r}; expected penstock.Limits")
        for each in declarations(Settings):
            object.__setattr__(self, each.name, checked(each, getattr(self, each.name)))
        for each in declarations(Limits):
            checked(each, getattr(self.limits, each.name))
        if not isinstance(self.wsgi, WsgiSettings):
            raise SettingsError("wsgi", f"got {self.wsgi!r}; expected penstock.adapters.WsgiSettings")
        for each in declarations(WsgiSettings, WSGI_PREFIX):
            checked(each, getattr(self.wsgi, each.name.removeprefix(WSGI_PREFIX)))
        self._check_together()

    @classmethod
    def build(cls, **values: Any) -> "Settings":
        """Settings from keywords of `Settings` and `Limits`, and of `WsgiSettings` behind `wsgi_`, as
        `penstock.run` takes them.
        """
        known = {each.name for each in fields(cls)} | all_declarations().keys()
        for name in values.keys() - known:
            raise SettingsError(name, f"is not a setting{_nearest(name, known)}")
        limits = _taken(values, Limits)
        wsgi = _taken(values, WsgiSettings, WSGI_PREFIX)
        settings = cls(**values)
        if not limits and not wsgi:
            return settings
        return replace(
            settings, limits=replace(settings.limits, **limits), wsgi=_wsgi_settings(settings.wsgi, wsgi)
        )

    def default_fields(self) -> tuple[tuple[bytes, bytes], ...]:
        """`headers` as ASGI has them: names lower-cased, values Latin-1."""
        sent = {"date": self.date_header, "server": self.server_header}
        taken = frozenset(name for name, on in sent.items() if on)
        return tuple(parse_field(line, taken) for line in self.headers)

    def _check_together(self) -> None:
        if not self.bind:
            raise SettingsError("bind", "got no address; expected at least one, such as 127.0.0.1:8000")
        for address in self.bind:
            parse_bind(address)
        check_root_path(self.root_path)
        check_tls(self.certfile, self.keyfile, self.ca_certs, self.verify_client, self.ciphers)
        self.default_fields()
        check_format(self.access_log_format)


def all_declarations() -> Mapping[str, Declaration]:
    """Every setting by its name: those of `Settings`, of `Limits`, and of `WsgiSettings`."""
    all_of_them = (
        *declarations(Settings),
        *declarations(Limits),
        *declarations(WsgiSettings, WSGI_PREFIX),
    )
    return {each.name: each for each in all_of_them}


def _taken(values: dict[str, Any], record: type, prefix: str = "") -> dict[str, Any]:
    """Take the values that belong to another record, under their names there."""
    names = [each.name for each in fields(record)]
    return {name: values.pop(prefix + name) for name in names if prefix + name in values}


def _wsgi_settings(settings: WsgiSettings, values: dict[str, Any]) -> WsgiSettings:
    try:
        return replace(settings, **values)
    except SettingsError as error:
        raise SettingsError(WSGI_PREFIX + error.setting, error.problem) from None


def _nearest(name: str, known: set[str]) -> str:
    near = difflib.get_close_matches(name, sorted(known), n=1)
    return f"; did you mean {near[0]}?" if near else "; docs/options.md lists them all"
