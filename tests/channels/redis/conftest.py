"""What the tests of the Redis layer share."""

from collections.abc import Iterator

import pytest
from tests.support.async_tests import pytest_pyfunc_call  # noqa: F401 a hook
from tests.support.redis_server import RedisServer, redis_server


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    """One for each file: what a test leaves behind is in nobody else's way."""
    with redis_server() as server:
        yield server
