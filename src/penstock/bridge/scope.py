"""Scopes: what an application is told about a connection before the first message (ASGI HTTP and WebSocket
2.5).

Every exchange gets a dictionary of its own, with a list of headers, `state` and `extensions` of its own.
Shared are the objects in `state`, which belong to the application, and what an extension says of itself.
"""

from typing import Any

from penstock.base.asgi import ASGI_VERSION, SPEC_VERSION
from penstock.bridge.facts import ConnectionFacts
from penstock.bridge.service import Service
from penstock.engine.request import RequestHead

REQUEST_TRAILERS = "http.request.trailers"
RESPONSE_TRAILERS = "http.response.trailers"
PUSH = "http.response.push"
PRIORITY = "http.response.priority"
WEBSOCKET_RESPONSE = "websocket.http.response"
VERSIONS = {"version": ASGI_VERSION, "spec_version": SPEC_VERSION}
HTTP_EXTENSIONS: dict[str, dict[str, Any]] = {
    REQUEST_TRAILERS: {},
    "http.response.early_hint": {},
    "http.response.pathsend": {},
    "http.response.zerocopysend": {},
}


def http_extensions(tls: dict[str, Any] | None) -> dict[str, dict[str, Any]]:
    """The extensions that work for every request of a connection."""
    return HTTP_EXTENSIONS if tls is None else HTTP_EXTENSIONS | {"tls": tls}


def http2_facts(facts: ConnectionFacts) -> ConnectionFacts:
    """Those of a connection that turned out to speak HTTP/2."""
    return ConnectionFacts(
        client=facts.client,
        server=facts.server,
        scheme=facts.scheme,
        tls=facts.tls,
        extensions=facts.extensions | {PRIORITY: {}},
    )


def http_scope(head: RequestHead, facts: ConnectionFacts, service: Service) -> dict[str, Any]:
    scope = _request_scope("http", head, facts, service)
    scope["method"] = head.method
    extensions = facts.extensions.copy()
    if head.http_version == "1.0":  # which knows neither interim responses nor trailers
        del extensions["http.response.early_hint"]
        del extensions[REQUEST_TRAILERS]
    elif head.wants_trailers:
        extensions[RESPONSE_TRAILERS] = {}
    scope["extensions"] = extensions
    return scope


def websocket_scope(
    head: RequestHead, subprotocols: list[str], facts: ConnectionFacts, service: Service
) -> dict[str, Any]:
    scope = _request_scope("websocket", head, facts, service)
    scope["scheme"] = "wss" if facts.scheme == "https" else "ws"
    scope["subprotocols"] = subprotocols
    scope["extensions"] = {WEBSOCKET_RESPONSE: {}} | ({} if facts.tls is None else {"tls": facts.tls})
    return scope


def _request_scope(kind: str, head: RequestHead, facts: ConnectionFacts, service: Service) -> dict[str, Any]:
    scope = {
        "type": kind,
        "asgi": VERSIONS.copy(),
        "http_version": head.http_version,
        "scheme": facts.scheme,
        "path": _full_path(service.root_path, head.path) if service.root_path else head.path,
        "raw_path": head.raw_path,
        "query_string": head.query_string,
        "root_path": service.root_path,
        "headers": head.fields,
        "client": facts.client,
        "server": facts.server,
    }
    if service.state is not None:
        scope["state"] = service.state.copy()
    return scope


def _full_path(root_path: str, path: str) -> str:
    """`path` contains `root_path` (ASGI HTTP 2.5): it is put in front where a proxy took it off."""
    if path == root_path or path.startswith(root_path + "/"):
        return path
    return root_path + path
