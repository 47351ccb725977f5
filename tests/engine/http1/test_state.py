"""The tables of the two half-machines, as functions."""

from collections.abc import Callable

import pytest

from penstock.base.errors import LocalProtocolError
from penstock.engine.http1.state import our_next, their_next


@pytest.mark.parametrize(
    ("table", "states", "acts"), [(our_next, range(9), range(13)), (their_next, range(5), range(6))]
)
def test_every_act_in_every_state_leads_to_a_state_or_is_refused(
    table: Callable[[int, int], int], states: range, acts: range
) -> None:
    led = set()
    for state in states:
        for act in acts:
            try:
                led.add(table(state, act))
            except LocalProtocolError:
                continue

    assert led == set(states), "every state can be reached, and no other"


def test_a_refused_act_and_its_state_are_named() -> None:
    with pytest.raises(LocalProtocolError, match="a response cannot be sent: the response is waiting"):
        our_next(0, 2)
