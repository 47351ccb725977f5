"""What is known of a connection before its first request."""

from typing import Any

Extensions = dict[str, dict[str, Any]]


class ConnectionFacts:
    """A record, made once a connection; all its scopes read it and none changes it.

    `client` is host and port, or None on a Unix socket; `server` is host and port, or a Unix socket's path
    and None. `tls` is the ASGI extension of that name, None on a plain connection; `extensions` are those
    that work for each of its requests.
    """

    __slots__ = ("client", "extensions", "scheme", "server", "tls")

    def __init__(
        self,
        *,
        client: tuple[str, int] | None,
        server: tuple[str, int | None] | None,
        scheme: str,
        tls: dict[str, Any] | None,
        extensions: Extensions,
    ) -> None:
        self.client = client
        self.server = server
        self.scheme = scheme
        self.tls = tls
        self.extensions = extensions
