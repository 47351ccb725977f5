"""The layer on a Redis Cluster of three nodes, encrypted and not, judged by the suite for every layer."""

from collections.abc import Iterator

import pytest
from tests.channels.redis.judged import RedisConformance, Sealed
from tests.support.redis_server import RedisServer, redis_cluster


@pytest.fixture(scope="module")
def nodes() -> Iterator[list[RedisServer]]:
    with redis_cluster(3) as nodes:
        yield nodes


@pytest.fixture(scope="class", autouse=True)
def given(request: pytest.FixtureRequest, nodes: list[RedisServer]) -> None:
    request.cls.nodes = nodes


class TestRedisLayerOnACluster(RedisConformance):
    nodes: list[RedisServer]

    def url(self) -> str:
        return f"redis+cluster://127.0.0.1:1,127.0.0.1:{self.nodes[0].port}"

    def restart(self) -> None:
        for node in self.nodes:
            node.restart()


class TestSealedRedisLayerOnACluster(Sealed, TestRedisLayerOnACluster):
    pass
