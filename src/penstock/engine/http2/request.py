"""A request out of its fields (RFC 9113 sections 8.2 and 8.3).

What the RFC calls malformed is a stream error: others on the way might read it in two ways. What is well
formed and cannot be served (a path that is too long, a method that is unknown) is answered with a status, as
in HTTP/1.1, whose rules for targets, hosts and lengths are the same.
"""

from penstock.base.asgi import Fields
from penstock.base.errors import RemoteProtocolError
from penstock.base.limits import Limits
from penstock.engine import octets
from penstock.engine.fields import FORBIDDEN_IN_TRAILERS, has_member, read_length
from penstock.engine.http2 import codes
from penstock.engine.http2.faults import StreamBroken
from penstock.engine.http2.priorities import parse_priority
from penstock.engine.http2.stream import Stream
from penstock.engine.request import RequestHead
from penstock.engine.target import Target, check_host, parse_target

_MAX_METHOD_BYTES = 32  # longer than any in the registry of methods
_NO_LIMIT = 1 << 62

_COLON = 58
_SPACE = 32
_TAB = 9
_SLASH = 47
_NO_TARGET = Target()
_NO_FIELDS: Fields = []
_METHODS = {
    name.encode(): name for name in ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "CONNECT")
}

# The fields acted on. One bit for each length tells that a field is none of them.
_HOST = 1
_COOKIE = 2
_LENGTH = 3
_TE = 4
_EXPECT = 5
_PRIORITY = 6
_FORBIDDEN = 7
_ACTED_ON = {
    b"host": _HOST,
    b"cookie": _COOKIE,
    b"content-length": _LENGTH,
    b"te": _TE,
    b"expect": _EXPECT,
    b"priority": _PRIORITY,
    b"connection": _FORBIDDEN,
    b"keep-alive": _FORBIDDEN,
    b"proxy-connection": _FORBIDDEN,
    b"transfer-encoding": _FORBIDDEN,
    b"upgrade": _FORBIDDEN,
}
_LONGEST = 30
_ACTED_ON_LENGTHS = sum({1 << len(name) for name in _ACTED_ON})


class RequestBuilder:
    """Builds one head after another. What the requests of a connection have in common (host, path) is not
    looked at twice in a row.
    """

    __slots__ = (
        "_authority",
        "_cookie_at",
        "_fields",
        "_good_host",
        "_has_expectation",
        "_host",
        "_last_path",
        "_max_body_bytes",
        "_max_target_bytes",
        "_method",
        "_path",
        "_protocol",
        "_scheme",
        "_stream",
        "_target",
    )

    def __init__(self, limits: Limits) -> None:
        self._max_target_bytes = limits.max_target_bytes
        self._max_body_bytes = _NO_LIMIT if limits.max_body_bytes is None else limits.max_body_bytes
        self._good_host: tuple[bytes, bytes] = (b"host", b" ")  # no host yet
        self._last_path = b""
        self._target = _NO_TARGET
        self._stream: Stream | None = None
        self._fields = _NO_FIELDS
        self._forget()

    def build(self, stream: Stream, fields: Fields, ends: bool) -> RequestHead:
        """The head; `ends` when no body follows. What concerns the stream is noted there."""
        self._forget()
        self._stream = stream
        for field in fields:
            self._read(field, field[0], field[1])
        method = self._method_name()
        if method == "CONNECT":
            self._check_connect()
        self._settle_host()
        self._settle_length(ends)
        self._settle_path(method)
        head = self._head(method, ends)
        self._note_request(stream, method, ends)
        self._fields = _NO_FIELDS  # an idle connection does not hold on to its last request
        self._stream = None
        return head

    def _forget(self) -> None:
        self._fields = []
        self._method: bytes | None = None
        self._path: bytes | None = None
        self._scheme: bytes | None = None
        self._authority: bytes | None = None
        self._protocol: bytes | None = None
        self._host: bytes | None = None
        self._cookie_at = -1
        self._has_expectation = False
        self._stream = None

    def _read(self, field: tuple[bytes, bytes], name: bytes, value: bytes) -> None:
        size = len(name)
        if size > 0 and name[0] == _COLON:
            self._read_pseudo(name, value)
            return
        check_field(name, value)
        if size >= _LONGEST or not (_ACTED_ON_LENGTHS >> size) & 1 or self._passes(name, value):
            self._fields.append(field)

    def _read_pseudo(self, name: bytes, value: bytes) -> None:
        if self._fields or self._host is not None:
            raise malformed("a pseudo field behind a field (section 8.3)")
        if name == b":method" and self._method is None:
            self._method = value
        elif name == b":path" and self._path is None:
            self._path = value
        elif name == b":scheme" and self._scheme is None:
            self._scheme = value
        elif name == b":authority" and self._authority is None:
            self._authority = value
        elif name == b":protocol" and self._protocol is None:
            self._protocol = value
        else:
            raise malformed(f"{name[:20]!r} is unknown or comes twice (section 8.3)")

    def _passes(self, name: bytes, value: bytes) -> bool:
        """Act on a field; False for one that is not passed on as it came."""
        kind = _ACTED_ON.get(name, 0)
        if kind == _HOST:
            if self._host is not None:
                raise malformed("more than one host field")
            self._host = value
            return False
        if kind == _COOKIE:
            return self._joins_no_cookie(value)
        if kind == _LENGTH:
            self._note_length(value)
        elif kind == _EXPECT:
            self._has_expectation = True
            if value.lower() != b"100-continue":
                raise RemoteProtocolError("only the expectation 100-continue can be met", 417)
        elif kind == _TE:
            if not has_member(value, b"trailers") or b"," in value:
                raise malformed("te is not trailers (section 8.2.2)")
            self._noted().wants_trailers = True
        elif kind == _PRIORITY:
            self._noted().priority = parse_priority(value)
        elif kind == _FORBIDDEN:
            raise malformed(f"{name.decode()} belongs to HTTP/1.1 (section 8.2.2)")
        return True

    def _joins_no_cookie(self, value: bytes) -> bool:
        """Crumbs become one field where the first was, as ASGI wants it (section 8.2.3)."""
        if self._cookie_at < 0:
            self._cookie_at = len(self._fields)
            return True
        name, before = self._fields[self._cookie_at]
        self._fields[self._cookie_at] = (name, before + b"; " + value)
        return False

    def _note_length(self, value: bytes) -> None:
        stream = self._noted()
        if stream.untold_rest >= 0:
            raise malformed("more than one content-length")
        stream.untold_rest = read_length(value)
        if stream.untold_rest < 0:
            raise malformed("content-length is not one number of at most 18 digits")

    def _noted(self) -> Stream:
        stream = self._stream
        if stream is None:
            raise malformed("a field without a stream")
        return stream

    def _method_name(self) -> str:
        method = self._method
        if method is None:
            raise malformed("no :method (section 8.3.1)")
        name = _METHODS.get(method)
        if name is not None:
            return name
        if not octets.is_token(method, 0, len(method)):
            raise malformed(":method is no token")
        if len(method) > _MAX_METHOD_BYTES:
            raise RemoteProtocolError(f"the method is longer than {_MAX_METHOD_BYTES} bytes", 501)
        return method.decode("ascii").upper()

    def _check_connect(self) -> None:
        """Section 8.5, and RFC 8441 section 4 for the one that has a :protocol."""
        if self._protocol is not None:
            if self._protocol != b"websocket":
                raise RemoteProtocolError("of protocols over CONNECT only websocket is spoken here", 501)
            return
        if self._path is not None or self._scheme is not None or self._authority is None:
            raise malformed("CONNECT has a :path or a :scheme, or no :authority (section 8.5)")
        host, _, port = self._authority.rpartition(b":")
        if not (host and port.isdigit()):
            raise RemoteProtocolError("CONNECT wants a host and a port as its :authority", 400)
        check_host(self._authority)
        raise RemoteProtocolError("this server makes no tunnels", 501)

    def _settle_host(self) -> None:
        """The authority is the first field, as `host`."""
        authority = self._authority
        if authority is None:
            if self._host is None:
                raise RemoteProtocolError("the request has neither :authority nor host", 400)
            authority = self._host
        elif self._host is not None and self._host.lower() != authority.lower():
            raise malformed("host differs from :authority (section 8.3.1)")
        if authority != self._good_host[1]:
            check_host(authority)
            self._good_host = (b"host", authority)
        self._fields.insert(0, self._good_host)
        if self._cookie_at >= 0:
            self._cookie_at += 1

    def _settle_length(self, ends: bool) -> None:
        rest = self._noted().untold_rest
        if ends and rest > 0:
            raise malformed("content-length tells of a body, and there is none (section 8.1.1)")
        if rest > self._max_body_bytes:
            raise RemoteProtocolError(f"the body is longer than {self._max_body_bytes} bytes", 413)

    def _settle_path(self, method: str) -> None:
        path, scheme = self._path, self._scheme
        if path is None or scheme is None or len(path) == 0:
            raise malformed("no :path or no :scheme (section 8.3.1)")
        if scheme != b"http" and scheme != b"https":  # noqa: PLR1714 compiled, a tuple costs more
            raise RemoteProtocolError("the request has another :scheme than http and https", 400)
        if self._protocol is not None and method != "CONNECT":
            raise malformed(":protocol is for CONNECT only (RFC 8441 section 4)")
        if path == self._last_path and path[0] == _SLASH:
            return
        size = len(path)
        if size > self._max_target_bytes:
            raise RemoteProtocolError(
                f"the request target is longer than {self._max_target_bytes} bytes", 414
            )
        if path[0] != _SLASH and (path != b"*" or method != "OPTIONS"):
            raise malformed(":path does not begin with a slash (section 8.3.1)")
        if octets.target_end(path, 0, size) != size:
            raise RemoteProtocolError("the request target holds an octet that has to be escaped", 400)
        self._target = parse_target(path, 0, size, method == "OPTIONS")
        self._last_path = path

    def _head(self, method: str, ends: bool) -> RequestHead:
        target = self._target
        head = RequestHead.__new__(RequestHead)
        head.method = method
        head.raw_path = target.raw_path
        head.path = target.path
        head.query_string = target.query_string
        head.http_version = "2"
        head.fields = self._fields
        head.upgrade = b"" if self._protocol is None else self._protocol
        head.body_follows = not ends
        head.wants_trailers = self._noted().wants_trailers
        return head

    def _note_request(self, stream: Stream, method: str, ends: bool) -> None:
        stream.is_head = method == "HEAD"
        stream.is_tunnel = self._protocol is not None
        stream.expects_continue = self._has_expectation and not ends
        stream.scheme = self._scheme or b""
        stream.authority = self._good_host[1]


def check_trailers(fields: Fields) -> None:
    """StreamBroken when they are malformed (section 8.1)."""
    for name, value in fields:
        check_field(name, value)
        if name in FORBIDDEN_IN_TRAILERS:
            raise malformed(f"{name.decode()} has no place in a trailer section")


def check_field(name: bytes, value: bytes) -> None:
    """A field that is no pseudo field (section 8.2.1)."""
    if not octets.is_lower_token(name, 0, len(name)):
        raise malformed("a field name is no token in lower case (section 8.2.1)")
    size = len(value)
    if octets.find_control(value, 0, size) >= 0:
        raise malformed("a field value holds a control character (section 8.2.1)")
    if size > 0 and (_is_blank(value[0]) or _is_blank(value[size - 1])):
        raise malformed("a field value begins or ends with white space (section 8.2.1)")


def malformed(reason: str) -> StreamBroken:
    return StreamBroken(f"malformed: {reason}", codes.PROTOCOL_ERROR)


def _is_blank(octet: int) -> bool:
    return octet in (_SPACE, _TAB)
