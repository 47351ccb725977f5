"""The layer through one Redis server, encrypted and not, judged by the suite that judges every layer."""

import pytest
from tests.channels.redis.judged import RedisConformance, Sealed
from tests.support.redis_server import RedisServer


@pytest.fixture(scope="class", autouse=True)
def given(request: pytest.FixtureRequest, server: RedisServer) -> None:
    request.cls.server = server


class TestRedisLayer(RedisConformance):
    server: RedisServer

    def url(self) -> str:
        return f"redis://127.0.0.1:{self.server.port}/0"

    def restart(self) -> None:
        self.server.restart()


class TestSealedRedisLayer(Sealed, TestRedisLayer):
    pass
