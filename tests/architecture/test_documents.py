"""The documents name what there is: every public name, every link, the two commands."""

import dataclasses
import re
from pathlib import Path

import pytest

import penstock
from penstock import adapters

ROOT = Path(__file__).parents[2]
DOCUMENTS = [*ROOT.glob("*.md"), *sorted((ROOT / "docs").glob("*.md"))]
MAKEFILES = [ROOT / "Makefile", *ROOT.glob("bench/*.mk")]
LINK = re.compile(r"\]\((?!https?:|#)([^)#\s]+)")


@pytest.mark.parametrize("name", penstock.__all__)
def test_every_public_name_is_documented(name: str) -> None:
    assert f"`{name}`" in (ROOT / "docs" / "api.md").read_text()


@pytest.mark.parametrize("name", adapters.__all__)
def test_every_adapter_is_documented(name: str) -> None:
    assert f"`{name}`" in (ROOT / "docs" / "adapters.md").read_text()


@pytest.mark.parametrize("record", [adapters.WsgiSettings, adapters.AsgiToWsgiBounds])
def test_every_setting_of_an_adapter_is_documented_with_its_default(record: type) -> None:
    page = (ROOT / "docs" / "adapters.md").read_text()
    for field in dataclasses.fields(record):
        default = int(field.default) if field.default == int(field.default) else field.default
        assert f"| `{field.name}` | {default} |" in page


@pytest.mark.parametrize("name", penstock.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(penstock, name) is not None


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    for target in LINK.findall(path.read_text()):
        assert (path.parent / target).exists(), target


def test_the_readme_begins_with_the_two_commands() -> None:
    first_screen = (ROOT / "README.md").read_text().splitlines()[:24]
    assert any(line.startswith("make serve") for line in first_screen)
    assert any(line.startswith("make test") for line in first_screen)


def test_the_makefile_has_every_command_that_the_documents_name() -> None:
    targets = set(re.findall(r"^([a-z-]+):", "\n".join(path.read_text() for path in MAKEFILES), re.MULTILINE))
    for path in DOCUMENTS:
        assert set(re.findall(r"`make ([a-z-]+)", path.read_text())) <= targets
