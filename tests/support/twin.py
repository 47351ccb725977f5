"""The engines a second time, from source only, beside the compiled ones in the same process.

`pure("penstock.engine.http1.connection")` is the module as plain Python, whatever is installed.
`penstock.base` is shared by both, so that errors and limits are the same classes. Where nothing is compiled
both twins are plain Python and equal.
"""

import importlib
import importlib.machinery
import importlib.util
import sys
from collections.abc import Sequence
from functools import cache
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

ENGINE = "penstock.engine"


class SourceOnly(MetaPathFinder):
    """Finds the engine's modules as `.py` files and passes extension modules by."""

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if not name.startswith(ENGINE) or path is None:
            return None
        for folder in map(Path, path):
            stem = folder / name.rpartition(".")[2]
            if stem.is_dir():
                return importlib.util.spec_from_file_location(
                    name, stem / "__init__.py", submodule_search_locations=[str(stem)]
                )
            if stem.with_suffix(".py").exists():
                file = str(stem.with_suffix(".py"))
                return importlib.util.spec_from_file_location(
                    name, file, loader=importlib.machinery.SourceFileLoader(name, file)
                )
        return None


@cache
def pure(name: str) -> ModuleType:
    """The module of that name, loaded from source; the same object at every call."""
    return _all_pure()[name]


def is_compiled(module: ModuleType) -> bool:
    return not str(module.__file__).endswith(".py")


@cache
def _all_pure() -> dict[str, ModuleType]:
    root = Path(str(importlib.import_module(ENGINE).__file__)).parent
    names = sorted(_names(root))
    hidden = {name: sys.modules.pop(name) for name in list(sys.modules) if name.startswith(ENGINE)}
    finder = SourceOnly()
    sys.meta_path.insert(0, finder)
    try:
        return {name: importlib.import_module(name) for name in names}
    finally:
        sys.meta_path.remove(finder)
        for name in [name for name in sys.modules if name.startswith(ENGINE)]:
            del sys.modules[name]
        sys.modules.update(hidden)


def _names(root: Path) -> set[str]:
    found = {ENGINE}
    for path in root.rglob("*.py"):
        parts = path.relative_to(root).with_suffix("").parts
        found.add(".".join((ENGINE, *parts)).removesuffix(".__init__"))
    return found
