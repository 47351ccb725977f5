"""Coroutines are run as in the tests of the bridge."""

from tests.bridge.conftest import run  # noqa: F401 a fixture
