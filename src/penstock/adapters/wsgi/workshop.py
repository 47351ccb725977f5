"""What all requests of one adapter on one loop share: the application, its threads and the way to them."""

from typing import TYPE_CHECKING, Any

from penstock.adapters.wsgi.call import Call
from penstock.adapters.wsgi.doorbell import Doorbell
from penstock.adapters.wsgi.environ import build_environ
from penstock.adapters.wsgi.settings import WsgiSettings
from penstock.adapters.wsgi.threads import Threads
from penstock.adapters.wsgi.waiting import WaitingRoom
from penstock.base.asgi import Scope

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

PATIENCE_SECONDS = 0.001  # how long a call may wait behind another for the same thread, if there are more
SHORT_SECONDS = 0.1  # between attempts to make a thread, where the system had none


class Workshop:
    """`constants` are those of every environ. The settings that a request needs are kept beside the rest."""

    __slots__ = (
        "_attend",
        "_constants",
        "_looks_again",
        "_max_fields",
        "_max_waiting_requests",
        "_waiting",
        "app",
        "doorbell",
        "settings",
        "threads",
        "write_ahead_bytes",
    )

    def __init__(
        self,
        app: "WSGIApplication",
        settings: WsgiSettings,
        constants: dict[str, Any],
        threads: Threads,
        doorbell: Doorbell,
    ) -> None:
        self.app = app
        self.settings = settings
        self.doorbell = doorbell
        self.threads = threads
        self._attend = self._turn_ended
        self._looks_again = False
        self._constants = constants
        self._max_fields = settings.max_fields
        self._max_waiting_requests = settings.max_waiting_requests
        self.write_ahead_bytes = settings.write_ahead_bytes
        self._waiting = WaitingRoom(doorbell.loop, threads, settings.waiting_seconds)

    def environ(self, scope: Scope) -> dict[str, Any]:
        """Raises RemoteProtocolError for a request that is refused."""
        return build_environ(scope, self._constants, self._max_fields)

    def submit(self, call: Call) -> bool:
        """Have a thread do the call; it is refused if none is free in time. Tells whether it has to wait."""
        waits = self.threads.free() <= 0
        if waits:
            if not self._has_place():
                call.refuse_busy()
                return False
            self._waiting.enter(call)
        self.threads.submit(call)
        self.doorbell.at_turn_end(self._attend)
        return waits

    def _has_place(self) -> bool:
        if -self.threads.free() >= self._max_waiting_requests:
            self._waiting.send_away_gone()
        return -self.threads.free() < self._max_waiting_requests

    def _turn_ended(self) -> None:
        self.threads.attend()
        if self.threads.is_short:
            self._give_deadlines()
        if not self._looks_again:
            self._looks_again = True
            self.doorbell.loop.call_later(PATIENCE_SECONDS, self._look_again)

    def _look_again(self) -> None:
        if not self.threads.hurry():
            self._looks_again = False
        elif self.threads.is_short:
            self._give_deadlines()
            self.doorbell.loop.call_later(SHORT_SECONDS, self._look_again)
        else:
            self.doorbell.loop.call_later(PATIENCE_SECONDS, self._look_again)

    def _give_deadlines(self) -> None:
        """Calls that came when there seemed to be threads for them have none yet."""
        for call in self.threads.waiting():
            if not call.has_deadline:
                self._waiting.enter(call)
