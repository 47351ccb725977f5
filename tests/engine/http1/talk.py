"""A whole conversation with an engine, written down: what was told, what was sent, how it ended.

The twins have to have the same conversation, and one engine the same with the same bytes cut otherwise.
"""

from collections.abc import Iterable
from typing import Any, Protocol

from tests.engine.http1.wire import Facts, facts

from penstock.base.errors import LocalProtocolError
from penstock.base.limits import Limits
from penstock.engine.closing import CLOSE, KEEP_OPEN, LINGER

SMALL = Limits(
    max_target_bytes=64,
    max_head_bytes=512,
    max_fields=8,
    max_body_bytes=256,
    max_chunk_line_bytes=32,
    max_trailer_bytes=64,
    max_drain_bytes=64,
    read_buffer_bytes=128,
)
CLOCK_TICK = 4.0


class Reply(Protocol):
    """What an application does with a connection whose request has just been read."""

    def __call__(self, sender: Any, head: Any) -> None: ...


def plain(sender: Any, head: Any) -> None:
    sender.send_response(200, [(b"x-path", head.raw_path)], False)
    sender.send_data(head.method.encode(), True)


def in_parts(sender: Any, head: Any) -> None:
    sender.send_response(200, [], True)
    sender.send_data(b"", False)
    sender.send_data(memoryview(b"part"), False)
    sender.begin_file_part(3)
    sender.end_file_part(False)
    sender.send_data(bytearray(b"a" * 300), True)
    sender.send_trailers([(b"X-Sum", b"1")])


def of_a_known_length(sender: Any, head: Any) -> None:
    sender.send_informational(103, [(b"Link", b"</a>")])
    sender.send_response(203, [(b"Content-Length", b"5"), (b"Connection", b"x")], False)
    sender.send_data(b"he", False)
    sender.send_data(b"llo", True)


def too_long(sender: Any, head: Any) -> None:
    sender.send_response(200, [(b"content-length", b"3")], False)
    sender.send_data(b"ab", False)
    sender.send_data(b"cd", True)


def empty(sender: Any, head: Any) -> None:
    sender.send_response(204, [(b"content-length", b"0")], False)
    sender.send_data(b"", True)


def closing(sender: Any, head: Any) -> None:
    sender.send_response(404, [(b"connection", b"close"), (b"server", b"other")], False)
    sender.send_data(b"gone", True)


def refused(sender: Any, head: Any) -> None:
    sender.send_response(200, [(b"a", b"b")], False)
    sender.send_refusal(500, "the application failed", [])


def injected(sender: Any, head: Any) -> None:
    sender.send_response(200, [(b"a", b"b\r\nc: d")], False)


def switching(sender: Any, head: Any) -> None:
    sender.switch_protocols([(b"upgrade", head.upgrade)])


REPLIES: tuple[Reply, ...] = (
    plain,
    in_parts,
    of_a_known_length,
    too_long,
    empty,
    closing,
    refused,
    injected,
    switching,
)


class Talk:
    """Gives an engine pieces of data and answers each request with the next of `replies`.

    With `eager` a request is answered at its head, as an application does that does not read the body; else
    at its end.
    """

    def __init__(self, engine: Any, replies: Iterable[Reply] = (plain,), eager: bool = False) -> None:
        self.engine = engine
        self.told: list[Facts] = []
        self.written: list[bytes] = []
        self._replies = list(replies)
        self._eager = eager
        self._answered = 0
        self._head: Any = None

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
        """As a bridge does: handle what there is, until there is nothing more."""
        while events := self.engine.events():
            for event in events:
                self._handle(event)
                self.written.extend(self.engine.data_to_send())
        self.written.extend(self.engine.data_to_send())

    def _handle(self, event: Any) -> None:
        name, *_ = told = facts(event)
        if name == "BodyPart" and self.told and self.told[-1][0] == "BodyPart":
            told = (name, self.told.pop()[1] + event.data)
        self.told.append(told)
        if name == "RequestHead":
            self._head = event
        if name == ("RequestHead" if self._eager else "RequestEnd"):
            self._answer()

    def _answer(self) -> None:
        """LocalProtocolError is the reply's own fault: the bridge answers it with a refusal, or gives up."""
        reply = self._replies[self._answered % len(self._replies)]
        self._answered += 1
        if self.engine.close_wanted != KEEP_OPEN:
            return
        try:
            reply(self.engine, self._head)
        except LocalProtocolError as error:
            self.told.append(("LocalProtocolError", str(error)))
            if self.engine.response_started:
                self.engine.abort()
            else:
                self.engine.send_refusal(500, "the application failed", [])

    @property
    def result(self) -> tuple[list[Facts], bytes, int]:
        """What has to be the same however the data is cut. CLOSE or LINGER tells whether more had come
        already.
        """
        wanted = self.engine.close_wanted
        return self.told, b"".join(self.written), CLOSE if wanted == LINGER else wanted

    @property
    def shown(self) -> tuple[object, ...]:
        """Everything that the engine shows beside events and output."""
        engine = self.engine
        return (
            *(engine.close_wanted, engine.wants_pause, engine.request_complete, engine.response_started),
            *(engine.response_complete, engine.body_bytes_sent, engine.next_deadline, engine.reading_paused),
        )
