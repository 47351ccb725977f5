"""How much an application on a WSGI server may hold and how long it may take, each with its reason."""

from dataclasses import dataclass, fields

from penstock.base.errors import SettingsError


@dataclass(frozen=True, slots=True, kw_only=True)
class AsgiToWsgiBounds:
    """The defaults suit most applications. Raises SettingsError for a value that cannot be used."""

    # What one `receive` takes of the body at most. A WSGI server's `read` may wait until it has all of it, so
    # an application that answers each part of a request before the next one comes wants a small number here.
    read_bytes: int = 65536
    # What waits for the WSGI server before `send` waits; parts that gather meanwhile leave as one.
    buffer_bytes: int = 65536
    # Between telling an application that its client has gone and cancelling it: time to clean up in.
    cancel_seconds: float = 1.0
    # For the requests that still run at the end of a process, and again for the shutdown of the application.
    shutdown_seconds: float = 10.0

    def __post_init__(self) -> None:
        for field in fields(self):
            value, least = getattr(self, field.name), 1 if field.type is int else 0
            if not isinstance(value, (int, float)) or value < least:
                raise SettingsError(field.name, f"{value!r} is no number from {least} up")
