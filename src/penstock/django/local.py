"""The layer of one machine, for Channels: `CONFIG` may have the `path` of its socket."""

from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from penstock.channels.local import LocalLayer
from penstock.channels.local.meeting import meeting_path
from penstock.django.backend import ChannelsBackend, settled


class LocalChannelLayer(ChannelsBackend, LocalLayer):
    """Without a `path` the processes that this user runs of one project meet, wherever they were started: its
    folder is `BASE_DIR`, and where a project has none the current folder.
    """

    def __init__(self, path: str | None = None, **config: Any) -> None:
        super().__init__(meeting_path(_project()) if path is None else path, **settled(config))


def _project() -> Any:
    try:
        return getattr(settings, "BASE_DIR", None)
    except ImproperlyConfigured:  # outside of any project
        return None
