"""Connecting to a Redis server, which redis-py does.

It brings TLS, passwords, users and the choice of a database. Once all that is said, the open stream is taken
from it: redis-py's connection is made for one command at a time, and would connect again in the middle of a
conversation, where whoever waits for answers in their order has to know that it is over.
"""

import asyncio
from typing import Any

from redis.asyncio.connection import AbstractConnection, SSLConnection

from penstock.base.errors import SettingsError
from penstock.channels.redis.hosts import Host
from penstock.channels.redis.link import Link

# Answers have one form under the second version of the protocol.
ALWAYS: dict[str, Any] = {"protocol": 2, "socket_timeout": None}


async def connected(host: Host, access: dict[str, Any], seconds: float) -> Link:
    """Raises SettingsError, RedisError, OSError."""
    patience = min(seconds, access.get("socket_connect_timeout") or seconds)
    connection = host.kind(**{**access, **ALWAYS, "socket_connect_timeout": patience})
    if isinstance(connection, SSLConnection):
        _check_files(connection)
    try:
        await connection.connect()  # type: ignore[no-untyped-call]
    except BaseException:
        await connection.disconnect(nowait=True)
        raise
    return Link(_taken(connection))


def _taken(connection: AbstractConnection) -> asyncio.StreamWriter:
    """Nothing is left to be read in it: redis-py has got an answer to all that it said. To redis-py the
    connection is closed from now on. Its names for the two halves are those of 5.0 to 8.1.
    """
    writer = connection._writer
    connection._reader = connection._writer = None
    if writer is None:
        raise OSError("the connection was closed at once")
    return writer


def _check_files(connection: SSLConnection) -> None:
    try:
        connection.ssl_context.get()
    except OSError as error:
        raise SettingsError("ca_file", f"the certificates cannot be read: {error}") from None
