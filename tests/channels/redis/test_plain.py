"""The layer through one Redis server, judged by the suite that judges every layer."""

from collections.abc import Iterator

import pytest
from tests.channels.redis.judged import RedisConformance
from tests.support.redis_server import RedisServer, redis_server


@pytest.fixture(scope="class", autouse=True)
def server(request: pytest.FixtureRequest) -> Iterator[RedisServer]:
    with redis_server() as server:
        request.cls.server = server
        yield server


class TestRedisLayer(RedisConformance):
    server: RedisServer

    def url(self) -> str:
        return f"redis://127.0.0.1:{self.server.port}/0"

    def restart(self) -> None:
        self.server.restart()
