"""The floor: a uvloop protocol that parses nothing and writes the same bytes for whatever it reads.

What it costs is what the kernel, the event loop and the call into Python cost; no server in Python can cost
less. Run as `python -m bench.floor PORT`.
"""

import asyncio
import sys
from typing import cast

import uvloop

from bench.apps import GREETING

RESPONSE = (
    b"HTTP/1.1 200 OK\r\n"
    b"content-type: text/plain\r\n"
    b"content-length: %d\r\n"
    b"date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
    b"server: floor\r\n"
    b"\r\n%b" % (len(GREETING), GREETING)
)


class Constant(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._write = cast(asyncio.Transport, transport).write

    def data_received(self, data: bytes) -> None:
        self._write(RESPONSE)


async def serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Constant, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1])))
