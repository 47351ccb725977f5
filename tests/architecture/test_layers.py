"""Imports only point down, siblings do not import each other, and engines import nothing that does I/O or
knows the time.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "penstock"

# Each part of the package and the parts it may import from, itself included.
MAY_IMPORT = {
    "base": {"base"},
    "engine": {"base", "engine"},
    "bridge": {"base", "engine", "bridge"},
    "transport": {"base", "engine", "bridge", "transport"},
    "server": {"base", "engine", "bridge", "transport", "adapters", "server"},
    "adapters": {"base", "adapters"},
    "channels": {"base", "channels"},
    "django": {"base", "channels", "django"},
    "testing": {"base", "engine", "bridge", "transport", "server", "channels", "testing"},
    "__init__": {"base", "server"},
    "__main__": {"server"},
}
SIBLING_ENGINES = ("http1", "http2", "websocket")
NOT_IN_ENGINES = {"asyncio", "socket", "ssl", "time", "os", "logging", "threading", "random"}


def modules(folder: Path = SOURCE) -> list[Path]:
    return sorted(folder.rglob("*.py"))


def name_of(path: Path) -> str:
    return ".".join(("penstock", *path.relative_to(SOURCE).with_suffix("").parts)).removesuffix(".__init__")


def imports(path: Path) -> Iterator[str]:
    """The full names of the modules, or names in modules, that a file imports anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide the layer that they reach into"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def part(name: str) -> str:
    return name.split(".")[1] if "." in name else "__init__"


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_imports_point_down(path: Path) -> None:
    allowed = MAY_IMPORT[part(name_of(path))]
    for name in imports(path):
        if name.startswith("penstock."):
            assert part(name) in allowed, f"{name_of(path)} imports {name}"


@pytest.mark.parametrize("path", modules(SOURCE / "engine"), ids=name_of)
def test_engines_know_neither_io_nor_clock_nor_each_other(path: Path) -> None:
    engine = path.relative_to(SOURCE / "engine").parts[0]
    for name in imports(path):
        assert name.split(".")[0] not in NOT_IN_ENGINES, f"{name_of(path)} imports {name}"
        for other in SIBLING_ENGINES:
            if engine in SIBLING_ENGINES and other != engine:
                assert not name.startswith(f"penstock.engine.{other}"), f"{name_of(path)} imports {name}"


def test_modules_import_each_other_in_no_circle() -> None:
    known = {name_of(path): path for path in modules()}
    graph = {
        name: {target for raw in imports(path) if (target := _module(raw, known))}
        for name, path in known.items()
    }
    visited: dict[str, bool] = {}

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, " -> ".join((*trail[trail.index(name) :], name))
        if name not in visited:
            for target in graph[name] - {name}:
                visit(target, (*trail, name))
            visited[name] = True

    for name in graph:
        visit(name, ())


def _module(name: str, known: dict[str, Path]) -> str | None:
    return name if name in known else name.rpartition(".")[0] if name.rpartition(".")[0] in known else None
