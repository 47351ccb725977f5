"""A second of the fuzz harness with every test run; longer ones are for the command line and for CI."""

from tests.fuzz.fuzz_http2 import run_case
from tests.support.fuzzing import fuzz


def test_a_second_of_fuzzing_finds_nothing() -> None:
    assert fuzz(run_case, seconds=1.0, seed=0) > 10
