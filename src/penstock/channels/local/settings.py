"""The settings that the local layer has beside those of every layer."""

import os
from dataclasses import dataclass, field

from penstock.base.errors import SettingsError
from penstock.channels.settings import LayerSettings, by_keyword, option

MAX_PATH_BYTES = 96  # the system takes 104 to 108; the socket is made under a longer name and then renamed


@dataclass(frozen=True, kw_only=True)
class LocalSettings(LayerSettings):
    """`path` is that of the socket. What is kept in the hub (normal channels, groups, delay) goes by the
    settings of the process that is the hub: give all processes the same.
    """

    path: str = field(
        default="", metadata=by_keyword("it stands behind local://, as in local:///run/app.sock")
    )
    max_backlog_bytes: int = option(
        16 << 20, "that wait for a process which does not read; what comes then is dropped, and it is told"
    )

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(self.path, str) or not os.path.isabs(self.path) or self.path.endswith("/"):
            raise SettingsError(
                "path", f"got {self.path!r}; expected that of a socket, as in local:///run/app.sock"
            )
        if len(os.fsencode(self.path)) > MAX_PATH_BYTES:
            raise SettingsError("path", f"got {len(self.path)} characters; expected {MAX_PATH_BYTES} at most")
        if "\0" in self.path:
            raise SettingsError("path", "holds a zero character; expected the path of a socket")
