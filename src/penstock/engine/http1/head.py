"""The head of a request: a request line and fields (RFC 9112 sections 2 to 5).

Lines are parsed as they complete, so that a head that trickles in costs no more than one that comes whole.
What is wrong is found at the same octet however the head is cut, and every limit is checked before the memory
is taken.
"""

from penstock.base.asgi import Fields
from penstock.base.errors import RemoteProtocolError
from penstock.base.limits import Limits
from penstock.engine import octets
from penstock.engine.http1 import lines
from penstock.engine.http1.field_block import FieldBlock
from penstock.engine.http1.framing import Framing
from penstock.engine.http1.grammar import is_http11, parse_field
from penstock.engine.http1.lines import LineReader
from penstock.engine.request import RequestHead
from penstock.engine.target import Target, check_host, parse_target

_MAX_METHOD_BYTES = 32  # longer than any in the registry of methods

_SPACE = 32
_BESIDE_TARGET = _MAX_METHOD_BYTES + 12  # the method, two spaces, `HTTP/1.1`, CRLF
_NO_TARGET = Target()
_METHODS = {name.encode(): name for name in ("HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH")}


class HeadReader:
    """Reads one head after another. Behind its end `finish` gives the event and `framing` the rest."""

    __slots__ = (
        "_fields",
        "_has_request_line",
        "_lines",
        "_max_fields",
        "_max_head_bytes",
        "_max_target_bytes",
        "_may_skip_line",
        "_method",
        "_remembered",
        "_room",
        "_target",
        "framing",
        "http11",
    )

    def __init__(self, limits: Limits) -> None:
        self.framing = Framing()
        self._lines = LineReader()
        self._max_fields = limits.max_fields
        self._max_head_bytes = limits.max_head_bytes
        self._max_target_bytes = limits.max_target_bytes
        self._remembered = FieldBlock()
        self.restart()

    def restart(self) -> None:
        """Be ready for the next head."""
        self.framing.clear()
        self._lines.forget()
        self.http11 = True
        self._may_skip_line = True
        self._method = ""
        self._has_request_line = False
        self._fields: Fields = []
        self._target = _NO_TARGET
        self._room = self._max_head_bytes

    def has_begun(self) -> bool:
        """Whether anything of a head is here; an empty line before it does not count."""
        return self._has_request_line or self._lines.holds_some()

    def is_head(self) -> bool:
        """Whether the request, as far as it is known, is one whose response has no body."""
        return self._method == "HEAD"

    def read(self, data: bytes, position: int) -> int:
        """The position behind the head; -1 when all of `data` was taken and the head goes on."""
        block = -1  # where the fields begin, when they stand in `data` as a whole
        while True:
            found = self._lines.read(data, position, self._line_limit())
            if found == lines.UNFINISHED:
                return -1
            if found == lines.TOO_LONG:
                raise self._too_long()
            self._room -= self._lines.end - self._lines.begin + 2
            position = self._lines.after
            if self._lines.begin < self._lines.end:
                if self._has_request_line:
                    self._read_field(self._lines.line, self._lines.begin, self._lines.end)
                    continue
                self._read_request_line(self._lines.line, self._lines.begin, self._lines.end)
                block = position
                if self._remembered.is_repeated(data, block, self._room):
                    return self._repeat_fields(block)
            elif self._has_request_line:
                if block >= 0:
                    self._remembered.remember(data, block, position, self._fields)
                return position
            elif not self._may_skip_line:
                raise RemoteProtocolError("more than one empty line before the request line", 400)
            else:
                self._may_skip_line = False

    def finish(self) -> RequestHead:
        """The event of the head that `read` found complete."""
        framing = self.framing
        framing.settle(self.http11)
        self._lines.forget()
        target = self._target
        if target.authority:
            self._replace_host(target.authority)
        head = RequestHead.__new__(RequestHead)
        head.method = self._method
        head.raw_path = target.raw_path
        head.path = target.path
        head.query_string = target.query_string
        head.http_version = "1.1" if self.http11 else "1.0"
        head.fields = self._fields
        head.upgrade = framing.upgrade
        head.body_follows = framing.body_bytes != 0
        head.wants_trailers = framing.wants_trailers
        return head

    def _line_limit(self) -> int:
        if self._has_request_line or self._room < self._max_target_bytes + _BESIDE_TARGET:
            return self._room
        return self._max_target_bytes + _BESIDE_TARGET

    def _too_long(self) -> RemoteProtocolError:
        if not self._has_request_line and self._room >= self._max_target_bytes + _BESIDE_TARGET:
            return RemoteProtocolError(
                f"the request target is longer than {self._max_target_bytes} bytes", 414
            )
        return RemoteProtocolError(f"the head is longer than {self._max_head_bytes} bytes", 431)

    def _repeat_fields(self, position: int) -> int:
        """Take the fields of the last head once more; the position behind them."""
        self._fields = self._remembered.fields[:]
        for name, value in self._fields:
            self.framing.note(name, value)
        return position + self._remembered.size

    def _read_field(self, line: bytes, start: int, end: int) -> None:
        if len(self._fields) == self._max_fields:
            raise RemoteProtocolError(f"the head has more than {self._max_fields} fields", 431)
        field = parse_field(line, start, end)
        self._fields.append(field)
        self.framing.note(field[0], field[1])

    def _read_request_line(self, line: bytes, start: int, end: int) -> None:
        space = octets.token_end(line, start, end)
        if space in (start, end) or line[space] != _SPACE:
            raise RemoteProtocolError("the request line does not begin with a method and a space", 400)
        if space - start > _MAX_METHOD_BYTES:
            raise RemoteProtocolError(f"the method is longer than {_MAX_METHOD_BYTES} bytes", 501)
        target = space + 1
        target_end = octets.target_end(line, target, end)
        if target_end - target > self._max_target_bytes:
            raise RemoteProtocolError(
                f"the request target is longer than {self._max_target_bytes} bytes", 414
            )
        if target_end in (target, end) or line[target_end] != _SPACE:
            raise RemoteProtocolError(
                "the request target is missing or holds an octet that has to be escaped", 400
            )
        self.http11 = is_http11(line, target_end + 1, end)
        self._method = _method_name(line, start, space)
        if self._method == "CONNECT":
            raise _refused_tunnel(octets.cut(line, target, target_end))
        self._target = parse_target(line, target, target_end, self._method == "OPTIONS")
        self._has_request_line = True

    def _replace_host(self, authority: bytes) -> None:
        """An absolute target names the host; what the field says is ignored (RFC 9112 section 3.2.2)."""
        others = [field for field in self._fields if field[0] != b"host"]
        self._fields = [(b"host", authority), *others]


def _method_name(line: bytes, start: int, end: int) -> str:
    """Methods are case-sensitive, but ASGI wants them upper-case: `get` reaches the application as `GET`."""
    if octets.is_same(line, start, end, b"GET"):
        return "GET"
    method = octets.cut(line, start, end)
    name = _METHODS.get(method)
    return method.decode("ascii").upper() if name is None else name


def _refused_tunnel(target: bytes) -> RemoteProtocolError:
    host, _, port = target.rpartition(b":")
    if not (host and port.isdigit()):
        return RemoteProtocolError("CONNECT wants a host and a port as its target", 400)
    check_host(target)
    return RemoteProtocolError("this server makes no tunnels", 501)
