"""The access log's format: a text with atoms, or `json`, compiled once into a function that builds a line.

An atom is the name of an expression in `ATOMS`. All that a format asks for is put into one lambda: that costs
half of calling a function for each atom, and a line may cost little more than a microsecond. Nothing of the
format becomes code except through `ATOMS` and `repr`.
"""

import difflib
import os
import re
from collections.abc import Callable, Iterator
from typing import Any

from penstock.base.errors import SettingsError
from penstock.server.access_text import (
    MISSING,
    Clock,
    Fields,
    Known,
    client,
    client_host,
    client_port,
    field,
    milliseconds,
    number,
    octets,
    quoted,
    response_field,
    text,
    user,
    word,
)

Scope = dict[str, Any]
Renderer = Callable[[Scope, int, Fields, int, float], str]

JSON = "json"

# What looking into a scope can raise that an application has changed into something else.
SPOILT = (LookupError, TypeError, ValueError, AttributeError)

METHOD = "scope.get('method', 'GET')"  # a WebSocket scope has none, and its handshake is a GET
TARGET = "octets[scope['raw_path']] + ('?' + octets[scope['query_string']] if scope['query_string'] else '')"
PROTOCOL = "'HTTP/' + words[scope['http_version']]"
USER_AGENT = "field(scope['headers'], b'user-agent')"
REFERER = "field(scope['headers'], b'referer')"

ATOMS = {
    "client": "clients[scope['client']]",
    "client_host": "client_hosts[scope['client']]",
    "client_port": "client_ports[scope['client']]",
    "method": f"words[{METHOD}]",
    "path": "octets[scope['raw_path']]",
    "query": "octets[scope['query_string']]",
    "path_and_query": TARGET,
    "http_version": "words[scope['http_version']]",
    "scheme": "words[scope['scheme']]",
    "host": "texts[field(scope['headers'], b'host')]",
    "user": "user(scope)",
    "user_agent": f"texts[{USER_AGENT}]",
    "referer": f"texts[{REFERER}]",
    "status": "numbers[status]",
    "bytes": "numbers[sent]",
    "duration_seconds": "f'{seconds:.6f}'",
    "duration_ms": "milliseconds(seconds)",
    "duration_us": "f'{seconds * 1e6:.0f}'",
    "time": "clock.iso",
    "pid": "pid",
}
ATOMS |= {  # the short names that Apache and gunicorn have made usual
    "h": ATOMS["client_host"],
    "l": repr(MISSING),
    "u": ATOMS["user"],
    "t": "clock.common",
    "r": f"{ATOMS['method']} + ' ' + {TARGET} + ' ' + {PROTOCOL}",
    "m": ATOMS["method"],
    "U": ATOMS["path"],
    "q": ATOMS["query"],
    "H": PROTOCOL,
    "s": ATOMS["status"],
    "B": ATOMS["bytes"],
    "b": f"numbers[sent] if sent else {MISSING!r}",
    "f": ATOMS["referer"],
    "a": ATOMS["user_agent"],
    "T": "f'{seconds:.0f}'",
    "D": ATOMS["duration_us"],
    "M": "f'{seconds * 1e3:.0f}'",
    "L": ATOMS["duration_seconds"],
    "p": "'<' + pid + '>'",
}
JSON_KEYS = {
    "time": "quoted[clock.iso]",
    "client": "quoted[scope['client']]",
    "method": f"quoted[{METHOD}]",
    "path": "quoted[scope['raw_path']]",
    "query": "quoted[scope['query_string']]",
    "http_version": "quoted[scope['http_version']]",
    "status": ATOMS["status"],
    "bytes": ATOMS["bytes"],
    "duration_ms": ATOMS["duration_ms"],
    "user_agent": f"quoted[{USER_AGENT}]",
    "referer": f"quoted[{REFERER}]",
    "scheme": "quoted[scope['scheme']]",
}

# %({name}i)s is a field of the request, %({name}o)s one of the response, %({name}e)s an environment variable.
FIELD_OF = {"i": "texts[field(scope['headers'], {name!r})]", "o": "texts[response_field(fields, {name!r})]"}
FIELD_ATOM = re.compile(r"\{(?P<name>[^{}]+)\}(?P<source>[ioe])")
ATOM = re.compile(r"%(?:(?P<percent>%)|\((?P<name>[^()]*)\)[sd])?")


class LineFormat:
    """`render` builds the line of one exchange; `clock` is its time of day, which the owner keeps right.

    Raises SettingsError for a format that cannot be read.
    """

    def __init__(self, format: str, unix_seconds: float) -> None:
        self.clock = Clock(unix_seconds)
        names = _renderings() | {"clock": self.clock, "pid": str(os.getpid())}
        pieces = _pieces(format)
        self.render: Renderer = _compiled(f"''.join(({', '.join(pieces)},))", names)
        self._each: list[Renderer] = [_compiled(piece, names) for piece in pieces]
        self._missing = "null" if format == JSON else MISSING

    def render_spoilt(self, scope: Scope, status: int, fields: Fields, sent: int, seconds: float) -> str:
        """A line for a scope in which `render` has raised one of SPOILT: what cannot be shown is left out."""
        return "".join(self._shown(each, scope, status, fields, sent, seconds) for each in self._each)

    def _shown(self, render: Renderer, scope: Scope, *rest: Any) -> str:
        try:
            return render(scope, *rest)
        except SPOILT:
            return self._missing


def check_format(format: str) -> None:
    """Raises SettingsError for a format that cannot be read."""
    _pieces(format)


def _renderings() -> dict[str, Any]:
    """The names that the expressions use. Each format has its own, so that two servers share nothing."""
    tables: dict[str, Callable[[Any], str]] = {
        "clients": client,
        "client_hosts": client_host,
        "client_ports": client_port,
        "words": word,
        "octets": octets,
        "texts": text,
        "numbers": number,
        "quoted": quoted,
    }
    known = {name: Known(render) for name, render in tables.items()}
    functions = {"field": field, "response_field": response_field, "user": user, "milliseconds": milliseconds}
    return known | functions


def _compiled(expression: str, names: dict[str, Any]) -> Renderer:
    renderer: Renderer = eval(f"lambda scope, status, fields, sent, seconds: {expression}", names)
    return renderer


def _pieces(format: str) -> list[str]:
    """The expressions whose texts make up a line."""
    if format == JSON:
        return _json_pieces()
    if not format.strip() or any(character < " " and character != "\t" for character in format):
        raise _refusal(f"got {format!r}; expected one line of text with atoms such as %(status)s, or json")
    return [*_atoms_and_literals(format), repr("\n")]


def _json_pieces() -> list[str]:
    pieces: list[str] = []
    for position, (key, expression) in enumerate(JSON_KEYS.items()):
        pieces += [repr(f'{", " if position else "{"}"{key}": '), f"({expression})"]
    return [*pieces, repr("}\n")]


def _atoms_and_literals(format: str) -> Iterator[str]:
    behind = 0
    for found in ATOM.finditer(format):
        if found.start() > behind:
            yield repr(format[behind : found.start()])
        behind = found.end()
        if found["percent"]:
            yield repr("%")
        elif found["name"] is None:
            came = format[found.start() :][:12]
            raise _refusal(f"got {came!r}; expected an atom such as %(status)s, or %% for a percent sign")
        else:
            yield f"({_expression(found['name'])})"
    if behind < len(format):
        yield repr(format[behind:])


def _expression(name: str) -> str:
    if name in ATOMS:
        return ATOMS[name]
    field_atom = FIELD_ATOM.fullmatch(name)
    if field_atom is None or not field_atom["name"].isascii():
        near = difflib.get_close_matches(name, ATOMS, n=1)
        meant = f"did you mean %({near[0]})s?" if near else f"expected one of {', '.join(ATOMS)}"
        raise _refusal(f"got the atom %({name})s, which is not known; {meant}")
    if field_atom["source"] == "e":
        return repr(text(os.environ.get(field_atom["name"])))
    return FIELD_OF[field_atom["source"]].format(name=field_atom["name"].lower().encode("ascii"))


def _refusal(problem: str) -> SettingsError:
    return SettingsError("access_log_format", problem)
