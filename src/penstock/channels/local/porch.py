"""Where processes come in: the hub's socket, and what is asked of those who connect to it."""

import socket
import time
from threading import RLock

from penstock.channels.local.frames import (
    FRAME_ROOM_BYTES,
    HELLO,
    MAGIC,
    MEANINGLESS,
    REFUSED,
    VERSION,
    WELCOME,
    BadFrame,
    Frame,
)
from penstock.channels.local.hub import Hub
from penstock.channels.local.peer import Peer
from penstock.channels.local.seat import Seat
from penstock.channels.local.settings import LocalSettings
from penstock.channels.local.wire import Wire

ACCEPTS = 16  # in one turn of the loop


class Caller:
    """One connection: at first of nobody knows whom, then of a process."""

    def __init__(self, connection: socket.socket, porch: "Porch") -> None:
        self._porch = porch
        self._peer: Peer | None = None
        self.came_at = time.monotonic()
        self.wire = Wire(connection, porch.seat, porch.lock, porch.max_frame_bytes, self._take_in, self._lost)
        self.wire.start()

    def _take_in(self, frame: Frame) -> None:
        try:
            if self._peer is not None:
                self._peer.heard_at = time.monotonic()
                self._porch.hub.handle(self._peer, frame)
            else:
                self._peer = self._porch.admit(self, frame)
        except MEANINGLESS as error:
            raise BadFrame.of(frame, error) from None

    def _lost(self, reason: str) -> None:
        self._porch.callers.discard(self)
        if self._peer is not None:
            self._porch.hub.leave(self._peer, "lost")


class Porch:
    """The lock of the layer is held in all of it."""

    def __init__(
        self, listener: socket.socket, hub: Hub, settings: LocalSettings, seat: Seat, lock: RLock
    ) -> None:
        self.hub = hub
        self.seat = seat
        self.lock = lock
        self.max_frame_bytes = settings.max_message_bytes + FRAME_ROOM_BYTES
        self.callers: set[Caller] = set()  # who has not said who it is
        self._settings = settings
        self._listener = listener
        seat.watch(listener.fileno(), self._accept)

    def admit(self, caller: Caller, frame: Frame) -> Peer | None:
        """Who has said HELLO, if all that has to be the same is the same."""
        kind, _, magic, version, client, max_message_bytes = frame[:6]
        problem = self._objection(kind, magic, version, max_message_bytes)
        self.callers.discard(caller)
        if problem is not None:
            caller.wire.post((REFUSED, 0, *problem))
            caller.wire.flush()
            caller.wire.close()
            return None
        peer = self.hub.welcome(client, caller.wire, time.monotonic())
        peer.post((WELCOME, 0, VERSION))
        return peer

    def beat(self, now: float) -> None:
        for caller in list(self.callers):
            if now - caller.came_at > self._settings.lease_seconds:
                self.callers.discard(caller)
                caller.wire.close()

    def close(self) -> None:
        self.seat.release(self._listener.fileno(), self._listener.close)
        for caller in self.callers:
            caller.wire.close()
        self.callers.clear()

    def forget(self) -> None:
        """In a forked child."""
        self._listener.close()

    def _objection(
        self, kind: int, magic: object, version: object, max_message_bytes: object
    ) -> tuple[str, str] | None:
        """The setting that is wrong and why, as the process is told; None if it may come in."""
        if kind != HELLO or magic != MAGIC:
            return "path", "expected a process of this layer"
        if version != VERSION:
            problem = f"the hub speaks version {VERSION} and this process {version}"
            return "path", f"{problem}; run one release of Penstock in all processes, or give another path"
        ours = self._settings.max_message_bytes
        if max_message_bytes != ours:
            problem = f"got {max_message_bytes}, but the hub has {ours}; give every process the same"
            return "max_message_bytes", problem
        return None

    def _accept(self) -> None:
        with self.lock:
            for _ in range(ACCEPTS):
                try:
                    connection, _ = self._listener.accept()
                except OSError:  # nobody more; or no descriptor left, and they wait in the backlog
                    return
                self.callers.add(Caller(connection, self))
