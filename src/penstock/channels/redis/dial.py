"""Reaching a Redis server: the connection, who we are, and whether the server can do what is needed."""

import asyncio
import contextlib
from typing import Any

import hiredis

from penstock.base.errors import SettingsError
from penstock.channels.errors import LayerUnavailable
from penstock.channels.redis.hosts import Address, Host
from penstock.channels.redis.link import Link
from penstock.channels.redis.scripts import scripts

OLDEST = (6, 2)  # XTRIM MINID, XADD NOMKSTREAM, GETDEL
MAX_HOPS = 5  # from one node of a cluster to the next
TIMED_OUT = "no answer within connect_seconds"
FOR_PASSWORD = ("WRONGPASS", "NOAUTH", "ERR AUTH", "ERR invalid password")


async def dial(host: Host, key: str, seconds: float) -> Link:
    """A link to where `key` is kept. Raises SettingsError where no waiting helps, else LayerUnavailable."""
    try:
        async with asyncio.timeout(seconds):
            if host.master:
                return await _dial_master(host)
            if host.is_cluster:
                return await _dial_node(host, key)
            return await _dial(host, host.address)
    except TimeoutError:
        raise LayerUnavailable(f"Redis at {host}: {TIMED_OUT}") from None
    except OSError as error:
        raise LayerUnavailable(f"Redis at {host} cannot be reached: {error}") from None


async def _dial(host: Host, address: Address | str) -> Link:
    link = await _connected(host, address)
    try:
        await _introduce(link, host)
    except BaseException:
        link.close()
        raise
    return link


async def _connected(host: Host, address: Address | str) -> Link:
    loop = asyncio.get_running_loop()
    if isinstance(address, str):
        return (await loop.create_unix_connection(Link, address))[1]
    context = host.tls.context() if host.tls else None
    return (await loop.create_connection(Link, *address, ssl=context))[1]


async def _introduce(link: Link, host: Host) -> None:
    try:
        await _log_in(link, host.username, host.password)
        _check_version(host, await link.call("HELLO"))
        if host.database:
            await link.call("SELECT", host.database)
        await asyncio.gather(*(link.call("SCRIPT", "LOAD", script.text) for script in scripts().values()))
    except hiredis.ReplyError as error:
        raise _explained(host, str(error)) from None


async def _log_in(link: Link, username: str, password: str) -> None:
    if password:
        await link.call("AUTH", *([username] if username else []), password)


def _check_version(host: Host, hello: list[Any]) -> None:
    facts = dict(zip(hello[::2], hello[1::2], strict=False))
    version = facts.get(b"version", b"0").decode("ascii", "replace")
    numbers = tuple(int(part) if part.isdecimal() else 0 for part in version.split(".")[:2])
    if numbers < OLDEST:
        raise SettingsError("hosts", f"Redis at {host} has version {version}; expected 6.2 or newer")


def _explained(host: Host, answer: str) -> Exception:
    if answer.startswith(FOR_PASSWORD):
        return SettingsError("password", f"Redis at {host} refuses it, or the user: {answer}")
    if answer.startswith("NOPERM"):
        return SettingsError("username", f"Redis at {host}: {answer}; docs/channels.md says what it needs")
    if answer.startswith("ERR unknown command"):
        return SettingsError("hosts", f"Redis at {host} is too old; expected 6.2 or newer, or Valkey")
    if answer.startswith("ERR DB index") or "SELECT" in answer:
        return SettingsError("hosts", f"Redis at {host} does not have database {host.database}: {answer}")
    return LayerUnavailable(f"Redis at {host}: {answer}")


async def _dial_master(host: Host) -> Link:
    """By whichever sentinel answers first in their order."""
    problem = "none of them answers"
    for address in (host.address, *host.others):
        try:
            link = await _connected(host, address)
        except OSError as error:
            problem = f"{address}: {error}"
            continue
        try:
            await _log_in(link, host.sentinel_username, host.sentinel_password)
            found = await link.call("SENTINEL", "GET-MASTER-ADDR-BY-NAME", host.master)
        except (hiredis.ReplyError, LayerUnavailable) as error:
            problem = f"{address}: {error}"
            continue
        finally:
            link.close()
        if found is not None:
            return await _dial(host, (found[0].decode(), int(found[1])))
        problem = f"{address} knows no master {host.master!r}"
    raise LayerUnavailable(f"no sentinel leads to a master: {problem}")


async def _dial_node(host: Host, key: str) -> Link:
    """The node of a cluster that keeps `key`: any one tells where that is."""
    problem = "none of them answers"
    for address in (host.address, *host.others):
        assert not isinstance(address, str)
        with contextlib.suppress(OSError):
            return await _follow(host, address, key)
        problem = f"{address[0]}:{address[1]} does not answer"
    raise LayerUnavailable(f"no node of the cluster leads to the others: {problem}")


async def _follow(host: Host, address: Address, key: str) -> Link:
    for _ in range(MAX_HOPS):
        link = await _dial(host, address)
        try:
            await link.call("TTL", key)
            return link
        except hiredis.ReplyError as error:
            link.close()
            kind, *words = str(error).split(" ")
            if kind != "MOVED":
                raise LayerUnavailable(f"the cluster at {host}: {error}") from None
            name, _, port = words[1].rpartition(":")
            address = name or address[0], int(port)
    raise LayerUnavailable(f"the cluster at {host} sends us around; its nodes do not agree")
