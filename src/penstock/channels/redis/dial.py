"""Reaching a Redis server, and whether it can do what is needed."""

import asyncio
from typing import Any

from redis.exceptions import AuthenticationError, DataError, NoPermissionError, RedisError, ResponseError

from penstock.base.errors import SettingsError
from penstock.channels.errors import LayerUnavailable
from penstock.channels.redis.connected import connected
from penstock.channels.redis.hosts import Host
from penstock.channels.redis.link import Link
from penstock.channels.redis.scripts import scripts
from penstock.channels.redis.whereabouts import access_now

OLDEST = (6, 2)  # XTRIM MINID, XADD NOMKSTREAM, GETDEL


async def dial(host: Host, key: str, seconds: float, count: int) -> list[Link]:
    """So many links to where `key` is kept. Raises SettingsError where no waiting helps, else
    LayerUnavailable.
    """
    links: list[Link] = []
    try:
        async with asyncio.timeout(seconds):
            access = await access_now(host, key, seconds)
            for _ in range(count):
                links.append(await connected(host, access, seconds))
            await _prepare(host, links[0])
    except BaseException as error:
        for link in links:
            link.close()
        if isinstance(error, RedisError | OSError):  # of which the timeout is one
            raise _explained(host, error) from None
        raise
    return links


async def _prepare(host: Host, link: Link) -> None:
    _check_version(host, await link.ask("HELLO"))
    await asyncio.gather(*(link.ask("SCRIPT", "LOAD", script.text) for script in scripts().values()))


def _check_version(host: Host, hello: list[Any]) -> None:
    facts = dict(zip(hello[::2], hello[1::2], strict=False))
    version = facts.get(b"version", b"0").decode("ascii", "replace")
    numbers = tuple(int(part) if part.isdecimal() else 0 for part in version.split(".")[:2])
    if numbers < OLDEST:
        raise SettingsError("hosts", f"Redis at {host} has version {version}; expected 6.2 or newer")


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
