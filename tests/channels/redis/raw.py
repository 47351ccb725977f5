"""Redis without the layer: what an operator sees."""

from typing import Any

from redis.asyncio import Connection
from tests.support.redis_server import RedisServer


async def ask(server: RedisServer, *words: Any) -> Any:
    """One command on a connection of its own. Raises redis.exceptions.ResponseError."""
    host, port = server.address
    connection = Connection(host=host, port=port, protocol=2)
    try:
        await connection.send_command(*words)
        return await connection.read_response()
    finally:
        await connection.disconnect()


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
