"""The load generator for WebSockets over HTTP/2 (RFC 8441): many streams on each connection, each of which
sends a message, waits for its echo, sends the next.

Run as `python -m bench.http2_echoes PORT CONNECTIONS STREAMS BYTES SECONDS`; prints one line of JSON. h2
opens the streams and reads every frame but DATA: those are all alike, are made once and compared whole, or
the generator would be several times slower than the server. What one read brings is answered in one write.
"""

import asyncio
import json
import sys
from time import perf_counter
from typing import cast

import uvloop
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import Event, RemoteSettingsChanged, ResponseReceived, WindowUpdated
from h2.settings import SettingCodes

from bench.tally import Tally

FRAME_HEAD_BYTES = 9
DATA = 0
TEXT = b"\x81"
MASK = b"\x12\x34\x56\x78"
# Credit for all that will ever come: at 50 bytes a message two gigabytes last for minutes.
WINDOW = 2**31 - 1
FIRST_WINDOW = 65535
LONGEST_SHORT_MESSAGE = 125
REQUEST = (
    (":method", "CONNECT"),
    (":protocol", "websocket"),
    (":scheme", "http"),
    (":path", "/"),
    (":authority", "localhost"),
    ("sec-websocket-version", "13"),
)


class WebSocket:
    """One stream. `frame` is the DATA frame that it sends again and again, `credit` what the server takes."""

    def __init__(self, stream_id: int, message: bytes, credit: int) -> None:
        self.frame = len(message).to_bytes(3) + bytes((DATA, 0)) + stream_id.to_bytes(4) + message
        self.credit = credit
        self.arrived = b""
        self.sent_at = 0.0


class Connection(asyncio.Protocol):
    """`opened` is set when the server has accepted all the WebSockets."""

    def __init__(self, tally: Tally, streams: int) -> None:
        self.opened = asyncio.get_running_loop().create_future()
        self._tally = tally
        self._streams = streams
        self._http2 = H2Connection(H2Configuration(client_side=True, header_encoding=None))
        self._message = _masked(tally.payload)
        self._echo = TEXT + bytes((len(tally.payload),)) + tally.payload
        self._websockets: dict[int, WebSocket] = {}
        self._credit = FIRST_WINDOW
        self._blocked: list[WebSocket] = []
        self._unread = b""
        self._output: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        http2 = self._http2
        http2.initiate_connection()
        http2.update_settings({SettingCodes.INITIAL_WINDOW_SIZE: WINDOW})
        http2.increment_flow_control_window(WINDOW - FIRST_WINDOW)
        self._flush()

    def start(self) -> None:
        for websocket in self._websockets.values():
            self._tally.busy += 1
            self._send(websocket)
        self._flush()

    def data_received(self, data: bytes) -> None:
        unread = self._unread + data
        position = 0
        while (body := position + FRAME_HEAD_BYTES) <= len(unread):
            end = body + int.from_bytes(unread[position : position + 3])
            if end > len(unread):
                break
            if unread[position + 3] == DATA:
                self._take(int.from_bytes(unread[position + 5 : body]), unread[body:end])
            else:
                for event in self._http2.receive_data(unread[position:end]):
                    self._obey(event)
            position = end
        self._unread = unread[position:]
        self._flush()

    def connection_lost(self, error: Exception | None) -> None:
        self._fail("the server closed the connection")

    def _take(self, stream_id: int, data: bytes) -> None:
        """An echo may come in pieces, but never more than one."""
        websocket = self._websockets[stream_id]
        websocket.arrived += data
        if websocket.arrived == self._echo:
            self._end_message(websocket)
        elif not self._echo.startswith(websocket.arrived) or not data:
            self._fail(f"{websocket.arrived!r} is not the echo of what was sent")

    def _end_message(self, websocket: WebSocket) -> None:
        websocket.arrived = b""
        now = perf_counter()
        self._tally.delays.append(now - websocket.sent_at)
        if now < self._tally.stop_at:
            self._send(websocket)
        else:
            self._tally.leave()

    def _send(self, websocket: WebSocket) -> None:
        size = len(self._message)
        if websocket.credit < size or self._credit < size:
            self._blocked.append(websocket)
            return
        websocket.credit -= size
        self._credit -= size
        websocket.sent_at = perf_counter()
        self._output.append(websocket.frame)

    def _obey(self, event: Event) -> None:
        if isinstance(event, WindowUpdated):
            self._add_credit(event.stream_id or 0, event.delta or 0)
        elif isinstance(event, RemoteSettingsChanged):
            self._open_streams()
        elif isinstance(event, ResponseReceived):
            self._open_websocket(event)
        elif type(event).__name__ in ("StreamReset", "StreamEnded", "ConnectionTerminated"):
            self._fail(f"the server ended it: {event}")

    def _open_streams(self) -> None:
        if SettingCodes.ENABLE_CONNECT_PROTOCOL not in self._http2.remote_settings:
            self._fail("the server does not offer extended CONNECT")
            return
        if self._websockets or self._http2.open_outbound_streams:
            return
        for _ in range(self._streams):
            self._http2.send_headers(self._http2.get_next_available_stream_id(), REQUEST)

    def _open_websocket(self, event: ResponseReceived) -> None:
        stream_id = event.stream_id
        if (b":status", b"200") not in [tuple(field) for field in event.headers or ()]:
            self._fail(f"the WebSocket was refused: {event.headers}")
            return
        credit = self._http2.remote_settings.initial_window_size
        self._websockets[stream_id] = WebSocket(stream_id, self._message, credit)
        if len(self._websockets) == self._streams:
            self.opened.set_result(None)

    def _add_credit(self, stream_id: int, count: int) -> None:
        """Zero is the connection."""
        if stream_id == 0:
            self._credit += count
        elif stream_id in self._websockets:
            self._websockets[stream_id].credit += count
        blocked, self._blocked = self._blocked, []
        for websocket in blocked:
            self._send(websocket)

    def _fail(self, reason: str) -> None:
        if not self.opened.done():
            self.opened.set_exception(RuntimeError(reason))
        self._tally.fail(reason)

    def _flush(self) -> None:
        output = self._http2.data_to_send() + b"".join(self._output)
        self._output.clear()
        if output:
            self._transport.write(output)


def _masked(payload: bytes) -> bytes:
    """Raises ValueError for a message that is too long for the short form of the head."""
    if len(payload) > LONGEST_SHORT_MESSAGE:
        raise ValueError(f"messages have {LONGEST_SHORT_MESSAGE} bytes at most, not {len(payload)}")
    masked = bytes(octet ^ MASK[place % len(MASK)] for place, octet in enumerate(payload))
    return TEXT + bytes((0x80 | len(payload),)) + MASK + masked


async def run(port: int, connections: int, streams: int, size: int, seconds: float) -> dict[str, float]:
    tally = Tally(size)
    loop = asyncio.get_running_loop()
    made = []
    for _ in range(connections):
        _, connection = await loop.create_connection(lambda: Connection(tally, streams), "127.0.0.1", port)
        await asyncio.wait_for(connection.opened, 10)
        made.append(connection)
    started = perf_counter()
    tally.stop_at = started + seconds
    for connection in made:
        connection.start()
    await asyncio.wait_for(tally.ended, seconds + 30)
    return tally.figures(perf_counter() - started)


def main() -> None:
    port, connections, streams, size, seconds = sys.argv[1:]
    figures = uvloop.run(run(int(port), int(connections), int(streams), int(size), float(seconds)))
    sys.stdout.write(json.dumps(figures) + "\n")


if __name__ == "__main__":
    main()
