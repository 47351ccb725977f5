"""What is known of one stream: plain data, which the halves of the connection read and change.

`receiving` owns what has come of the request, `responding` the response, `sending` what waits of it. Octets
are counted in the units of the RFC: windows include padding, bodies do not.
"""

from penstock.engine.http2 import priorities, state
from penstock.engine.http2.response import ResponseHead
from penstock.engine.http2.window import ReceiveWindow

UNKNOWN = -1  # as a length


class Stream:
    """A stream that is not idle. `begin` stands for a constructor: compiled, calling one costs more than all
    the rest.

    - `is_told`: the application knows of the stream
    - `untaken`: octets of the body that the application has not taken yet
    - `untold_rest`: what is missing of the request's `content-length`, or UNKNOWN
    - `send_window`: what the peer takes of our body now; it may be negative (RFC 9113 section 6.9.2)
    - `parts` from `at` on, `pending` octets: what waits for the peer; `ends`: END_STREAM follows
    - `waits`: `is_writable` was False, and the application has not been told otherwise
    """

    __slots__ = (
        "at",
        "authority",
        "body_bytes_received",
        "body_bytes_sent",
        "carries_body",
        "ends",
        "expects_continue",
        "head",
        "is_head",
        "is_over",
        "is_queued",
        "is_told",
        "is_tunnel",
        "length",
        "mark_received",
        "mark_sent",
        "octets_sent",
        "parts",
        "pending",
        "priority",
        "receive_since",
        "scheme",
        "send_since",
        "send_window",
        "sends_trailers",
        "stage",
        "started",
        "state",
        "stream_id",
        "trailers",
        "trailers_follow",
        "untaken",
        "untold_rest",
        "waits",
        "wants_trailers",
        "window",
    )

    def begin(self, stream_id: int, send_window: int) -> None:
        self.stream_id = stream_id
        self.state = state.IDLE
        self.stage = state.UNANSWERED
        self.is_told = self.is_over = False
        self.priority = priorities.DEFAULT
        self._begin_request()
        self._begin_response(send_window)

    def _begin_request(self) -> None:
        self.window: ReceiveWindow | None = None
        self.untold_rest = UNKNOWN
        self.body_bytes_received = self.untaken = 0
        self.is_head = self.is_tunnel = self.expects_continue = self.wants_trailers = False
        self.scheme = self.authority = b""
        self.mark_received = 0
        self.receive_since = -1.0

    def _begin_response(self, send_window: int) -> None:
        self.head: ResponseHead | None = None
        self.started = self.trailers_follow = self.sends_trailers = False
        self.carries_body = True
        self.length = UNKNOWN
        self.body_bytes_sent = 0
        self.send_window = send_window
        self.parts: list[bytes] | None = None
        self.at = self.pending = 0
        self.ends = self.is_queued = self.waits = False
        self.trailers: list[tuple[bytes, bytes]] | None = None
        self.octets_sent = self.mark_sent = 0
        self.send_since = -1.0
