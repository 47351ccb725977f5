"""How much a peer may ask of us that leads to nothing (RFC 9113 section 10.5).

Every frame that carries no request on costs us more than the peer, and so does every stream that is opened to
be given up. Each kind has an account. Responses that were taken and time fill the accounts up, so that no
honest use empties one; with an empty one the connection ends with ENHANCE_YOUR_CALM. A stream that *we* have
to reset because of what the peer sent counts like one that it gave up: else the peer would make us do what it
may not do itself.
"""

from penstock.base.limits import Limits
from penstock.engine.http2 import codes
from penstock.engine.http2.faults import ConnectionBroken

_REFILL_SECONDS = 10.0  # a full account after an empty one
_FRAMES_A_RESPONSE = 8  # window updates, a PING and a priority that may accompany a request
_FRAMES_A_PART = 4  # window updates for a DATA frame of ours, of the stream and of the connection


class Patience:
    __slots__ = ("_frames", "_max_frames", "_max_resets", "_resets", "_since")

    def __init__(self, limits: Limits) -> None:
        self._frames = self._max_frames = limits.max_idle_frames
        self._resets = self._max_resets = limits.max_resets
        self._since = -1.0

    def idle_frame(self) -> None:
        """A frame came that carries nothing on."""
        self._frames -= 1
        if self._frames < 0:
            raise ConnectionBroken(
                f"more than {self._max_frames} frames that carry no request on", codes.ENHANCE_YOUR_CALM
            )

    def given_up(self) -> None:
        """A stream ended before it was answered, by the peer or because of it."""
        self._resets -= 1
        if self._resets < 0:
            raise ConnectionBroken(
                f"more than {self._max_resets} streams that were given up", codes.ENHANCE_YOUR_CALM
            )

    def answered(self) -> None:
        """A response was sent whole."""
        self._frames = min(self._max_frames, self._frames + _FRAMES_A_RESPONSE)
        self._resets = min(self._max_resets, self._resets + 1)

    def part_sent(self) -> None:
        """A DATA frame was sent, which the peer may answer with window updates."""
        self._frames = min(self._max_frames, self._frames + _FRAMES_A_PART)

    def pass_time(self, now: float) -> None:
        """It is now `now`, in seconds of any clock."""
        share = min(1.0, (now - self._since) / _REFILL_SECONDS) if self._since >= 0 else 0.0
        frames, resets = int(self._max_frames * share), int(self._max_resets * share)
        if self._since < 0 or (frames > 0 and resets > 0):
            self._frames = min(self._max_frames, self._frames + frames)
            self._resets = min(self._max_resets, self._resets + resets)
            self._since = now
