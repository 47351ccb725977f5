"""What is wrong with a scope or a message of the ASGI server, in a sentence.

Whoever reads them checks only what would pass in a wrong type without a word, and trips over the rest; this
module then looks for the key that is to blame. A request in good order so pays for next to nothing.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from penstock.adapters.shown import shown
from penstock.base.errors import LocalProtocolError

# What reading a scope or a message raises where it is not as the ASGI HTTP specification has it.
FAULTS = (AttributeError, LookupError, TypeError, ValueError)
REQUIRED = ("type", "method", "path", "query_string", "headers")
KINDS: dict[str, type] = {
    "method": str,
    "path": str,
    "query_string": bytes,
    "scheme": str,
    "http_version": str,
    "root_path": str,
    "asgi": dict,
}
TEXTS = ("path", "root_path")  # decoded from UTF-8, and encoded again for the application
PAIR = "expected a pair of a str and an int"


def scope_fault(scope: Any, error: Exception) -> LocalProtocolError:
    """For the ASGI server, which answers it with a 500. `error` is what reading the scope has raised."""
    for sentence in _scope_faults(scope):
        return LocalProtocolError(f"the scope of the ASGI server {sentence}")
    return LocalProtocolError(f"the scope of the ASGI server cannot be read: {error!r}")


def message_fault(message: Any) -> LocalProtocolError:
    """For a message of `receive` that is no part of a request's body, and not its client's departure."""
    return LocalProtocolError(f"the ASGI server's `receive` returned {_message_fault(message)}")


def check_message(message: Any, *kinds: str) -> None:
    """Raises LocalProtocolError for a message of `receive` that is none of these."""
    kind = message.get("type") if isinstance(message, dict) else None
    if kind not in kinds:
        came = f"a message of type {shown(kind)}" if isinstance(message, dict) else shown(message)
        raise LocalProtocolError(
            f"the ASGI server's `receive` returned {came}; expected {' or '.join(kinds)}"
        )


def _scope_faults(scope: Any) -> Iterator[str]:
    if not isinstance(scope, dict):
        yield f"is {shown(scope)}; expected a dict"
        return
    for key in REQUIRED:
        if key not in scope:
            yield f"has no {key}; expected one"
    for key, kind in KINDS.items():
        if key in scope and not isinstance(scope[key], kind):
            yield f"has {shown(scope[key])} as {key}; expected {kind.__name__}"
    yield from _path_faults(scope)
    yield from _field_faults(scope["headers"])
    yield from _address_faults(scope)
    if not isinstance(scope.get("extensions"), dict | None):
        yield f"has {shown(scope['extensions'])} as extensions; expected a dict or None"
    version = scope.get("asgi", {}).get("spec_version", "2.0")
    if not isinstance(version, str) or not version.replace(".", "").isdecimal():
        yield f"has {shown(version)} as the spec_version in asgi; expected a str like '2.5'"


def _path_faults(scope: dict[str, Any]) -> Iterator[str]:
    raw_path = scope.get("raw_path")
    if not isinstance(raw_path, bytes | None):
        yield f"has {shown(raw_path)} as raw_path; expected bytes or None"
    for key in TEXTS:
        try:
            scope.get(key, "").encode("utf-8", "surrogateescape")
        except UnicodeEncodeError:
            yield f"has {shown(scope[key])} as {key}; expected text that was decoded from UTF-8"


def _field_faults(fields: Any) -> Iterator[str]:
    """An iterator that was read already tells nothing any more."""
    if not isinstance(fields, Iterable):
        yield f"has {shown(fields)} as headers; expected an iterable of pairs of bytes"
        return
    for field in fields:
        if not isinstance(field, list | tuple) or len(field) != 2:
            yield f"has {shown(field)} among the headers; expected a pair of bytes"
        elif not isinstance(field[0], bytes):
            yield f"has {shown(field[0])} as the name of a header; expected bytes"
        elif not isinstance(field[1], bytes):
            yield f"has {shown(field[1])} as the value of the header {field[0]!r}; expected bytes"


def _address_faults(scope: dict[str, Any]) -> Iterator[str]:
    client, server = scope.get("client"), scope.get("server")
    if client and not _is_address(client, int):
        yield f"has {shown(client)} as client; {PAIR}, or None"
    if server and not _is_address(server, int | None):
        yield f"has {shown(server)} as server; {PAIR}, which is None for a Unix socket, or None"


def _is_address(address: Any, port: Any) -> bool:
    return (
        isinstance(address, list | tuple)
        and len(address) >= 2
        and isinstance(address[0], str)
        and isinstance(address[1], port)
        and not isinstance(address[1], bool)
    )


def _message_fault(message: Any) -> str:
    if not isinstance(message, dict):
        return f"{shown(message)}; expected a dict"
    if "type" not in message:
        return f"{shown(message)}; expected a type in it"
    if message["type"] != "http.request":
        return f"a message of type {shown(message['type'])}; expected http.request or http.disconnect"
    if not isinstance(message.get("body", b""), bytes):
        return f"an http.request with {shown(message['body'])} as body; expected bytes"
    return f"an http.request with {shown(message.get('more_body'))} as more_body; expected bool"
