"""The layer over several Redis servers, encrypted and not, judged by the suite that judges every layer."""

import contextlib
from collections.abc import Iterator

import pytest
from tests.channels.redis.judged import RedisConformance, Sealed
from tests.support.redis_server import RedisServer, redis_server

from penstock.channels.redis.ring import Ring


@pytest.fixture(scope="module")
def servers() -> Iterator[list[RedisServer]]:
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(redis_server()) for _ in range(3)]


@pytest.fixture(scope="class", autouse=True)
def given(request: pytest.FixtureRequest, servers: list[RedisServer]) -> None:
    if request.cls is not None:
        request.cls.servers = servers


class TestShardedRedisLayer(RedisConformance):
    servers: list[RedisServer]

    def url(self) -> str:
        return "redis://" + ",".join(f"127.0.0.1:{server.port}" for server in self.servers)

    def restart(self) -> None:
        for server in self.servers:
            server.restart()


class TestSealedShardedRedisLayer(Sealed, TestShardedRedisLayer):
    pass


def test_a_further_shard_takes_over_its_share_and_moves_no_other_name() -> None:
    names = [f"room{number}" for number in range(3000)]
    three, four = Ring(3), Ring(4)
    moved = [name for name in names if three.of(name) != four.of(name)]
    assert all(four.of(name) == 3 for name in moved)
    assert 400 < len(moved) < 1200
