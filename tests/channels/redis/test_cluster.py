"""The layer on a Redis Cluster of three nodes, judged by the suite that judges every layer."""

from collections.abc import Iterator

import pytest
from tests.channels.redis.judged import RedisConformance
from tests.support.redis_server import RedisServer, redis_cluster


@pytest.fixture(scope="class", autouse=True)
def nodes(request: pytest.FixtureRequest) -> Iterator[list[RedisServer]]:
    with redis_cluster(3) as nodes:
        request.cls.nodes = nodes
        yield nodes


class TestRedisLayerOnACluster(RedisConformance):
    nodes: list[RedisServer]

    def url(self) -> str:
        return f"redis+cluster://127.0.0.1:1,127.0.0.1:{self.nodes[0].port}"

    def restart(self) -> None:
        for node in self.nodes:
            node.restart()
