"""Reaching a Redis server, and whether it can do what is needed."""

import asyncio
from typing import Any

from redis.exceptions import AuthenticationError, DataError, NoPermissionError, RedisError, ResponseError

from penstock.base.errors import SettingsError
from penstock.channels.errors import LayerUnavailable
from penstock.channels.redis.hosts import Host
from penstock.channels.redis.scripts import scripts
from penstock.channels.redis.whereabouts import access_now
from penstock.channels.redis.wire import Wire, connected

OLDEST = (6, 2)  # XTRIM MINID, XADD NOMKSTREAM, GETDEL


async def dial(host: Host, key: str, seconds: float, count: int) -> list[Wire]:
    """So many wires to where `key` is kept. Raises SettingsError where no waiting helps, else
    LayerUnavailable.
    """
    wires: list[Wire] = []
    try:
        async with asyncio.timeout(seconds):
            access = await access_now(host, key, seconds)
            for _ in range(count):
                wires.append(await connected(host, access, seconds))
            await _prepare(host, wires[0])
    except BaseException as error:
        for wire in wires:
            await wire.close()
        if isinstance(error, RedisError | OSError):  # of which the timeout is one
            raise _explained(host, _first(error)) from None
        raise
    return wires


async def _prepare(host: Host, wire: Wire) -> None:
    _check_version(host, await wire.ask("HELLO"))
    loading = [wire.pack("SCRIPT", "LOAD", script.text) for script in scripts().values()]
    await wire.send([part for packed in loading for part in packed])
    for _ in loading:
        await wire.read()


def _check_version(host: Host, hello: list[Any]) -> None:
    facts = dict(zip(hello[::2], hello[1::2], strict=False))
    version = facts.get(b"version", b"0").decode("ascii", "replace")
    numbers = tuple(int(part) if part.isdecimal() else 0 for part in version.split(".")[:2])
    if numbers < OLDEST:
        raise SettingsError("hosts", f"Redis at {host} has version {version}; expected 6.2 or newer")


def _first(error: Exception) -> Exception:
    """What the server said before the wire was lost by it."""
    return error.__cause__ if isinstance(error.__cause__, RedisError) else error


def _explained(host: Host, error: Exception) -> Exception:
    if isinstance(error, DataError):
        return SettingsError("hosts", f"{host}: {error}")
    if isinstance(error, AuthenticationError):
        return SettingsError("password", f"Redis at {host} refuses it, or the user: {error}")
    if isinstance(error, NoPermissionError):
        return SettingsError("username", f"Redis at {host}: {error}; docs/channels.md says what it needs")
    if isinstance(error, ResponseError):
        return _refused(host, str(error))
    if isinstance(error, LayerUnavailable):
        return LayerUnavailable(f"Redis at {host}: {error}")
    problem = str(error) or "no answer within connect_seconds"
    return LayerUnavailable(f"Redis at {host} cannot be reached: {problem}")


def _refused(host: Host, answer: str) -> Exception:
    if "unknown command" in answer:
        return SettingsError("hosts", f"Redis at {host} is too old; expected 6.2 or newer, or Valkey")
    if "DB index" in answer or "SELECT" in answer:
        return SettingsError("hosts", f"Redis at {host} has no database {host.access['db']}: {answer}")
    return LayerUnavailable(f"Redis at {host}: {answer}")
