"""The layer over several Redis servers, judged by the suite that judges every layer."""

import contextlib
from collections.abc import Iterator
from typing import Any

import pytest
from tests.channels.redis.judged import RedisConformance
from tests.support.redis_server import RedisServer, redis_server

from penstock.channels.redis.ring import Ring


@pytest.fixture(scope="class", autouse=True)
def servers(request: pytest.FixtureRequest) -> Iterator[list[RedisServer]]:
    with contextlib.ExitStack() as stack:
        servers = [stack.enter_context(redis_server()) for _ in range(3)]
        if request.cls is not None:
            request.cls.servers = servers
        yield servers


class TestShardedSealedRedisLayer(RedisConformance):
    servers: list[RedisServer]

    def url(self) -> str:
        return "redis://" + ",".join(f"127.0.0.1:{server.port}" for server in self.servers)

    def options(self) -> dict[str, Any]:
        """Encrypted as well: names then are spread by what they are hidden as."""
        return {"encryption_keys": ["a secret"]}

    def restart(self) -> None:
        for server in self.servers:
            server.restart()


def test_a_further_shard_takes_over_its_share_and_moves_no_other_name() -> None:
    names = [f"room{number}" for number in range(3000)]
    three, four = Ring(3), Ring(4)
    moved = [name for name in names if three.of(name) != four.of(name)]
    assert all(four.of(name) == 3 for name in moved)
    assert 400 < len(moved) < 1200
