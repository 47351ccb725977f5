"""Every item of the checklist and every measured fault in docs/channels.md has a test in the suite that names
it, or a reason there for having none.
"""

import re
from pathlib import Path

from penstock.testing.layers import LayerConformance

DOCUMENT = Path(__file__).parents[2] / "docs" / "channels.md"
ROW = re.compile(r"^\| (item|fault) (\d+) \|.*\| ([^|]*) \|$", re.MULTILINE)


def rows() -> dict[str, str]:
    """`item 1`, `fault 1` and so on, each with what the document says of its test."""
    return {f"{kind}_{int(number):02}": how for kind, number, how in ROW.findall(DOCUMENT.read_text())}


def named() -> set[str]:
    found = (re.match(r"test_((?:item|fault)_\d\d)_", name) for name in dir(LayerConformance))
    return {match[1] for match in found if match}


def test_every_item_and_fault_is_tested_or_has_a_reason() -> None:
    tested = {name for name, how in rows().items() if how == "tested"}
    assert tested == named()
    assert all(how for how in rows().values())


def test_the_checklist_is_whole() -> None:
    assert {name for name in rows() if name.startswith("item")} == {
        f"item_{number:02}" for number in range(1, 34)
    }


def test_every_test_of_the_suite_says_what_must_hold() -> None:
    tests = [name for name in dir(LayerConformance) if name.startswith("test_")]
    assert len(tests) > 100
    assert all(callable(getattr(LayerConformance, name)) for name in tests)
