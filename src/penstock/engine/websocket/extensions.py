"""The field Sec-WebSocket-Extensions as it is written (RFC 6455 section 9.1); what an extension means stands
elsewhere.

    permessage-deflate; client_max_window_bits; server_max_window_bits=10, x-other; note="quoted"

Anything that does not match the grammar fails the handshake, so nothing is ever guessed.
"""

import re
from dataclasses import dataclass

from penstock.base.errors import RemoteProtocolError
from penstock.engine import octets

MAX_EXTENSIONS = 64  # browsers offer one or two; each costs us an object
MAX_PARAMETERS = 64

_SPACE = re.compile(rb"[ \t]*+")
_PARAMETER = re.compile(
    rb"[ \t]*+;[ \t]*+([^ \t;,=\"]++)(?:[ \t]*+=[ \t]*+(?:([^ \t;,=\"]++)|\"((?:[^\"\\]|\\.)*+)\"))?+"
)
_ESCAPE = re.compile(rb"\\(.)")


@dataclass(frozen=True, slots=True)
class Extension:
    """One offer. A parameter without a value has None; the order of both is the peer's."""

    name: str
    parameters: tuple[tuple[str, str | None], ...] = ()


def parse_extensions(value: bytes) -> list[Extension]:
    """All offers of the field (several fields joined by commas). `RemoteProtocolError` with 400 when
    malformed."""
    found: list[Extension] = []
    position = 0
    while True:
        position = _after_space(value, position)
        end = octets.token_end(value, position, len(value))
        if end > position:
            if len(found) == MAX_EXTENSIONS:
                raise _malformed()
            name = value[position:end].decode("ascii")
            parameters, end = _parse_parameters(value, end)
            found.append(Extension(name, parameters))
        position = _after_space(value, end)
        if position == len(value) and found:
            return found
        if value[position : position + 1] != b",":
            raise _malformed()
        position += 1


def _parse_parameters(value: bytes, position: int) -> tuple[tuple[tuple[str, str | None], ...], int]:
    parameters: list[tuple[str, str | None]] = []
    while (found := _PARAMETER.match(value, position)) is not None:
        name, plain, quoted = found.groups()
        content = plain if quoted is None else _ESCAPE.sub(rb"\1", quoted)
        if len(parameters) == MAX_PARAMETERS:
            raise _malformed()
        parameters.append((_token(name), None if content is None else _token(content)))
        position = found.end()
    return tuple(parameters), position


def _after_space(value: bytes, position: int) -> int:
    space = _SPACE.match(value, position)
    return position if space is None else space.end()


def _token(value: bytes) -> str:
    """A quoted value, too, has to be a token when its quotes are gone (section 9.1)."""
    if not octets.is_token(value, 0, len(value)):
        raise _malformed()
    return value.decode("ascii")


def _malformed() -> RemoteProtocolError:
    return RemoteProtocolError("sec-websocket-extensions is malformed", 400)
