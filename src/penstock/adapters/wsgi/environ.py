"""The environ of a request (PEP 3333), from its scope.

Text is what PEP 3333 calls native strings: bytes of the request, each as the character of that number.
The path arrives decoded from UTF-8 and is encoded again; the query string and the fields were never
decoded.
"""

from typing import Any
from urllib.parse import unquote_to_bytes

from penstock.adapters.wsgi.scope_faults import FAULTS, scope_fault
from penstock.base.asgi import Fields, Scope
from penstock.base.errors import RemoteProtocolError

PORTS = {"http": "80", "https": "443"}
PROTOCOLS = {version: f"HTTP/{version}" for version in ("1.0", "1.1", "2")}

# What every environ has. Copied with the constants, these need not make it grow key by key.
CGI = "REQUEST_METHOD SCRIPT_NAME PATH_INFO QUERY_STRING SERVER_PROTOCOL SERVER_NAME SERVER_PORT REMOTE_ADDR"
PLACES = dict.fromkeys([*CGI.split(), "wsgi.url_scheme", "wsgi.input", "asgi.scope"])
UNDECODABLE = "\ufffd"  # what servers put for bytes of a path that are no UTF-8

# What has a name of its own in CGI, and may be there once only.
SINGLE = {b"content-type": "CONTENT_TYPE", b"content-length": "CONTENT_LENGTH"}
SINGLE_KEYS = frozenset(SINGLE.values())

# Names that most requests have; the others are made each time, so that a peer cannot fill a table.
COMMON = (
    b"accept accept-charset accept-encoding accept-language authorization cache-control connection "
    b"cookie date dnt expect forwarded from host if-match if-modified-since if-none-match if-range "
    b"if-unmodified-since keep-alive max-forwards origin pragma priority proxy-authorization range "
    b"referer sec-ch-ua sec-ch-ua-mobile sec-ch-ua-platform sec-fetch-dest sec-fetch-mode "
    b"sec-fetch-site sec-fetch-user te trailer upgrade upgrade-insecure-requests user-agent via "
    b"x-forwarded-for x-forwarded-host x-forwarded-port x-forwarded-prefix x-forwarded-proto x-real-ip "
    b"x-request-id x-requested-with x-csrftoken"
)


def _key(name: bytes) -> str:
    return "HTTP_" + name.decode("latin-1").upper().replace("-", "_")


KEYS = {name: _key(name) for name in COMMON.split()} | SINGLE


def build_environ(scope: Scope, constants: dict[str, Any], max_fields: int) -> dict[str, Any]:
    """A new environ, but for `wsgi.input`. `constants`, which hold PLACES, are the same for every request.

    Raises RemoteProtocolError with 431 for more than `max_fields` fields, LocalProtocolError for a scope that
    is none.
    """
    try:
        environ = _environ(_plain(scope), constants, max_fields)
    except FAULTS as error:
        raise scope_fault(scope, error) from error
    environ["asgi.scope"] = scope
    return environ


def _plain(scope: Scope) -> dict[str, Any]:
    """Compiled, a dict is read in a third of the time that whatever behaves like one takes. ASGI has a dict:
    one of a subclass is copied, and another mapping refused.
    """
    if type(scope) is dict:
        return scope
    if not isinstance(scope, dict):
        raise TypeError("a scope is a dict")
    return dict(scope)


def _environ(scope: dict[str, Any], constants: dict[str, Any], max_fields: int) -> dict[str, Any]:
    """What has a method that is used here (`decode`, for one) raises by itself where its type is wrong; the
    rest is checked.
    """
    environ = constants.copy()
    scheme = _text(scope.get("scheme", "http"))
    environ["REQUEST_METHOD"] = _text(scope["method"])
    environ["SCRIPT_NAME"], environ["PATH_INFO"] = _split_path(scope)
    environ["QUERY_STRING"] = scope["query_string"].decode("latin-1")
    version = scope.get("http_version", "1.1")
    environ["SERVER_PROTOCOL"] = PROTOCOLS.get(version) or "HTTP/" + version
    environ["wsgi.url_scheme"] = scheme
    if not isinstance(scope.get("extensions") or {}, dict):
        raise TypeError("extensions is a dict")
    _add_addresses(environ, scope, scheme)
    fields = scope["headers"] if type(scope["headers"]) is list else list(scope["headers"])
    if len(fields) > max_fields:
        raise RemoteProtocolError(f"{len(fields)} fields came; expected no more than {max_fields}", 431)
    _add_fields(environ, fields)
    return environ


def has_body(environ: dict[str, Any], scope: Scope) -> bool:
    """Whether a body may come. The transfer coding is taken off already, and some frameworks would do it
    once more (Bottle): so its field does not stay.
    """
    coding = environ.pop("HTTP_TRANSFER_ENCODING", None)
    length = environ.get("CONTENT_LENGTH")
    if length is not None:
        return bool(length != "0")
    return coding is not None or scope.get("http_version") not in {"1.0", "1.1"}


def _split_path(scope: dict[str, Any]) -> tuple[str, str]:
    """SCRIPT_NAME and PATH_INFO. `root_path` is taken off the path only where a segment ends."""
    path, root = _text(scope["path"]), _text(scope.get("root_path", "")).rstrip("/")
    raw_path = None if scope.get("raw_path") is None else _octets(scope["raw_path"])
    if not root:
        return "", _native_path(path, raw_path)
    if not root.startswith("/"):
        root = "/" + root
    if path == root or path.startswith(root + "/"):
        path = path[len(root) :]
    return _native(root), _native_path(path, raw_path)


def _native_path(path: str, raw_path: bytes | None) -> str:
    if path.isascii():
        return path
    if raw_path and UNDECODABLE in path:
        return _undecoded(path, raw_path)
    return _native(path)


def _undecoded(path: str, raw_path: bytes) -> str:
    """The path from its bytes, if they are those that it was decoded from."""
    original = unquote_to_bytes(raw_path)
    decoded = original.decode("utf-8", "replace")
    if path.endswith(decoded):  # a root path may stand before it that the client did not send
        return _native(path.removesuffix(decoded)) + original.decode("latin-1")
    if decoded.endswith(path):  # or one that the client has sent was taken off
        root = decoded.removesuffix(path).encode("utf-8", "surrogateescape")
        if original.startswith(root):
            return original.removeprefix(root).decode("latin-1")
    return _native(path)


def _native(text: str) -> str:
    return text if text.isascii() else text.encode("utf-8", "surrogateescape").decode("latin-1")


def _add_addresses(environ: dict[str, Any], scope: dict[str, Any], scheme: str) -> None:
    """Unix sockets have no port, and some servers tell no address: CGI wants the keys all the same."""
    server, client = scope.get("server"), scope.get("client")
    if server and server[1] is not None:
        environ["SERVER_NAME"], environ["SERVER_PORT"] = _text(server[0]), _digits(server[1])
    else:
        environ["SERVER_NAME"], environ["SERVER_PORT"] = "localhost", PORTS.get(scheme, "80")
    if client:
        environ["REMOTE_ADDR"], environ["REMOTE_PORT"] = _text(client[0]), _digits(client[1])
    else:
        environ["REMOTE_ADDR"] = ""


def _text(given: Any) -> str:
    """Exactly a str, as PEP 3333 wants and compiled code needs."""
    if type(given) is str:
        return given
    if not isinstance(given, str):
        raise TypeError("expected a str")
    return str.__str__(given)


def _octets(given: Any) -> bytes:
    """Exactly bytes."""
    if type(given) is bytes:
        return given
    if not isinstance(given, bytes):
        raise TypeError("expected bytes")
    return memoryview(given).tobytes()


def _digits(port: Any) -> str:
    if not isinstance(port, int) or isinstance(port, bool):
        raise TypeError("a port is int")
    return str(port)


def _add_fields(environ: dict[str, Any], fields: Fields) -> None:
    """Names with an underscore are dropped: a client could pass them off for those that a proxy has set."""
    repeated: dict[str, list[str]] | None = None
    for given_name, given_value in fields:
        name, value = _octets(given_name), _octets(given_value)
        key, text = KEYS.get(name) or KEYS.get(name.lower()) or _key(name), value.decode("latin-1")
        if key not in environ:
            if b"_" not in name:
                environ[key] = text
        elif b"_" not in name and key not in SINGLE_KEYS:
            repeated = {} if repeated is None else repeated
            repeated.setdefault(key, [environ[key]]).append(text)
    for key, values in (repeated or {}).items():  # joined once: adding one by one would be quadratic
        environ[key] = ("; " if key == "HTTP_COOKIE" else ",").join(values)
