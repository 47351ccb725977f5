"""The scope of a request, made of a WSGI environ (PEP 3333, ASGI HTTP 2.5).

WSGI's strings are latin-1 views of bytes. A path that is not UTF-8 has replacement characters in `path`, and
its bytes in `raw_path`; the path as the client sent it is taken from the server where it tells it, and built
anew where it does not, or where the server has rewritten the path.
"""

from functools import lru_cache
from typing import Any
from urllib.parse import quote_from_bytes, unquote_to_bytes

from penstock.base.asgi import ASGI_VERSION, SPEC_VERSION, Fields

Environ = dict[str, Any]
TARGET_KEYS = ("REQUEST_URI", "RAW_URI")  # mod_wsgi, uWSGI, waitress and gunicorn; gunicorn
UNQUOTED = "/!$&'()*+,;=:@-._~"  # RFC 3986 section 3.3, pchar and the slash
VERSIONS: dict[Any, str] = {
    "HTTP/1.0": "1.0",
    "HTTP/1.1": "1.1",
    "HTTP/2": "2",
    "HTTP/2.0": "2",
    "HTTP/3": "3",
    "HTTP/3.0": "3",
}

KNOWN = 512  # addresses; a keep-alive connection asks for its own again and again
PREFIX = "HTTP_"
DROPPED = frozenset(("HTTP_CONTENT_TYPE", "HTTP_CONTENT_LENGTH"))
# Names that most requests have; the others are made each time, so that a peer cannot fill a table.
COMMON = (
    "accept accept-charset accept-encoding accept-language authorization cache-control connection cookie dnt "
    "expect forwarded host if-match if-modified-since if-none-match if-range if-unmodified-since keep-alive "
    "origin pragma priority range referer sec-ch-ua sec-ch-ua-mobile sec-ch-ua-platform sec-fetch-dest "
    "sec-fetch-mode sec-fetch-site sec-fetch-user te upgrade upgrade-insecure-requests user-agent via "
    "x-csrftoken x-forwarded-for x-forwarded-host x-forwarded-port x-forwarded-proto x-real-ip x-request-id "
    "x-requested-with"
)
NAMES = {PREFIX + name.upper().replace("-", "_"): name.encode() for name in COMMON.split()}


def http_scope(environ: Environ) -> dict[str, Any]:
    """Without the lifespan's state. Raises one of `environ_faults.FAULTS` for what is no environ."""
    root = environ.get("SCRIPT_NAME", "")
    path = (root + environ.get("PATH_INFO", "")).encode("latin-1")
    return {
        "type": "http",
        "asgi": {"version": ASGI_VERSION, "spec_version": SPEC_VERSION},
        "http_version": VERSIONS.get(environ.get("SERVER_PROTOCOL")) or _other_version(environ),
        "method": str.upper(environ["REQUEST_METHOD"]),  # raises for bytes, which have an `upper` as well
        "scheme": str.lower(environ.get("wsgi.url_scheme") or "http"),
        "path": path.decode("utf-8", "replace"),
        "raw_path": _raw_path(environ, path),
        "query_string": environ.get("QUERY_STRING", "").encode("latin-1"),
        "root_path": root and root.encode("latin-1").decode("utf-8", "replace"),
        "headers": _fields(environ),
        # No client behind a Unix socket. Not every server tells its port; 0 stands for an unknown one.
        "client": _address(environ.get("REMOTE_ADDR"), environ.get("REMOTE_PORT"), 0),
        "server": _address(environ.get("SERVER_NAME"), environ.get("SERVER_PORT"), None),
        "extensions": {},
    }


def is_websocket(environ: Environ) -> bool:
    """Whether the client asks for a WebSocket, which WSGI has no way to give."""
    return str.lower(environ.get("HTTP_UPGRADE", "")) == "websocket"


def _other_version(environ: Environ) -> str:
    if not isinstance(environ.get("SERVER_PROTOCOL", ""), str):
        raise TypeError(environ["SERVER_PROTOCOL"])
    return "1.1"


def _fields(environ: Environ) -> Fields:
    """Content type and length have keys of their own; under `HTTP_` they come from names with underscores,
    which would smuggle.
    """
    found = [
        (NAMES[key] if key in NAMES else _name(key), environ[key].encode("latin-1"))
        for key in environ
        if key.startswith(PREFIX) and key not in DROPPED
    ]
    if environ.get("CONTENT_TYPE"):
        found.append((b"content-type", environ["CONTENT_TYPE"].encode("latin-1")))
    if environ.get("CONTENT_LENGTH"):
        found.append((b"content-length", str(environ["CONTENT_LENGTH"]).encode("latin-1")))
    return found


def _name(key: str) -> bytes:
    return key[len(PREFIX) :].lower().replace("_", "-").encode("latin-1")


def _raw_path(environ: Environ, path: bytes) -> bytes:
    for key in TARGET_KEYS:
        if key in environ:
            raw_path = _path_of(environ[key].encode("latin-1", "replace"))
            if raw_path == path or (b"%" in raw_path and unquote_to_bytes(raw_path) == path):
                return raw_path
    return quote_from_bytes(path, UNQUOTED).encode("ascii")


def _path_of(target: bytes) -> bytes:
    """A target's path; the absolute form, `http://host/path`, is meant for proxies and allowed everywhere."""
    path = target.partition(b"?")[0]
    if path[:1] == b"/":
        return path
    slash = path.find(b"/", path.find(b"://") + 3)
    return path[slash:] if slash >= 0 else b""


@lru_cache(KNOWN)
def _address(host: object, port: object, unknown: int | None) -> tuple[str, int | None] | None:
    """Kept, since a connection has many requests. Some servers tell ports as numbers."""
    if not host:
        return None
    if not isinstance(host, str):
        raise TypeError(host)
    text = str(port)
    return host, int(text) if text.isdecimal() else unknown
