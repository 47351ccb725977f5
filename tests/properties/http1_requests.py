"""Requests for Hypothesis: well-formed ones with what they mean, and the same ones damaged."""

from dataclasses import dataclass, field

from hypothesis import strategies as st

TOKEN = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
ACTED_ON = ("host", "connection", "content-length", "transfer-encoding", "expect", "upgrade", "te", "trailer")
# Bytes that mean something somewhere: what a mutation puts in is rarely dull.
TELLING = (
    *(b"\r", b"\n", b"\r\n", b"\r\n\r\n", b" ", b"\t", b":", b",", b";", b"=", b'"', b"\\", b"\0", b"\x7f"),
    *(b"/", b"?", b"#", b"%", b"%41", b"*", b"0", b"5", b"f", b"g", b"-", b"+", b"\x80", b"\xff"),
    *(b"HTTP/1.1", b"HTTP/1.0", b"Host: a\r\n", b"Content-Length: 3\r\n", b"Transfer-Encoding: chunked\r\n"),
    *(b"Connection: close\r\n", b"Expect: 100-continue\r\n", b"0\r\n\r\n", b"3\r\nabc\r\n", b"http://a.b/"),
)

tokens = st.text(TOKEN, min_size=1, max_size=12)
names = tokens.filter(lambda name: name.lower() not in ACTED_ON).map(str.encode)
values = st.text([chr(code) for code in (9, *range(32, 127), *range(128, 256))], max_size=20).map(
    lambda text: text.strip(" \t").encode("latin-1")
)
fields = st.lists(st.tuples(names, values), max_size=4)
methods = st.one_of(st.sampled_from(["GET", "HEAD", "POST", "OPTIONS"]), tokens).filter(
    lambda method: method.upper() != "CONNECT"
)
segments = st.text("abc123-._~!$&'()*+,;=:@|{}^", max_size=6)
escapes = st.sampled_from(["", "%41", "%2F", "%C3%BC", "%25", "%0d"])
paths = st.builds(lambda *parts: ("/" + "".join(parts)).encode(), segments, escapes, segments)
queries = st.one_of(st.just(b""), segments.filter(bool).map(lambda text: b"?" + text.encode()))
bodies = st.binary(max_size=40)


@dataclass
class Message:
    """A request, and how its body is framed: `chunks` are sizes to cut it into, None for a content-length."""

    method: str
    target: bytes
    fields: list[tuple[bytes, bytes]]
    body: bytes
    chunks: list[int] | None
    trailers: list[tuple[bytes, bytes]] = field(default_factory=list)
    version: bytes = b"1.1"

    def framed(self) -> bytes:
        if self.chunks is None:
            return self.body
        at, built = 0, b""
        for size in self.chunks:
            if chunk := self.body[at : at + size]:
                built += b"%x\r\n%b\r\n" % (len(chunk), chunk)
            at += size
        if rest := self.body[at:]:
            built += b'%X;ext="a"\r\n%b\r\n' % (len(rest), rest)
        lines = b"".join(b"%b: %b\r\n" % trailer for trailer in self.trailers)
        return built + b"0\r\n" + lines + b"\r\n"

    def build(self) -> bytes:
        head = b"%b %b HTTP/%b\r\nHost: example.com\r\n" % (self.method.encode(), self.target, self.version)
        for name, value in self.fields:
            head += b"%b: %b\r\n" % (name, value)
        if self.chunks is not None:
            head += b"Transfer-Encoding: chunked\r\n"
        elif self.body:
            head += b"Content-Length: %d\r\n" % len(self.body)
        return head + b"\r\n" + self.framed()


def _message(**values: object) -> Message:
    message = Message(**values)  # type: ignore[arg-type]
    if message.version == b"1.0":
        message.chunks = None
    return message


messages = st.builds(
    _message,
    method=methods,
    target=st.builds(lambda path, query: path + query, paths, queries),
    fields=fields,
    body=bodies,
    chunks=st.one_of(st.none(), st.lists(st.integers(1, 15), max_size=4)),
    version=st.sampled_from([b"1.1", b"1.1", b"1.0"]),
)
streams = st.lists(messages, min_size=1, max_size=3).map(lambda many: b"".join(one.build() for one in many))


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A stream of requests with a few octets changed, removed, doubled or put in."""
    data = draw(streams)
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(data)))
        size = draw(st.integers(0, 8))
        put = draw(
            st.one_of(st.sampled_from(TELLING), st.binary(max_size=3), st.just(data[at : at + size] * 2))
        )
        data = data[:at] + put + data[at + size :]
    return data


def cuts(data: bytes) -> st.SearchStrategy[list[int]]:
    """Where to cut the data; every octet alone among the choices."""
    places = st.lists(st.integers(0, len(data)), max_size=8)
    return st.one_of(places, st.just(list(range(len(data) + 1))), st.just([]))
