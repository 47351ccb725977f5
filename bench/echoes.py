"""The WebSocket load generator: each connection sends a message, waits for its echo, sends the next.

Run as `python -m bench.echoes URL CONNECTIONS BYTES SECONDS`; prints one line of JSON. A wrong echo, a
close or an error ends it with a traceback: figures of a failing server are worth nothing.
"""

import asyncio
import json
import sys
from functools import partial
from time import perf_counter

import uvloop
from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

from bench.tally import Tally


class Echo(WSListener):
    """One connection. The first echo is compared whole, the others by their length."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._arrived = 0
        self._compared = False
        self._transport: WSTransport | None = None
        self._sent_at = 0.0

    def on_ws_connected(self, transport: WSTransport) -> None:
        self._transport = transport

    def start(self) -> None:
        self._tally.busy += 1
        self._send()

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        if frame.msg_type not in (WSMsgType.TEXT, WSMsgType.CONTINUATION):
            return
        if not self._compared:
            self._compare(frame.get_payload_as_bytes())
        self._arrived += len(frame.get_payload_as_memoryview())
        if frame.fin:
            self._end_message()

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        self._tally.fail("the server closed the connection")

    def _send(self) -> None:
        assert self._transport is not None
        self._sent_at = perf_counter()
        self._transport.send(WSMsgType.TEXT, self._tally.payload)

    def _compare(self, part: bytes) -> None:
        if self._tally.payload[self._arrived : self._arrived + len(part)] != part:
            self._tally.fail("the echo is not what was sent")

    def _end_message(self) -> None:
        tally = self._tally
        if self._arrived != len(tally.payload):
            tally.fail(f"an echo of {self._arrived} bytes")
        self._compared = True
        self._arrived = 0
        now = perf_counter()
        tally.delays.append(now - self._sent_at)
        if now < tally.stop_at:
            self._send()
        else:
            tally.leave()


def _same(echo: Echo) -> Echo:
    """picows asks a factory for the listener of a connection."""
    return echo


async def run(url: str, connections: int, size: int, seconds: float) -> dict[str, float]:
    tally = Tally(size)
    echoes = [Echo(tally) for _ in range(connections)]
    for echo in echoes:
        await ws_connect(partial(_same, echo), url)
    started = perf_counter()
    tally.stop_at = started + seconds
    for echo in echoes:
        echo.start()
    await asyncio.wait_for(tally.ended, seconds + 30)
    return tally.figures(perf_counter() - started)


def main() -> None:
    url, connections, size, seconds = sys.argv[1:]
    figures = uvloop.run(run(url, int(connections), int(size), float(seconds)))
    sys.stdout.write(json.dumps(figures) + "\n")


if __name__ == "__main__":
    main()
