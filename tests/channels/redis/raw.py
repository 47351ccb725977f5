"""Redis without the layer: what an operator sees."""

import asyncio
from typing import Any

import hiredis
from tests.support.redis_server import RedisServer


async def ask(server: RedisServer, *words: Any) -> Any:
    """One command on a connection of its own. Raises hiredis.ReplyError."""
    reader, writer = await asyncio.open_connection(*server.address)
    parser = hiredis.Reader()
    try:
        writer.write(hiredis.pack_command(words))
        while (answer := parser.gets()) is False:
            data = await reader.read(65536)
            assert data, "Redis closed the connection"
            parser.feed(data)
    finally:
        writer.close()
        await writer.wait_closed()
    if isinstance(answer, hiredis.ReplyError):
        raise answer
    return answer


async def everything(server: RedisServer, pattern: str) -> bytes:
    """All keys, and all that is kept under them, as one text."""
    keys = await ask(server, "KEYS", pattern)
    kept = [await ask(server, *_reading(await ask(server, "TYPE", key), key)) for key in keys]
    return repr([keys, kept]).encode()


def _reading(kind: bytes, key: bytes) -> tuple[Any, ...]:
    return {
        b"string": ("GET", key),
        b"list": ("LRANGE", key, 0, -1),
        b"hash": ("HGETALL", key),
        b"set": ("SMEMBERS", key),
        b"zset": ("ZRANGE", key, 0, -1),
        b"stream": ("XRANGE", key, "-", "+"),
    }[kind]
