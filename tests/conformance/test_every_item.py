"""Every item of the checklist, 1 to 134, has a test that names it, or a reason here for having none."""

import re
from pathlib import Path

APPLICATION = "binds applications; nothing that a server does can break it"
MIDDLEWARE = "binds middleware; the server has none"

WITHOUT_A_TEST = {
    14: APPLICATION,
    15: APPLICATION,
    20: APPLICATION,
    22: MIDDLEWARE,
    23: MIDDLEWARE,
    24: MIDDLEWARE,
    25: MIDDLEWARE,
    28: APPLICATION,
    51: APPLICATION,
    56: APPLICATION,
    72: APPLICATION,
    79: APPLICATION,
    93: APPLICATION,
    125: APPLICATION,
    126: MIDDLEWARE,
}


def test_every_item_of_the_checklist_is_tested_or_has_a_reason():
    named: set[int] = set()
    for file in Path(__file__).parent.glob("test_*.py"):
        named |= {int(number) for number in re.findall(r"^def test_asgi_(\d{3})_", file.read_text(), re.M)}
    assert named.isdisjoint(WITHOUT_A_TEST)
    assert named | WITHOUT_A_TEST.keys() == set(range(1, 135))
