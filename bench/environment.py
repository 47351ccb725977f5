"""The servers and the channel layers in a virtual environment of their own.

Penstock is installed from a copy of the tree, compiled, since a build inside the tree would leave its
extension modules there for the tests to import. Both installations are skipped while what they were made
from is unchanged.
"""

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import venv
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / ".bench-venv"
PROGRAMS = FOLDER / "bin"
PEERS_FILE = ROOT / "bench" / "peers.txt"
SOURCES = ("src", "setup.py", "pyproject.toml", "README.md", "LICENSE")
# Programs, and the packages of Debian that bring them.
PROGRAMS_NEEDED = {
    "wrk": "wrk",
    "openssl": "openssl",
    "h2load": "nghttp2-client",
    "curl": "curl",
    "redis-server": "redis-server",
}
SOURCE_SUFFIXES = {".py", ".pxd", ".toml", ".h"}


class Missing(Exception):
    """Something is not installed that the harness cannot install itself."""


def install_peers() -> None:
    """Makes the environment, with the servers of `peers.txt`. Raises Missing for what pip cannot install."""
    for program, package in PROGRAMS_NEEDED.items():
        if shutil.which(program) is None:
            raise Missing(f"{program} is not installed (on Debian: apt-get install {package})")
    if not PROGRAMS.exists():
        venv.create(FOLDER, with_pip=True)
    _once("peers", PEERS_FILE.read_bytes(), lambda: _pip("install", "-r", str(PEERS_FILE)))


def install_penstock() -> None:
    """Raises CalledProcessError when some engine does not compile."""
    _once("penstock", _source_bytes(), _install_copy)


def server_environment() -> dict[str, str]:
    """For servers and load generators: they find the applications, and inherit nothing else of Python."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return {**kept, "PYTHONPATH": str(ROOT), "PATH": f"{PROGRAMS}{os.pathsep}{os.environ.get('PATH', '')}"}


def versions() -> dict[str, str]:
    """Name and version of everything in the environment, by lower-case name."""
    listed = json.loads(_output([str(PROGRAMS / "python"), "-m", "pip", "list", "--format", "json"]))
    return {package["name"].lower(): package["version"] for package in listed}


def _once(name: str, made_from: bytes, install: Callable[[], None]) -> None:
    stamp = FOLDER / f"{name}.sha256"
    digest = hashlib.sha256(made_from).hexdigest()
    if stamp.exists() and stamp.read_text() == digest:
        return
    install()
    stamp.write_text(digest)


def _install_copy() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name in SOURCES:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(
                    source, Path(folder) / name, ignore=shutil.ignore_patterns("*.so", "__pycache__")
                )
            elif source.exists():
                shutil.copy(source, folder)
        _pip("install", f"{folder}[local,redis]", PENSTOCK_BUILD="compiled")


def _source_bytes() -> bytes:
    paths = [ROOT / "setup.py", ROOT / "pyproject.toml", *sorted((ROOT / "src").rglob("*"))]
    return b"".join(
        path.name.encode() + path.read_bytes() for path in paths if path.suffix in SOURCE_SUFFIXES
    )


def _pip(*words: str, **environment: str) -> None:
    command = [str(PROGRAMS / "python"), "-m", "pip", "--quiet", "--disable-pip-version-check", *words]
    subprocess.run(command, check=True, env={**os.environ, **environment})


def _output(command: list[str]) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
