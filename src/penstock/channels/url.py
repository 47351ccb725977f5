"""The URL of a layer: where it is, and its settings as parameters."""

from dataclasses import dataclass, field
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

from penstock.base.errors import SettingsError


@dataclass(frozen=True, slots=True)
class LayerUrl:
    """`scheme://user:password@hosts/path?parameters`, percent escapes undone.

    `hosts` are the addresses with their ports where given; `parameters` come each once. The password is kept
    out of `repr`: a URL ends up in logs.
    """

    scheme: str
    hosts: tuple[tuple[str, int | None], ...] = ()
    path: str = ""
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    parameters: dict[str, str] = field(default_factory=dict)


def parse_url(text: object) -> LayerUrl:
    """Raises SettingsError, which never shows the password."""
    if not isinstance(text, str) or "://" not in text:
        raise SettingsError(
            "url", "got no URL; expected memory://, local:///run/app.sock or redis://host:6379/0"
        )
    try:
        parts = urlsplit(text)
    except ValueError as error:
        raise SettingsError("url", f"cannot be read: {error}") from None
    if "#" in text:
        problem = "has a #, behind which nothing is read; write %23 where it belongs to a password or a name"
        raise SettingsError("url", problem)
    username, password = _user(parts)
    return LayerUrl(
        parts.scheme,
        tuple(_host(each) for each in parts.netloc.rpartition("@")[2].split(",") if each),
        unquote(parts.path),
        username,
        password,
        _parameters(parts.query),
    )


def _user(parts: SplitResult) -> tuple[str | None, str | None]:
    user, at, _ = parts.netloc.rpartition("@")
    name, colon, password = user.partition(":")
    return (unquote(name) or None) if at else None, unquote(password) if colon else None


def _host(text: str) -> tuple[str, int | None]:
    host, colon, port = text.rpartition(":") if not text.endswith("]") else (text, "", "")
    if not colon:
        return unquote(text.strip("[]")), None
    if not (port.isascii() and port.isdecimal() and len(port) < 6 and 0 < int(port) < 65536):
        raise SettingsError("url", f"got the port {port!r}; expected a number from 1 to 65535")
    return unquote(host.strip("[]")), int(port)


def _parameters(query: str) -> dict[str, str]:
    parameters: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        if name in parameters:
            raise SettingsError(name, "is given twice in the URL; give it once")
        parameters[name] = value
    return parameters
