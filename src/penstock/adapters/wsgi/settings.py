"""The settings of `WsgiToAsgi`, each with its unit in its name and its reason beside it."""

from dataclasses import dataclass, fields

from penstock.base.errors import SettingsError
from penstock.base.limits import limit

# What a part costs beside its bytes, so that a bound on bytes is one on the number of tiny parts, too.
PART_OVERHEAD_BYTES = 64
MOST = 1 << 62  # of whole numbers: sums of two are still those of a machine


@dataclass(frozen=True, slots=True, kw_only=True)
class WsgiSettings:
    """Raises SettingsError, which names the setting, for a number that cannot be used."""

    threads: int = limit(16, "calls that run at one time; a thread is made when the ones there are busy")
    max_waiting_requests: int = limit(1000, "requests that wait for a thread", "503")
    waiting_seconds: float = limit(10.0, "how long a request waits for a thread", "503")
    max_fields: int = limit(1000, "fields of a request; the server in front has its own limit", "431")
    read_ahead_bytes: int = limit(262144, "what is received of a body before the application reads it")
    write_ahead_bytes: int = limit(65536, "what an application is ahead of its client before it has to wait")
    shutdown_seconds: float = limit(10.0, "for calls that still run when the server shuts down")

    def __post_init__(self) -> None:
        for each in fields(self):
            self._check(each.name, getattr(self, each.name))

    def _check(self, name: str, value: object) -> None:
        whole = not name.endswith("_seconds")
        if isinstance(value, bool) or not isinstance(value, int if whole else int | float):
            raise SettingsError(name, f"{value!r} is no {'whole number' if whole else 'number'}")
        least = 0 if name in {"max_waiting_requests", "shutdown_seconds"} else 1 if whole else 0.001
        if not value >= least:
            raise SettingsError(name, f"{value!r} is too small; the least is {least}")
        if whole and value > MOST:
            raise SettingsError(name, f"{value!r} is too large; the most is {MOST}")
