"""The pages under docs/ that tell of settings say what the program does."""

import re
import subprocess
import sys
from pathlib import Path

from penstock.adapters import WsgiSettings
from penstock.base.limits import Limits
from penstock.server.access_format import ATOMS, JSON_KEYS
from penstock.server.settings import Settings, all_declarations
from penstock.server.settings_docs import options_page

DOCS = Path(__file__).parents[2] / "docs"


def test_the_page_of_options_is_the_generated_one() -> None:
    assert (DOCS / "options.md").read_text() == options_page()


def test_the_module_prints_the_page() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "penstock.server.settings_docs"], capture_output=True, text=True, check=True
    )
    assert ran.stdout == options_page()


def test_every_setting_has_a_row_with_as_many_cells_as_the_head() -> None:
    rows = [line for line in options_page().splitlines() if line.startswith("| `--")]
    assert len(rows) == len(all_declarations())
    assert {row.count("|") for row in rows} == {6}


def test_every_field_of_every_record_is_declared() -> None:
    names = {*Settings.__dataclass_fields__, *Limits.__dataclass_fields__} - {"limits", "wsgi"}
    wsgi = {f"wsgi_{name}" for name in WsgiSettings.__dataclass_fields__}
    assert names | wsgi == set(all_declarations())


def test_the_page_of_the_access_log_names_every_atom() -> None:
    page = (DOCS / "access-log.md").read_text()
    described = set(re.findall(r"`%\((\w+)\)s`", page))
    assert described == set(ATOMS)
    assert set(JSON_KEYS) <= set(re.findall(r"`(\w+)`", page))
    assert f"\n{Settings().access_log_format}\n" in page
