"""Which variant of Penstock runs: its engines compiled, or the same files as plain Python."""

from importlib import import_module


def engine_variant() -> str:
    """`compiled` or `pure`; never a mixture, since the build makes all modules or none."""
    engine = import_module("penstock.engine.http1.connection")
    return "pure" if str(engine.__file__).endswith(".py") else "compiled"
