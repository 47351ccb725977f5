"""Where to listen, as a user writes it: the text of one `--bind` becomes one `Bind`.

    host:port   [::1]:port   :port   host   unix:/path.sock   fd://N

A name may stand for several addresses; they are looked up when the sockets are opened. An empty host
means every interface, in IPv4 and IPv6.
"""

import os
from dataclasses import dataclass

from penstock.base.errors import SettingsError

DEFAULT_PORT = 8000
EXPECTED = "host:port, [ipv6]:port, :port, host, unix:/path or fd://number"


@dataclass(frozen=True, slots=True)
class TcpBind:
    """`host` is a name, an address without brackets, or "" for all interfaces; `port` 0 takes a free one."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class UnixBind:
    """`path` is absolute, so that a later change of the working directory does not move it."""

    path: str

    def __str__(self) -> str:
        return f"unix:{self.path}"


@dataclass(frozen=True, slots=True)
class DescriptorBind:
    """`number` is that of a listening socket which the process inherited, as systemd hands over."""

    number: int

    def __str__(self) -> str:
        return f"fd://{self.number}"


Bind = TcpBind | UnixBind | DescriptorBind


def parse_bind(text: str) -> Bind:
    """Read one `--bind`; a SettingsError says what came and what is expected."""
    if text.startswith("unix:"):
        return _parse_unix(text, text.removeprefix("unix:"))
    if text.startswith("fd://"):
        return _parse_descriptor(text, text.removeprefix("fd://"))
    if text.startswith("["):
        return _parse_bracketed(text)
    return _parse_host_and_port(text)


def _parse_unix(text: str, path: str) -> UnixBind:
    if not path or "\0" in path:
        raise _refusal(text, "no path follows unix:")
    return UnixBind(os.path.abspath(path))


def _parse_descriptor(text: str, digits: str) -> DescriptorBind:
    number = _maybe_number(digits, highest=2**31 - 1)
    if number is None:
        raise _refusal(text, "no descriptor number follows fd://")
    return DescriptorBind(number)


def _parse_bracketed(text: str) -> TcpBind:
    host, bracket, rest = text[1:].partition("]")
    if not bracket or ":" not in host:
        raise _refusal(text, "an IPv6 address belongs between the brackets")
    if not rest:
        return TcpBind(host, DEFAULT_PORT)
    if not rest.startswith(":"):
        raise _refusal(text, "only a port may follow the brackets")
    return TcpBind(host, _parse_port(text, rest[1:]))


def _parse_host_and_port(text: str) -> TcpBind:
    host, colon, digits = text.partition(":")
    if not text or any(character in "/\\" or not "!" <= character <= "~" for character in text):
        raise _refusal(text, "it is not a host")
    if ":" in digits:
        raise _refusal(text, "an IPv6 address is written in brackets")
    if text.isdigit():
        raise _refusal(text, f"a port alone is written :{text}")
    return TcpBind(host, _parse_port(text, digits) if colon else DEFAULT_PORT)


def _parse_port(text: str, digits: str) -> int:
    port = _maybe_number(digits, highest=65535)
    if port is None:
        raise _refusal(text, "the port is a number from 0 to 65535")
    return port


def _maybe_number(digits: str, highest: int) -> int | None:
    """Digits only: int() would also take signs, spaces, underscores and the digits of other scripts."""
    if not digits.isascii() or not digits.isdigit() or len(digits) > 10 or int(digits) > highest:
        return None
    return int(digits)


def _refusal(text: str, problem: str) -> SettingsError:
    return SettingsError("bind", f"{text!r} cannot be used: {problem}; expected {EXPECTED}")
