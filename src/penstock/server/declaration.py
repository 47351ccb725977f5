"""What a setting says about itself, and where that is read.

A field of `Settings` or `Limits` is the one place where a setting is written down: name, type, default, unit,
reason. The checks, the command line and docs/options.md read it from here as `Declaration`s: none of them can
say another thing.
"""

import types
from collections.abc import Iterator
from dataclasses import MISSING, dataclass, field, fields
from typing import Any, Literal, Union, get_args, get_origin

BINDING = "Binding"
TLS = "TLS"
APPLICATION = "Application"
RESPONSES = "Responses"
REQUEST_HEADS = "HTTP request heads"
REQUEST_BODIES = "HTTP request bodies"
CONNECTIONS = "Connections and deadlines"
WEBSOCKET = "WebSocket"
HTTP2 = "HTTP/2"
LOGGING = "Logging"
PROCESS = "Process"
WSGI = "WSGI applications"
GROUPS = (
    BINDING,
    APPLICATION,
    TLS,
    RESPONSES,
    LOGGING,
    PROCESS,
    REQUEST_HEADS,
    REQUEST_BODIES,
    CONNECTIONS,
    WEBSOCKET,
    HTTP2,
    WSGI,
)

SHORTEST_SECONDS = 0.001
LARGEST = {"seconds": 1e9, "bytes": 1 << 48}  # the engines count in C integers, which wrap silently
LARGEST_COUNT = (1 << 31) - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """One setting as it is declared; `least` and `most` bound numbers and are both allowed."""

    name: str
    type: Any
    default: Any
    group: str
    unit: str
    help: str
    why: str
    answer: str
    least: float
    most: float
    secret: bool

    @property
    def optional(self) -> bool:
        """`None` is a value of its own: it switches off, or leaves the choice to the server."""
        return type(None) in get_args(self.type)

    @property
    def plain_type(self) -> Any:
        """The type without its `None`: bool, int, float, str, `tuple[str, ...]` or a Literal."""
        if get_origin(self.type) not in {Union, types.UnionType}:
            return self.type
        return next(kind for kind in get_args(self.type) if kind is not type(None))

    @property
    def choices(self) -> tuple[str, ...]:
        return get_args(self.plain_type) if get_origin(self.plain_type) is Literal else ()

    @property
    def repeated(self) -> bool:
        return get_origin(self.plain_type) is tuple

    @property
    def option(self) -> str:
        """Its name on the command line; a repeated one stands once for each value, as `--header` does."""
        word = self.name.removesuffix("s") if self.repeated else self.name
        return "--" + word.replace("_", "-")

    @property
    def variable(self) -> str:
        """The environment variable that stands for the option."""
        return "PENSTOCK_" + self.option.removeprefix("--").replace("-", "_").upper()

    @property
    def default_text(self) -> str:
        """The default as it would be written on the command line."""
        if self.default is None or self.default == ():
            return "auto" if self.plain_type is bool else "none"
        if isinstance(self.default, bool):
            return "on" if self.default else "off"
        if self.default == "":
            return "empty"
        if isinstance(self.default, tuple):
            return " ".join(self.default)
        if self.unit == "octal":
            return f"{self.default:o}"
        return f"{self.default:g}" if isinstance(self.default, float) else str(self.default)

    @property
    def sentence(self) -> str:
        """What it is and why it is as it is, without a full stop."""
        return "; ".join(part for part in (self.help, self.why) if part)


def setting(
    default: Any,
    group: str,
    help: str,
    *,
    why: str = "",
    unit: str = "",
    least: float | None = None,
    most: float | None = None,
    secret: bool = False,
) -> Any:
    """A dataclass field with all that a `Declaration` needs. A secret stays out of `repr` and of messages."""
    metadata = {
        "group": group,
        "help": help,
        "why": why,
        "unit": unit,
        "least": least,
        "most": most,
        "secret": secret,
    }
    return field(default=default, repr=not secret, metadata=metadata)


def declarations(record: type, prefix: str = "") -> Iterator[Declaration]:
    """The settings that the dataclass `record` declares, in its order; a field without `why` is none. Their
    names get the prefix: what is clear in a record of its own has to be so among all settings.
    """
    group = ""
    for each in fields(record):
        if "why" not in each.metadata or each.default is MISSING:
            continue
        name = prefix + each.name
        group = each.metadata.get("group") or FIRST_OF_GROUP.get(name, group)
        yield _declaration(name, each.type, each.default, group, dict(each.metadata))


# `Limits` says where a group of its fields begins only in comments; this says it to the program.
FIRST_OF_GROUP = {
    "max_target_bytes": REQUEST_HEADS,
    "max_body_bytes": REQUEST_BODIES,
    "max_connections": CONNECTIONS,
    "websocket_handshake_seconds": WEBSOCKET,
    "max_concurrent_streams": HTTP2,
    "wsgi_threads": WSGI,
}

# Nought is a sensible value of these: refuse every body, drop nothing, let nobody wait, compress everything.
MAY_BE_ZERO = {
    "max_body_bytes",
    "max_chunk_line_bytes",
    "max_trailer_bytes",
    "max_drain_bytes",
    "max_waiting_requests",
    "deflate_min_bytes",
    "max_continuations",
    "wsgi_max_waiting_requests",
    "wsgi_shutdown_seconds",
}


def _declaration(name: str, kind: Any, default: Any, group: str, metadata: dict[str, Any]) -> Declaration:
    unit = metadata.get("unit") or _unit(name, kind)
    least, most = metadata.get("least"), metadata.get("most")
    return Declaration(
        name=name,
        type=kind,
        default=default,
        group=group,
        unit=unit,
        help=metadata.get("help", ""),
        why=metadata["why"],
        answer=metadata.get("answer", ""),
        least=_least(name, unit) if least is None else least,
        most=LARGEST.get(unit, LARGEST_COUNT) if most is None else most,
        secret=metadata.get("secret", False),
    )


def _unit(name: str, kind: Any) -> str:
    """Names carry their unit as the last word: `head_seconds`, `max_fields`."""
    if name.endswith("_bytes_per_second"):
        return "bytes a second"
    numeric = {int, float} & {kind, *get_args(kind)}
    return name.rpartition("_")[2] if numeric else ""


def _least(name: str, unit: str) -> float:
    if name in MAY_BE_ZERO:
        return 0
    return SHORTEST_SECONDS if unit == "seconds" else 1
