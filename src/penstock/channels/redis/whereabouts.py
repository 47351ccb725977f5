"""Where a host is now: where it says, or where sentinels or the nodes of a cluster say."""

from typing import Any

from redis.asyncio.cluster import ClusterNode, RedisCluster
from redis.asyncio.connection import SSLConnection
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import MasterNotFoundError, Sentinel
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from penstock.channels.errors import LayerUnavailable
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
    nodes = [ClusterNode(*address) for address in host.addresses]
    rights = {name: host.access[name] for name in host.access if name not in {"host", "port", "db"}}
    # A part without a node is no reason not to use the others.
    cluster = RedisCluster(
        startup_nodes=nodes,
        require_full_coverage=False,
        **{**rights, **_once(host, seconds / len(nodes)), **_tls(host)},
    )
    nodes_manager = cluster.nodes_manager  # the client as a whole would ask for all commands, too
    try:
        await nodes_manager.initialize()
        node = cluster.get_node_from_key(key)
    except RedisError as error:
        raise LayerUnavailable(f"no node of the cluster leads to the others: {error}") from None
    finally:
        for which in ("nodes_cache", "startup_nodes"):
            await nodes_manager.aclose(which)
    assert node is not None  # only replicas may be wanting
    return str(node.host), int(node.port)


def _once(host: Host, seconds: float) -> dict[str, Any]:
    """Nobody is asked twice: the next attempt begins anew."""
    return {"retry": Retry(NoBackoff(), 0), "socket_connect_timeout": seconds, "socket_timeout": seconds}


def _tls(host: Host) -> dict[str, Any]:
    if not issubclass(host.kind, SSLConnection):
        return {}
    return {"ssl": True, **{name: host.access[name] for name in host.access if name.startswith("ssl_")}}
