"""One connection to a Redis server, of redis-py, that is made once.

redis-py brings TLS, passwords, users and the choice of a database, and speaks the protocol. Left to itself it
would also connect again in the middle of a conversation; whoever waits here for answers in their order has to
know instead that it is over.
"""

from collections.abc import Callable
from typing import Any

from redis.asyncio.connection import AbstractConnection, SSLConnection
from redis.connection import HiredisRespSerializer
from redis.exceptions import RedisError, ResponseError
from redis.utils import HIREDIS_AVAILABLE

from penstock.base.errors import SettingsError
from penstock.channels.errors import LayerUnavailable
from penstock.channels.redis.hosts import Host

Packed = list[bytes]
OVER = "the connection to Redis is lost; nothing was done"


# Answers have one form under the second version of the protocol, and a wire may be silent for a lease.
ALWAYS: dict[str, Any] = {"protocol": 2, "socket_timeout": None}


class Wire:
    """`connection` is connected, and for this wire alone. `pack` makes what `send` takes."""

    def __init__(self, connection: AbstractConnection) -> None:
        self._connection = connection
        self._is_over = False
        # Twelve words cost 7 µs in redis-py's own Python, 1 where it has hiredis.
        self.pack: Callable[..., Packed] = (
            HiredisRespSerializer().pack if HIREDIS_AVAILABLE else connection.pack_command
        )

    async def send(self, packed: Packed) -> None:
        """Raises LayerUnavailable."""
        if self._is_over:
            raise LayerUnavailable(OVER)
        try:
            await self._connection.send_packed_command(packed, check_health=False)
        except (RedisError, OSError) as error:
            self._is_over = True
            raise LayerUnavailable(f"the connection to Redis was lost: {error}") from error
        except BaseException:  # cancelled: redis-py has cut it
            self._is_over = True
            raise

    async def read(self) -> Any:
        """The next answer. Raises ResponseError where the server refuses, else LayerUnavailable."""
        try:
            return await self._connection.read_response(disconnect_on_error=False)
        except ResponseError:
            raise
        except (RedisError, OSError) as error:
            self._is_over = True
            raise LayerUnavailable(f"the connection to Redis was lost: {error}") from error

    async def ask(self, *words: Any) -> Any:
        await self.send(self.pack(*words))
        return await self.read()

    async def close(self) -> None:
        self._is_over = True
        await self._connection.disconnect(nowait=True)


async def connected(host: Host, access: dict[str, Any], seconds: float) -> Wire:
    """Raises SettingsError, RedisError, OSError."""
    connection = host.kind(**{**access, **ALWAYS, "socket_connect_timeout": seconds})
    if isinstance(connection, SSLConnection):
        _check_files(connection)
    try:
        await connection.connect()  # type: ignore[no-untyped-call]
    except BaseException:
        await connection.disconnect(nowait=True)
        raise
    return Wire(connection)


def _check_files(connection: SSLConnection) -> None:
    try:
        connection.ssl_context.get()
    except OSError as error:
        raise SettingsError("ca_file", f"the certificates cannot be read: {error}") from None
