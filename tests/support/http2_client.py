"""A client of HTTP/2 over a socket, whose frames h2 makes and judges: a server that breaks the protocol shows
as `h2.exceptions.ProtocolError`.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import h2.config
import h2.connection
import h2.events
import h2.settings
from tests.support.http2_wire import ERRORS
from tests.support.raw_client import RawClient
from tests.support.wired_http2 import Answer

from penstock.base.asgi import Fields

Pairs = Iterable[tuple[str, str]]
ENABLE_CONNECT_PROTOCOL = 8


class Http2Client:
    """Speaks on a connection that belongs to the caller, and has greeted. With `takes` False no window is
    ever opened again: what it lets the server send at first is all.
    """

    def __init__(self, client: RawClient, *, takes: bool = True, pushes: bool = False) -> None:
        self.client = client
        self.ended = False
        self.answers: defaultdict[int, Answer] = defaultdict(Answer)
        self.settings: dict[int, int] = {}
        self._takes = takes
        config = h2.config.H2Configuration(client_side=True, header_encoding=None)
        self.judge = h2.connection.H2Connection(config)
        self.judge.initiate_connection()
        self.judge.update_settings({h2.settings.SettingCodes.ENABLE_PUSH: int(pushes)})
        self.flush()

    def flush(self) -> None:
        if octets := self.judge.data_to_send():
            self.client.send(octets)

    def ask(
        self,
        method: str = "GET",
        path: str = "/",
        fields: Pairs = (),
        body: bytes | None = None,
        end: bool = True,
    ) -> int:
        """Send a request, as far as the windows let it at once; its stream. `end` False leaves it open."""
        stream_id: int = self.judge.get_next_available_stream_id()
        pseudo = [(":method", method), (":scheme", "http"), (":authority", "localhost"), (":path", path)]
        self.judge.send_headers(stream_id, [*pseudo, *fields], end_stream=end and body is None)
        self.flush()
        if body is not None:
            self.send(stream_id, body, end)
        return stream_id

    def open_websocket(self, path: str, fields: Pairs = ()) -> int:
        """An extended CONNECT (RFC 8441); returns when it is answered."""
        stream_id: int = self.judge.get_next_available_stream_id()
        pseudo = [(":method", "CONNECT"), (":protocol", "websocket"), (":scheme", "http")]
        target = [(":authority", "localhost"), (":path", path), ("sec-websocket-version", "13")]
        self.judge.send_headers(stream_id, [*pseudo, *target, *fields])
        self.flush()
        while not self.answers[stream_id].status:
            self.receive()
        return stream_id

    def send(self, stream_id: int, data: bytes, end: bool = False) -> None:
        """Send all of it, waiting for windows."""
        at = 0
        while at < len(data):
            room = min(self.judge.local_flow_control_window(stream_id), self.judge.max_outbound_frame_size)
            if room <= 0:
                self.receive()
                continue
            self.judge.send_data(stream_id, data[at : at + room])
            at += room
            self.flush()
        if end:
            self.judge.end_stream(stream_id)
            self.flush()

    def reset(self, stream_id: int) -> None:
        self.judge.reset_stream(stream_id, 8)
        self.flush()

    def answer(self, stream_id: int) -> Answer:
        """The whole answer on a stream, or what there was of it when it was reset."""
        found = self.answers[stream_id]
        while not found.ended and not found.reset:
            assert not self.ended, f"the connection ended before the answer on stream {stream_id}"
            self.receive()
        return found

    def get(self, path: str = "/", fields: Pairs = ()) -> Answer:
        return self.answer(self.ask("GET", path, fields))

    def read_to_end(self) -> None:
        while not self.ended:
            self.receive()

    def receive(self) -> None:
        """Take what comes next."""
        octets = self.client.read()
        self.ended = self.ended or not octets
        for event in self.judge.receive_data(octets):
            self._take(event)
        self.flush()

    def _take(self, event: Any) -> None:
        if isinstance(event, h2.events.PushedStreamReceived):
            self.answers[event.parent_stream_id].promised.append(event.pushed_stream_id)
        elif isinstance(event, h2.events.RemoteSettingsChanged):
            self.settings |= {int(code): found.new_value for code, found in event.changed_settings.items()}
        elif isinstance(event, h2.events.DataReceived):
            self.answers[event.stream_id].body += event.data
            if self._takes and event.flow_controlled_length:
                self.judge.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        elif hasattr(event, "headers"):
            self._take_head(event, self.answers[event.stream_id], list(event.headers))
        elif isinstance(event, h2.events.StreamEnded):
            self.answers[event.stream_id].ended = True
        elif isinstance(event, h2.events.StreamReset):
            self.answers[event.stream_id].reset = ERRORS[event.error_code]

    def _take_head(self, event: Any, answer: Answer, fields: Fields) -> None:
        if isinstance(event, h2.events.TrailersReceived):
            answer.trailers = fields
        elif isinstance(event, h2.events.InformationalResponseReceived):
            answer.informational.append((int(fields[0][1]), fields[1:]))
        else:
            answer.status, answer.fields = int(fields[0][1]), fields[1:]
