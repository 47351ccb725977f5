"""Telling a process that messages may have been lost."""

import logging

from penstock.channels.mailroom import Mailroom
from penstock.channels.messages import freeze
from penstock.channels.notices import Gap, Listener
from penstock.channels.settings import LayerSettings

LOGGER = logging.getLogger("penstock.channels")


class Listeners:
    """Whoever asked to hear of gaps, and every channel of the process unless `notices` is off."""

    def __init__(self, settings: LayerSettings, room: Mailroom) -> None:
        self._settings = settings
        self._room = room
        self._listeners: list[Listener] = []

    def add(self, listener: Listener) -> None:
        self._listeners.append(listener)

    def remove(self, listener: Listener) -> None:
        if listener in self._listeners:
            self._listeners.remove(listener)

    def tell(self, gap: Gap) -> None:
        """A warning in the log, a notice in every channel, a call for every listener."""
        LOGGER.warning("messages may have been lost: %s", gap.reason)
        if self._settings.notices:
            self._room.announce(freeze(gap.message(), self._settings.max_message_bytes))
        for listener in list(self._listeners):
            try:
                listener(gap)
            except Exception:  # a fault of one listener is not to keep the gap from the others
                LOGGER.exception("a listener for gaps failed")

    def tell_channel(self, channel: str, gap: Gap) -> None:
        """A notice in one channel, which alone is concerned."""
        if self._settings.notices:
            frozen = freeze(gap.message(), self._settings.max_message_bytes)
            self._room.put_anyway(channel, self._room.entry(frozen, is_notice=True))
