"""h11 and httptools as judges: what is a request, what it means, and whether our responses are responses."""

from typing import Any

import h11
import httptools
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tests.engine.http1.talk import Talk
from tests.engine.http1.wire import defaults, hear
from tests.properties.http1_requests import Message, damaged, fields, messages, methods, names, values

from penstock.base.limits import Limits
from penstock.engine.closing import KEEP_OPEN
from penstock.engine.http1.connection import Http1Connection

Read = tuple[str, bytes, list[tuple[bytes, bytes]], bytes, list[tuple[bytes, bytes]]]
trailers = st.lists(st.tuples(names.map(lambda name: b"x-" + name), values), max_size=2)


def meant(message: Message) -> Read:
    given_fields = [(b"host", b"example.com"), *((name.lower(), value) for name, value in message.fields)]
    framing = []
    if message.chunks is not None:
        framing = [(b"transfer-encoding", b"chunked")]
    elif message.body:
        framing = [(b"content-length", b"%d" % len(message.body))]
    trailing = [(name.lower(), value) for name, value in message.trailers]
    return message.method.upper(), message.target, given_fields + framing, message.body, trailing


def ours(data: bytes) -> Read | None:
    """The first request of the data as our engine reads it; None when it is refused or not complete."""
    heard = hear(data, hearer=Http1Connection(Limits(), defaults()))
    if heard.names[-1:] != ["RequestEnd"]:
        return None
    head = heard.head
    target = head.raw_path + (b"?" + head.query_string if head.query_string else b"")
    return head.method, target, head.fields, heard.body, heard.end.trailers


def h11s(data: bytes) -> Read | None:
    server = h11.Connection(h11.SERVER)
    server.receive_data(data)
    body = b""
    try:
        head = server.next_event()
        if not isinstance(head, h11.Request):
            return None
        while isinstance(event := server.next_event(), h11.Data):
            body += event.data
    except h11.RemoteProtocolError:
        return None
    if not isinstance(event, h11.EndOfMessage):
        return None
    return head.method.decode().upper(), head.target, list(head.headers), body, list(event.headers)


class Collected:
    """What httptools calls while it reads one request."""

    def __init__(self) -> None:
        self.url = self.body = b""
        self.fields: list[tuple[bytes, bytes]] = []
        self.complete = False

    def on_url(self, url: bytes) -> None:
        self.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self.fields.append((name.lower(), value))

    def on_body(self, body: bytes) -> None:
        self.body += body

    def on_message_complete(self) -> None:
        self.complete = True


@settings(max_examples=300, deadline=None)
@given(messages, trailers)
def test_a_request_means_what_its_sender_meant_and_h11_agrees(
    message: Message, trailing: list[tuple[bytes, bytes]]
) -> None:
    if message.chunks is not None:
        message.trailers = trailing

    read = ours(message.build())

    assert read == meant(message)
    assert read == h11s(message.build())


@settings(max_examples=200, deadline=None)
@given(messages, st.sampled_from(["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"]))
def test_httptools_reads_the_same_request(message: Message, method: str) -> None:
    """It knows a list of methods only; a field of the connection would end its reading."""
    message.method = method
    collected = Collected()
    parser: Any = httptools.HttpRequestParser(collected)

    parser.feed_data(message.build())

    assert collected.complete
    told_method, target, told_fields, body, _ = meant(message)
    assert (parser.get_method().decode(), collected.url) == (told_method, target)
    assert (collected.fields, collected.body) == (told_fields, body)


def is_argued(data: bytes) -> bool:
    """Where we take what h11 does not: an empty line before the request (RFC 9112 section 2.2 wants it read
    over).
    """
    return data.startswith(b"\r\n")


@settings(max_examples=500, deadline=None)
@given(damaged())
@example(b"GET http://a.b/c?d HTTP/1.1\r\nHost: e\r\n\r\n")
@example(b"OPTIONS * HTTP/1.1\r\nHost: e\r\n\r\n")
def test_what_we_take_h11_takes_and_reads_alike(data: bytes) -> None:
    """h11 is the more lenient of the two; it leaves an absolute target and its host as they came."""
    read = ours(data)
    if read is None or is_argued(data):
        return
    judged = h11s(data)

    assert judged is not None
    assert (read[0], read[3], read[4]) == (judged[0], judged[3], judged[4])
    if judged[1].startswith(b"/"):
        assert judged[1].removesuffix(b"?") == read[1].removesuffix(b"?")
        assert judged[2] == read[2]
    else:
        assert judged[1].endswith(read[1]) or read[1].startswith(b"/")
        assert [one for one in judged[2] if one[0] != b"host"] == [
            one for one in read[2] if one[0] != b"host"
        ]


statuses = st.sampled_from([200, 201, 204, 206, 299, 301, 304, 400, 404, 500, 503])
parts = st.lists(st.binary(max_size=40), min_size=1, max_size=4)
requests = st.builds(
    lambda method, version, options: (
        b"%b / HTTP/%b\r\nHost: a\r\n%b\r\n" % (method.encode(), version, options)
    ),
    methods,
    st.sampled_from([b"1.1", b"1.0"]),
    st.sampled_from([b"", b"Connection: close\r\n", b"Connection: keep-alive\r\n", b"TE: trailers\r\n"]),
)


@settings(max_examples=400, deadline=None)
@given(requests, statuses, fields, parts, st.booleans(), st.booleans())
def test_h11_reads_our_responses_as_they_were_meant(
    data: bytes,
    status: int,
    response_fields: list[tuple[bytes, bytes]],
    body: list[bytes],
    gives_length: bool,
    has_trailers: bool,
) -> None:
    promised = [(b"content-length", b"%d" % len(b"".join(body)))] if gives_length else []

    def reply(sender: Any, head: Any) -> None:
        sender.send_response(status, response_fields + promised, has_trailers)
        for at, part in enumerate(body):
            sender.send_data(part, at == len(body) - 1)
        if has_trailers:
            sender.send_trailers([(b"x-sum", b"1")])

    talk = Talk(Http1Connection(Limits(), defaults(b"penstock")), [reply]).hear([data])
    method, _, version = data.split(b"\r\n")[0].split(b" ")
    _, sent, wanted = talk.result
    client = h11.Connection(h11.CLIENT)
    client.send(h11.Request(method=method.upper(), target=b"/", headers=[(b"host", b"a")]))
    client.send(h11.EndOfMessage())
    client.receive_data(sent)
    if wanted != KEEP_OPEN:
        client.receive_data(b"")
    head = client.next_event()
    read = b""
    while isinstance(event := client.next_event(), h11.Data):
        read += event.data

    assert isinstance(head, h11.Response)
    assert isinstance(event, h11.EndOfMessage)
    assert head.status_code == status
    has_body = method.upper() != b"HEAD" and status not in (204, 304)
    assert read == (b"".join(body) if has_body else b"")
    kept = [one for one in response_fields if one[0].lower() not in DROPPED]
    assert [(one[0].lower(), one[1]) for one in kept] == list(head.headers)[: len(kept)]
    assert client.trailing_data[0] == b""
    assert (wanted == KEEP_OPEN) is (client.their_state is h11.DONE)
    chunked_with_trailers = has_trailers and has_body and b"TE: trailers" in data and version == b"HTTP/1.1"
    assert list(event.headers) == ([(b"x-sum", b"1")] if chunked_with_trailers else [])


DROPPED = (b"keep-alive", b"proxy-connection")
