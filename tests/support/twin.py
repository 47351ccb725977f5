"""The engines and the channels a second time, from source only, beside the compiled ones in the same process.

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
CHANNELS = "penstock.channels"


class SourceOnly(MetaPathFinder):
    """Finds a package's modules as `.py` files and passes extension modules by."""

    def __init__(self, package: str) -> None:
        self._package = package

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if not name.startswith(self._package) or path is None:
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
    return _all_pure(CHANNELS if name.startswith(CHANNELS) else ENGINE)[name]


def is_compiled(module: ModuleType) -> bool:
    return not str(module.__file__).endswith(".py")


@cache
def _all_pure(package: str) -> dict[str, ModuleType]:
    root = Path(str(importlib.import_module(package).__file__)).parent
    names = sorted(_names(package, root))
    hidden = {name: sys.modules.pop(name) for name in list(sys.modules) if name.startswith(package)}
    finder = SourceOnly(package)
    sys.meta_path.insert(0, finder)
    try:
        return {name: importlib.import_module(name) for name in names}
    finally:
        sys.meta_path.remove(finder)
        for name in [name for name in sys.modules if name.startswith(package)]:
            del sys.modules[name]
        sys.modules.update(hidden)


def _names(package: str, root: Path) -> set[str]:
    """Of the channels without the layers in packages of their own, which are never compiled."""
    found = {package}
    for path in root.rglob("*.py") if package == ENGINE else root.glob("*.py"):
        parts = path.relative_to(root).with_suffix("").parts
        found.add(".".join((package, *parts)).removesuffix(".__init__"))
    return found
