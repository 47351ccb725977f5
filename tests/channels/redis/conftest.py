"""What the tests of the Redis layer share."""

from tests.support.async_tests import pytest_pyfunc_call  # noqa: F401 a hook
