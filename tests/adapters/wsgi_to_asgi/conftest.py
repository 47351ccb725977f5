"""What the tests of `WsgiToAsgi` share: coroutines as tests."""

from tests.support.async_tests import pytest_pyfunc_call  # noqa: F401 a hook
