"""What a running Penstock says of its engines."""

from tests.support.twin import is_compiled

import penstock.engine.http1.connection as engine
from penstock.server.variant import engine_variant


def test_the_variant_is_that_of_the_engine_which_runs() -> None:
    assert engine_variant() == ("compiled" if is_compiled(engine) else "pure")
