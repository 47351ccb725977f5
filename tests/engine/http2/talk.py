"""A whole conversation with an HTTP/2 engine, written down: what was told, what was sent, how it ended.

The twins have to have the same conversation. An engine whose application never answers has the same one
however its bytes are cut; with answers that is not so, since an answer may meet a stream or miss it.
"""

from collections.abc import Iterable
from typing import Any, Protocol

from tests.support.http2_wire import ERRORS, cut_frames

from penstock.base.errors import LocalProtocolError
from penstock.base.limits import Limits

SMALL = Limits(
    max_target_bytes=64,
    max_head_bytes=512,
    max_fields=12,
    max_body_bytes=40_000,
    max_concurrent_streams=3,
    stream_window_bytes=20_000,
    connection_window_bytes=70_000,
    write_buffer_bytes=1000,
    max_block_bytes=700,
    max_continuations=2,
    max_idle_frames=30,
    max_resets=4,
)
Facts = tuple[Any, ...]


class Reply(Protocol):
    """What an application does with a request."""

    def __call__(self, sender: Any, stream_id: int, head: Any) -> None: ...


def plain(sender: Any, stream_id: int, head: Any) -> None:
    sender.send_response(stream_id, 200, [(b"x-path", head.raw_path)], False)
    sender.send_data(stream_id, head.method.encode(), True)


def in_parts(sender: Any, stream_id: int, head: Any) -> None:
    sender.send_continue(stream_id)
    sender.send_response(stream_id, 200, [], True)
    sender.send_data(stream_id, b"", False)
    sender.send_data(stream_id, memoryview(b"part"), False)
    sender.is_writable(stream_id)
    sender.send_data(stream_id, bytearray(b"a" * 3000), True)
    sender.send_trailers(stream_id, [(b"X-Sum", b"1")])


def large(sender: Any, stream_id: int, head: Any) -> None:
    sender.send_response(stream_id, 200, [(b"Connection", b"close"), (b"date", b"never")], False)
    for _ in range(3):
        sender.send_data(stream_id, b"b" * 30_000, False)
        sender.is_writable(stream_id)
    sender.send_data(stream_id, b"", True)


def of_a_known_length(sender: Any, stream_id: int, head: Any) -> None:
    sender.send_informational(stream_id, 103, [(b"Link", b"</a>")])
    sender.push(stream_id, "GET", b"/pushed", [(b"x-pushed", b"1")])
    sender.send_response(stream_id, 203, [(b"Content-Length", b" 5 ")], False)
    sender.set_priority(stream_id, 1, True)
    sender.send_data(stream_id, b"he", False)
    sender.send_data(stream_id, b"llo", True)


def too_long(sender: Any, stream_id: int, head: Any) -> None:
    sender.send_response(stream_id, 200, [(b"content-length", b"3")], False)
    sender.send_data(stream_id, b"abcd", True)


def refused(sender: Any, stream_id: int, head: Any) -> None:
    sender.send_response(stream_id, 200, [(b"a", b"b")], False)
    sender.send_refusal(stream_id, 500, "the application failed", [])


def given_up(sender: Any, stream_id: int, head: Any) -> None:
    sender.send_response(stream_id, 200, [], False)
    sender.send_data(stream_id, b"a", False)
    sender.reset(stream_id, ERRORS.index("INTERNAL_ERROR"))


def injected(sender: Any, stream_id: int, head: Any) -> None:
    sender.send_response(stream_id, 200, [(b"a", b"b\r\nc: d")], False)


def tunnelling(sender: Any, stream_id: int, head: Any) -> None:
    sender.accept_tunnel(stream_id, [(b"sec-websocket-protocol", b"a")])
    sender.send_data(stream_id, b"frame", False)
    sender.send_data(stream_id, b"", True)


def silent(sender: Any, stream_id: int, head: Any) -> None:
    """Never answers."""


REPLIES: tuple[Reply, ...] = (
    *(plain, in_parts, large, of_a_known_length, too_long),
    *(refused, given_up, injected, tunnelling, silent),
)


class Talk:
    """Gives an engine pieces of data, and answers each request with the next of `replies`. With `eager` it
    is answered at its head, else at its end.
    """

    def __init__(self, engine: Any, replies: Iterable[Reply] = (plain,), eager: bool = False) -> None:
        self.engine = engine
        self.told: list[Facts] = []
        self.written = b""
        self._replies = list(replies)
        self._eager = eager
        self._heads: dict[int, Any] = {}

    def hear(self, pieces: Iterable[bytes]) -> "Talk":
        for piece in pieces:
            self.engine.receive_data(piece)
            self.advance()
        return self

    def end(self) -> "Talk":
        self.engine.receive_eof()
        self.advance()
        return self

    def sweep(self, now: float) -> "Talk":
        self.engine.handle_deadline(now)
        self.advance()
        return self

    def advance(self) -> None:
        """As a bridge does: handle what there is, and write, until there is nothing more."""
        while events := self.engine.events():
            for event in events:
                self._handle(event)
            self.write()
        self.write()

    def write(self) -> None:
        while pieces := self.engine.data_to_send():
            self.written += b"".join(pieces)

    def _handle(self, event: Any) -> None:
        name = type(event).__name__
        stream_id = getattr(event, "stream_id", 0)
        if name == "RequestReceived":
            self._heads[stream_id] = event.head
        self.told.append(facts(event))
        if name == "DataReceived":
            self.engine.data_taken(stream_id, len(event.data))
        if name == ("RequestReceived" if self._eager else "RequestEnded"):
            self._answer(stream_id)

    def _answer(self, stream_id: int) -> None:
        """LocalProtocolError is the reply's own fault: a bridge answers with a refusal, or gives up."""
        reply = self._replies[(stream_id // 2) % len(self._replies)]
        try:
            reply(self.engine, stream_id, self._heads[stream_id])
        except LocalProtocolError as error:
            self.told.append(("LocalProtocolError", str(error)))
            if self.engine.response_started(stream_id):
                self.engine.reset(stream_id, ERRORS.index("INTERNAL_ERROR"))
            else:
                self.engine.send_refusal(stream_id, 500, "the application failed", [])

    @property
    def result(self) -> tuple[list[Facts], list[tuple[str, int, int, bytes]], int]:
        return self.told, list(cut_frames(self.written)), self.engine.close_wanted

    @property
    def shown(self) -> tuple[object, ...]:
        engine = self.engine
        return engine.close_wanted, engine.wants_pause, engine.next_deadline, engine.output_paused


def facts(event: Any) -> Facts:
    """An event as its class's name and attributes: comparable, and the same for both twins."""
    name = type(event).__name__
    values = {slot: getattr(event, slot) for slot in sorted(type(event).__slots__)}
    if name == "RequestReceived":
        head = values["head"]
        values["head"] = tuple(getattr(head, slot) for slot in sorted(type(head).__slots__))
    return (name, *values.values())
