"""Every `.pxd` declares what its `.py` defines, no more and no less: what differs would fail only when
compiled, or silently.
"""

import ast
import re
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "penstock"
ENGINE = SOURCE / "engine"
DECLARATIONS = sorted(path for path in SOURCE.rglob("*.pxd") if path.stem not in {"__init__", "octets"})
INLINE = ENGINE / "octets.pxd"

CLASS = re.compile(r"^cdef class (\w+)")
FUNCTION = re.compile(r"^\s*c(?:p)?def\s+(?!class)(?:inline\s+)?(?:[\w.\[\]]+\s+)??(\w+)\s*\((.*?)\)", re.S)
ATTRIBUTES = re.compile(
    r"^\s+cdef\s+(?:readonly\s+|public\s+)?(?:(?:unsigned|long|const|bint|[\w.]+)\s+)+(\w+(?:\s*,\s*\w+)*)\s*$"
)


def relative(path: Path) -> str:
    return path.relative_to(SOURCE).as_posix()


def declared(path: Path) -> tuple[dict[str, set[str]], dict[str, list[str]]]:
    """The attributes of each class, and the parameters of each function or method (as `Class.method`)."""
    classes: dict[str, set[str]] = {}
    functions: dict[str, list[str]] = {}
    current = ""
    for line in _logical_lines(path.read_text()):
        if found := CLASS.match(line):
            current = found[1]
            classes[current] = set()
        elif found := FUNCTION.match(line):
            owner = current if line.startswith(" ") else ""
            functions[f"{owner}.{found[1]}" if owner else found[1]] = _parameters(found[2])
        elif (found := ATTRIBUTES.match(line)) and current:
            classes[current] |= {name.strip() for name in found[1].split(",")}
        elif line.strip() and not line.startswith((" ", "@", "from ", "cimport ", "import ", "#")):
            current = ""
    return classes, functions


def defined(path: Path) -> tuple[dict[str, set[str]], dict[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    """The slots of each class, and every function or method of the Python file."""
    slots: dict[str, set[str]] = {}
    functions: dict[str, ast.FunctionDef | ast.AsyncFunctionDef] = {}
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            functions[node.name] = node
        elif isinstance(node, ast.ClassDef):
            slots[node.name] = _slots(node)
            for inner in node.body:
                if isinstance(inner, ast.FunctionDef | ast.AsyncFunctionDef):
                    functions[f"{node.name}.{inner.name}"] = inner
    return slots, functions


@pytest.mark.parametrize("path", DECLARATIONS, ids=relative)
def test_the_fields_of_a_class_are_its_slots(path: Path) -> None:
    classes, _ = declared(path)
    slots, _ = defined(path.with_suffix(".py"))
    for name, attributes in classes.items():
        assert attributes == slots[name], name


@pytest.mark.parametrize("path", DECLARATIONS, ids=relative)
def test_every_class_of_slots_is_declared(path: Path) -> None:
    classes, _ = declared(path)
    slots, _ = defined(path.with_suffix(".py"))
    assert {name for name, fields in slots.items() if fields} <= classes.keys()


@pytest.mark.parametrize("path", DECLARATIONS, ids=relative)
def test_every_declared_function_exists_with_its_parameters(path: Path) -> None:
    _, functions = declared(path)
    _, found = defined(path.with_suffix(".py"))
    for name, parameters in functions.items():
        assert name in found, f"{name} is declared and not defined"
        assert parameters == [each.arg for each in found[name].args.args], name


@pytest.mark.parametrize("path", DECLARATIONS, ids=relative)
def test_no_coroutine_and_no_generator_is_declared(path: Path) -> None:
    """Cython silently makes a plain function of either."""
    _, functions = declared(path)
    _, found = defined(path.with_suffix(".py"))
    for name in functions:
        node = found[name]
        assert not isinstance(node, ast.AsyncFunctionDef), name
        assert not any(isinstance(each, ast.Yield | ast.YieldFrom) for each in ast.walk(node)), name


def test_the_inline_functions_are_those_of_their_twin() -> None:
    _, functions = declared(INLINE)
    _, found = defined(INLINE.with_suffix(".py"))
    public = {name for name in found if not name.startswith("_")}
    assert {name for name in functions if not name.startswith("_")} == public
    for name in public:
        assert functions[name] == [each.arg for each in found[name].args.args], name


def test_every_engine_module_is_declared() -> None:
    """An undeclared module would stay uncompiled among compiled ones."""
    undeclared = [
        relative(path)
        for path in ENGINE.rglob("*.py")
        if path.stem != "__init__" and not path.with_suffix(".pxd").exists() and _has_code(path)
    ]
    assert undeclared == []


def _logical_lines(text: str) -> list[str]:
    """Lines with the continuation of open brackets joined."""
    lines: list[str] = []
    depth = 0
    for raw in text.splitlines():
        line = raw.split("#")[0].rstrip()
        if depth and lines:
            lines[-1] += " " + line.strip()
        else:
            lines.append(line)
        depth += line.count("(") - line.count(")")
    return lines


def _parameters(text: str) -> list[str]:
    names = [part.split("=")[0].split()[-1] for part in text.split(",") if part.strip()]
    return [name.lstrip("*") for name in names]


def _slots(node: ast.ClassDef) -> set[str]:
    for inner in node.body:
        if isinstance(inner, ast.Assign) and getattr(inner.targets[0], "id", "") == "__slots__":
            value = ast.literal_eval(inner.value)
            return {value} if isinstance(value, str) else set(value)
    return set()


def _has_code(path: Path) -> bool:
    """Tables of constants need no types; whatever has a function does."""
    return any(isinstance(node, ast.FunctionDef) for node in ast.walk(ast.parse(path.read_text())))
