"""Clients that are answered before there is an exchange: what they sent is no request, or came too slowly, or
there is no room. That such a thing happens shows in the access log; why, in the server's log at level debug.
"""

from typing import Any

from penstock.bridge.facts import ConnectionFacts
from penstock.bridge.scope import http_scope, websocket_scope
from penstock.bridge.service import Service
from penstock.engine.request import RequestHead

UNKNOWN: dict[str, Any] = {"method": None, "headers": []}  # what the log cannot show, it leaves out


def record_refusal(
    service: Service,
    facts: ConnectionFacts,
    status: int,
    body_bytes: int = 0,
    head: RequestHead | None = None,
) -> None:
    """`head` is what is known of the request, if anything is."""
    if service.access_log is None:
        return
    scope = {"client": facts.client, "scheme": facts.scheme, **UNKNOWN}
    if head is not None:
        if head.upgrade == b"websocket":
            scope = websocket_scope(head, [], facts, service)
        else:
            scope = http_scope(head, facts, service)
    service.access_log.record(scope, status, [], body_bytes, 0.0)
