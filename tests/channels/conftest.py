"""What the tests of channel layers share."""

import pytest
from tests.support.async_tests import pytest_pyfunc_call  # noqa: F401 a hook

from penstock.testing.clock import VirtualClock


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock()
