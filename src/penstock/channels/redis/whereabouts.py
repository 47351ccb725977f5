"""Where a host is now: where it says, or where sentinels or the nodes of a cluster say."""

import asyncio
from typing import Any

from redis.asyncio.connection import SSLConnection
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import MasterNotFoundError, Sentinel
from redis.backoff import NoBackoff
from redis.crc import key_slot
from redis.exceptions import RedisError

from penstock.channels.errors import LayerUnavailable
from penstock.channels.redis.connected import connected
from penstock.channels.redis.hosts import Address, Host


async def access_now(host: Host, key: str, seconds: float) -> dict[str, Any]:
    """What a connection to where `key` is kept takes. Raises LayerUnavailable, RedisError."""
    if host.master:
        name, port = await _master(host, seconds)
    elif host.is_cluster:
        name, port = await _node(host, key, seconds)
    else:
        return dict(host.access)
    return {**host.access, "host": name, "port": port}


async def _master(host: Host, seconds: float) -> Address:
    """By whichever sentinel answers first in their order."""
    addresses = host.addresses
    access = {**_once(host, seconds / len(addresses)), **_tls(host), **host.for_sentinels}
    sentinel = Sentinel(addresses, sentinel_kwargs=access)  # type: ignore[no-untyped-call]
    try:
        name, port = await sentinel.discover_master(host.master)
    except MasterNotFoundError:  # it tells of passwords, too
        problem = f"no sentinel knows the master {host.master!r} and says that it is well"
        raise LayerUnavailable(problem) from None
    finally:
        for each in sentinel.sentinels:
            await each.aclose()
    return str(name), int(port)


async def _node(host: Host, key: str, seconds: float) -> Address:
    """Any node tells where all are."""
    problem: Exception | None = None
    for address in host.addresses:
        try:
            slots = await _slots(host, address, seconds / len(host.addresses))
        except (RedisError, OSError, LayerUnavailable) as error:
            problem = error
        else:
            return _owner(slots, key, address)
    raise LayerUnavailable(f"no node of the cluster leads to the others: {problem}")


async def _slots(host: Host, address: Address, seconds: float) -> list[Any]:
    access = {name: host.access[name] for name in host.access if name != "db"}
    async with asyncio.timeout(seconds):
        link = await connected(host, {**access, "host": address[0], "port": address[1]}, seconds)
        try:
            slots: list[Any] = await link.ask("CLUSTER", "SLOTS")
        finally:
            link.close()
    return slots


def _owner(slots: list[Any], key: str, asked: Address) -> Address:
    """Each entry: the first slot, the last, and the master, which has no name where it is who was asked."""
    slot = key_slot(key.encode())
    for first, last, (name, port, *_), *_ in slots:
        if first <= slot <= last:
            return name.decode() if name else asked[0], int(port)
    raise LayerUnavailable(f"no node of the cluster has the slot {slot}, where {key!r} belongs")


def _once(host: Host, seconds: float) -> dict[str, Any]:
    """Nobody is asked twice: the next attempt begins anew."""
    return {"retry": Retry(NoBackoff(), 0), "socket_connect_timeout": seconds, "socket_timeout": seconds}


def _tls(host: Host) -> dict[str, Any]:
    if not issubclass(host.kind, SSLConnection):
        return {}
    return {"ssl": True, **{name: host.access[name] for name in host.access if name.startswith("ssl_")}}
