"""Compiles the engines, the bridge and what else is hot: modules with a sibling `.pxd` become extensions.

All modules or none, since they share C layouts. `PENSTOCK_BUILD` decides: `auto` (the default) falls back to
the uncompiled modules with a warning when the compiler fails or is missing, `compiled` fails instead, `pure`
does not try.
"""

import os
import sys
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

SOURCE = Path("src")
MODES = ("auto", "compiled", "pure")
DIRECTIVES = {
    "language_level": 3,
    "annotation_typing": False,  # the .pxd alone gives C types
    "boundscheck": True,
    "wraparound": False,
    "initializedcheck": False,
    "nonecheck": True,  # a method called on None raises, as it does uncompiled, instead of crashing
    "freethreading_compatible": True,
}


def mode() -> str:
    chosen = os.environ.get("PENSTOCK_BUILD", "auto")
    if chosen not in MODES:
        raise SystemExit(f"PENSTOCK_BUILD: {chosen!r} is not known; expected one of {', '.join(MODES)}")
    return chosen


def compiled_sources() -> list[Path]:
    """The `.py` files with a `.pxd` beside them. `octets` is left out: its `.pxd` holds inline C, its `.py`
    the twin.
    """
    declared = sorted(path.with_suffix(".py") for path in SOURCE.rglob("*.pxd"))
    return [path for path in declared if path.stem not in {"octets", "__init__"}]


def extensions() -> list[Extension]:
    if mode() == "pure" or sys.implementation.name != "cpython":
        return []
    try:
        from Cython.Build import cythonize  # noqa: PLC0415 a pure build does without Cython
    except ImportError as error:
        if mode() == "compiled":
            raise SystemExit(f"PENSTOCK_BUILD=compiled needs Cython: {error}") from error
        return []
    modules = [
        Extension(
            ".".join(path.relative_to(SOURCE).with_suffix("").parts),
            [path.as_posix()],
            extra_compile_args=[] if sys.platform == "win32" else ["-O2", "-Werror=sign-compare"],
        )
        for path in compiled_sources()
    ]
    return cythonize(
        modules, build_dir="build/cython", compiler_directives=DIRECTIVES, include_path=["src"], quiet=True
    )


class AllOrNone(build_ext):
    """Builds every module, as many at one time as there are processors, or leaves none behind."""

    def finalize_options(self) -> None:
        super().finalize_options()
        self.parallel = self.parallel or os.cpu_count()

    def run(self) -> None:
        try:
            super().run()
        except Exception as error:  # a compiler can fail in any way; `auto` goes on without
            if mode() == "compiled":
                raise
            for path in map(Path, self.get_outputs()):
                path.unlink(missing_ok=True)
            self.extensions = []
            print(f"warning: penstock is installed uncompiled: {error}", file=sys.stderr)  # noqa: T201


setup(ext_modules=extensions(), cmdclass={"build_ext": AllOrNone})
