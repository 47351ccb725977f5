"""What the tests of `WsgiToAsgi` share: coroutines as tests, and both ways in which a server may ask."""

from collections.abc import Iterator

import pytest
from tests.adapters.wsgi_to_asgi.asgi_side import Client
from tests.support.async_tests import pytest_pyfunc_call  # noqa: F401 a hook


@pytest.fixture(autouse=True, params=["by messages", "directly"])
def way_of_asking(request: pytest.FixtureRequest) -> Iterator[None]:
    Client.directly = request.param == "directly"
    yield
    Client.directly = False
