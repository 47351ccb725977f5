"""The states of a stream (RFC 9113 section 5.1), and of the response on it.

A stream's table says which frame may come or go in which state, and the state it leads to. For a pair that
may not come, the second table names the error of the RFC, and how far it reaches. Frames that only concern
priority may come in every state and are not in the table. The response has a table of its own, like that of
HTTP/1.1; `GONE` takes every act and does nothing, since a peer may give a stream up while we answer.
"""

from penstock.base.errors import LocalProtocolError
from penstock.engine import table
from penstock.engine.http2 import codes
from penstock.engine.http2.faults import ConnectionBroken, StreamBroken

# A stream.
IDLE = 0
RESERVED = 1  # promised by us, and not yet answered
OPEN = 2
HALF_REMOTE = 3  # the peer has sent all
HALF_LOCAL = 4  # we have sent all
CLOSED = 5
RESET = 6  # closed by our RST_STREAM, which the peer may not know yet

# What moves it.
GOT_HEADERS = 0
GOT_LAST_HEADERS = 1
GOT_DATA = 2
GOT_LAST_DATA = 3
GOT_RESET = 4
GOT_WINDOW_UPDATE = 5
SENT_PROMISE = 6
SENT_HEADERS = 7
SENT_LAST = 8
SENT_RESET = 9

# The response on it.
UNANSWERED = 0
HELD = 1  # the final head is known, not yet written
SENDING = 2  # the head is out
TRAILING = 3  # the body is over, the announced trailers are not
COMPLETE = 4
GONE = 5  # the stream was reset

# What moves it.
INFORM = 0
RESPOND = 1
PART = 2
LAST_PART = 3
LAST_PART_BUT_TRAILERS = 4
TRAILERS = 5
REFUSE = 6
ACCEPT = 7

_NEXT = {
    (IDLE, GOT_HEADERS): OPEN,
    (IDLE, GOT_LAST_HEADERS): HALF_REMOTE,
    (IDLE, SENT_PROMISE): RESERVED,
    (RESERVED, GOT_WINDOW_UPDATE): RESERVED,
    (RESERVED, GOT_RESET): CLOSED,
    (RESERVED, SENT_HEADERS): HALF_REMOTE,
    (RESERVED, SENT_RESET): CLOSED,
    (OPEN, GOT_LAST_HEADERS): HALF_REMOTE,
    (OPEN, GOT_DATA): OPEN,
    (OPEN, GOT_LAST_DATA): HALF_REMOTE,
    (OPEN, GOT_RESET): CLOSED,
    (OPEN, GOT_WINDOW_UPDATE): OPEN,
    (OPEN, SENT_HEADERS): OPEN,
    (OPEN, SENT_LAST): HALF_LOCAL,
    (OPEN, SENT_RESET): RESET,
    (HALF_REMOTE, GOT_RESET): CLOSED,
    (HALF_REMOTE, GOT_WINDOW_UPDATE): HALF_REMOTE,
    (HALF_REMOTE, SENT_HEADERS): HALF_REMOTE,
    (HALF_REMOTE, SENT_LAST): CLOSED,
    (HALF_REMOTE, SENT_RESET): CLOSED,
    (HALF_LOCAL, GOT_LAST_HEADERS): CLOSED,
    (HALF_LOCAL, GOT_DATA): HALF_LOCAL,
    (HALF_LOCAL, GOT_LAST_DATA): CLOSED,
    (HALF_LOCAL, GOT_RESET): CLOSED,
    (HALF_LOCAL, GOT_WINDOW_UPDATE): HALF_LOCAL,
    (HALF_LOCAL, SENT_RESET): RESET,
    (CLOSED, GOT_RESET): CLOSED,  # both were sent before the peer knew the end
    (CLOSED, GOT_WINDOW_UPDATE): CLOSED,
    (RESET, GOT_HEADERS): RESET,
    (RESET, GOT_LAST_HEADERS): RESET,
    (RESET, GOT_DATA): RESET,
    (RESET, GOT_LAST_DATA): RESET,
    (RESET, GOT_RESET): RESET,
    (RESET, GOT_WINDOW_UPDATE): RESET,
}
_ON_STREAM = 0x40
_ON_CONNECTION = 0x80
_FAULTS = {
    (IDLE, GOT_DATA): _ON_CONNECTION | codes.PROTOCOL_ERROR,
    (IDLE, GOT_LAST_DATA): _ON_CONNECTION | codes.PROTOCOL_ERROR,
    (IDLE, GOT_RESET): _ON_CONNECTION | codes.PROTOCOL_ERROR,
    (IDLE, GOT_WINDOW_UPDATE): _ON_CONNECTION | codes.PROTOCOL_ERROR,
    (RESERVED, GOT_HEADERS): _ON_CONNECTION | codes.PROTOCOL_ERROR,
    (RESERVED, GOT_LAST_HEADERS): _ON_CONNECTION | codes.PROTOCOL_ERROR,
    (RESERVED, GOT_DATA): _ON_CONNECTION | codes.PROTOCOL_ERROR,
    (RESERVED, GOT_LAST_DATA): _ON_CONNECTION | codes.PROTOCOL_ERROR,
    (OPEN, GOT_HEADERS): _ON_STREAM | codes.PROTOCOL_ERROR,  # trailers end the stream (section 8.1)
    (HALF_LOCAL, GOT_HEADERS): _ON_STREAM | codes.PROTOCOL_ERROR,
    (HALF_REMOTE, GOT_HEADERS): _ON_STREAM | codes.STREAM_CLOSED,
    (HALF_REMOTE, GOT_LAST_HEADERS): _ON_STREAM | codes.STREAM_CLOSED,
    (HALF_REMOTE, GOT_DATA): _ON_STREAM | codes.STREAM_CLOSED,
    (HALF_REMOTE, GOT_LAST_DATA): _ON_STREAM | codes.STREAM_CLOSED,
    (CLOSED, GOT_HEADERS): _ON_CONNECTION | codes.STREAM_CLOSED,
    (CLOSED, GOT_LAST_HEADERS): _ON_CONNECTION | codes.STREAM_CLOSED,
    (CLOSED, GOT_DATA): _ON_CONNECTION | codes.STREAM_CLOSED,
    (CLOSED, GOT_LAST_DATA): _ON_CONNECTION | codes.STREAM_CLOSED,
}
_OURS = {
    (UNANSWERED, INFORM): UNANSWERED,
    (UNANSWERED, RESPOND): HELD,
    (UNANSWERED, REFUSE): COMPLETE,
    (UNANSWERED, ACCEPT): SENDING,
    (HELD, INFORM): HELD,
    (HELD, REFUSE): COMPLETE,
    (HELD, PART): SENDING,
    (HELD, LAST_PART): COMPLETE,
    (HELD, LAST_PART_BUT_TRAILERS): TRAILING,
    (SENDING, PART): SENDING,
    (SENDING, LAST_PART): COMPLETE,
    (SENDING, LAST_PART_BUT_TRAILERS): TRAILING,
    (TRAILING, TRAILERS): COMPLETE,
    **{(GONE, act): GONE for act in range(8)},
}
_STREAM_STATES = ("idle", "reserved", "open", "half-closed", "half-closed", "closed", "reset")
_FRAMES = ("HEADERS", "HEADERS", "DATA", "DATA", "RST_STREAM", "WINDOW_UPDATE")
_STAGES = ("not begun", "held", "sending", "before its trailers", "complete", "gone")
_ACTS = (
    "an informational response",
    "a response",
    "a part of the body",
    "the last part of the body",
    "the last part of the body",
    "trailers",
    "a refusal",
    "a tunnel",
)
_FLAT = table.flat(_NEXT | _FAULTS)
_FLAT_OURS = table.flat(_OURS)


def stream_next(state: int, act: int) -> int:
    """The state of the stream after a frame; ConnectionBroken or StreamBroken for one that may not come."""
    after = _FLAT[state * table.WIDTH + act]
    if after < _ON_STREAM:
        return after
    raise _fault(state, act, after)


def our_next(stage: int, act: int) -> int:
    """The stage of the response after `act`; LocalProtocolError when it has no place in `stage`."""
    after = _FLAT_OURS[stage * table.WIDTH + act]
    if after == table.ABSENT:
        raise LocalProtocolError(f"{_ACTS[act]} cannot be sent: the response is {_STAGES[stage]}")
    return after


def _fault(state: int, act: int, found: int) -> Exception:
    if found == table.ABSENT:
        return LocalProtocolError(f"act {act} has no place on a stream in state {state}")
    reason = f"{_FRAMES[act]} on a stream that is {_STREAM_STATES[state]} (RFC 9113 section 5.1)"
    if found & _ON_CONNECTION:
        return ConnectionBroken(reason, found & 0x3F)
    return StreamBroken(reason, found & 0x3F)
