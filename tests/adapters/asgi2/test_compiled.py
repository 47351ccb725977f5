"""Applications that Cython has compiled: no flag tells that they are coroutine functions, and some show no
signature.
"""

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from penstock.adapters import as_asgi2, as_asgi3

SOURCE = """
async def single(scope, receive, send):
    await send(scope["path"])

def double(scope):
    async def instance(receive, send):
        await send(scope["path"])
    return instance

class SingleObject:
    async def __call__(self, scope, receive, send):
        await single(scope, receive, send)

class Double:
    def __init__(self, scope):
        self.scope = scope

    async def __call__(self, receive, send):
        await send(self.scope["path"])

cdef class SingleExtension:
    def __call__(self, scope, receive, send):
        return single(scope, receive, send)
"""


@pytest.fixture(scope="module", params=["True", "False"], ids=["with signatures", "without signatures"])
def compiled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> ModuleType:
    pytest.importorskip("Cython")
    folder: Path = tmp_path_factory.mktemp("compiled")
    (folder / "apps.pyx").write_text(f"# cython: language_level=3, binding={request.param}\n{SOURCE}")
    command = [sys.executable, "-m", "Cython.Build.Cythonize", "--inplace", "--quiet", "apps.pyx"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=300)
    if done.returncode:
        pytest.skip(f"applications cannot be compiled here: {done.stderr[-200:]}")
    [library] = [*folder.glob("apps.*.so"), *folder.glob("apps.*.pyd")]
    spec = importlib.util.spec_from_file_location("apps", library)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_compiled_applications_of_asgi_3_are_known(compiled: ModuleType):
    for app in (compiled.single, compiled.SingleObject(), compiled.SingleExtension()):
        assert as_asgi3(app) is app


def test_compiled_classes_of_asgi_2_are_known_and_run(compiled: ModuleType):
    assert as_asgi2(compiled.Double) is compiled.Double
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    with pytest.raises(StopIteration):
        as_asgi3(compiled.Double)({"path": "/a"}, None, send).send(None)  # type: ignore[attr-defined,arg-type]
    assert sent == ["/a"]


def test_a_compiled_function_of_asgi_2_is_known_where_it_shows_its_arguments(
    compiled: ModuleType, request: pytest.FixtureRequest
):
    """One that does not is taken for ASGI 3, until a wrapper with a marker says otherwise."""
    if "without" not in request.node.name:
        assert as_asgi2(compiled.double) is compiled.double
        return

    def told(scope: Any) -> Any:
        return compiled.double(scope)

    assert as_asgi2(told) is told
