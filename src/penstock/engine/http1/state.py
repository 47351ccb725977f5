"""The states of an HTTP/1.1 connection, as two half-machines: what they send (requests) and what we send
(responses).

Each half has a table of the acts that are allowed in a state and the state they lead to. A pair that is
absent is a protocol error: theirs cannot happen, because the parser asks the state first, and ours raises
`LocalProtocolError`. The halves meet at one place: a request opens our half, and the next request is read
when both are done.
"""

from penstock.base.errors import LocalProtocolError
from penstock.engine import table

# Their half.
IDLE = 0  # between requests
HEAD = 1  # a request has begun
BODY = 2  # its head is complete
DONE = 3  # the request is complete; its response may still be on the way
DEAF = 4  # nothing more is read: a fault, an end, a close that was decided, another protocol

# What moves it.
HEAD_BEGINS = 0
HEAD_COMPLETE = 1
REQUEST_COMPLETE = 2
NEXT_REQUEST = 3
STOP = 4
EMPTY_LINE = 5

# Our half.
WAITING = 0  # there is no request to answer
OPEN = 1  # a request wants its response
HELD = 2  # the final head is known, not yet written
SENDING = 3  # the head is out
FILING = 4  # in a part that the caller writes itself
TRAILING = 5  # the body is over, the announced trailers are not
COMPLETE = 6  # the response is complete
SWITCHED = 7  # the connection speaks another protocol now
ABORTED = 8  # the response was given up

# What moves it.
REQUEST = 0
INFORM = 1
RESPOND = 2
PART = 3
LAST_PART = 4
LAST_PART_BUT_TRAILERS = 5
BEGIN_FILE = 6
TRAILERS = 7
REFUSE = 8
SWITCH = 9
ABORT = 10
NEXT = 11
FILE_WRITTEN = 12

_THEIRS = {
    (IDLE, HEAD_BEGINS): HEAD,
    (IDLE, HEAD_COMPLETE): BODY,
    (HEAD, HEAD_COMPLETE): BODY,
    (HEAD, EMPTY_LINE): IDLE,  # what began was no more than a line to be read over
    (BODY, REQUEST_COMPLETE): DONE,
    (DONE, NEXT_REQUEST): IDLE,
    (IDLE, STOP): DEAF,
    (HEAD, STOP): DEAF,
    (BODY, STOP): DEAF,
    (DONE, STOP): DEAF,
    (DEAF, STOP): DEAF,
}
_OURS = {
    (WAITING, REQUEST): OPEN,
    (WAITING, REFUSE): COMPLETE,  # a head that could not be read, or no room for another connection
    (OPEN, INFORM): OPEN,
    (OPEN, RESPOND): HELD,
    (OPEN, REFUSE): COMPLETE,
    (OPEN, SWITCH): SWITCHED,
    (HELD, INFORM): HELD,
    (HELD, PART): SENDING,
    (HELD, LAST_PART): COMPLETE,
    (HELD, LAST_PART_BUT_TRAILERS): TRAILING,
    (HELD, BEGIN_FILE): FILING,
    (HELD, REFUSE): COMPLETE,
    (SENDING, PART): SENDING,
    (SENDING, LAST_PART): COMPLETE,
    (SENDING, LAST_PART_BUT_TRAILERS): TRAILING,
    (SENDING, BEGIN_FILE): FILING,
    (FILING, FILE_WRITTEN): SENDING,
    (TRAILING, TRAILERS): COMPLETE,
    (COMPLETE, NEXT): WAITING,
    (WAITING, ABORT): ABORTED,
    (OPEN, ABORT): ABORTED,
    (HELD, ABORT): ABORTED,
    (SENDING, ABORT): ABORTED,
    (FILING, ABORT): ABORTED,
    (TRAILING, ABORT): ABORTED,
    (COMPLETE, ABORT): ABORTED,
    (SWITCHED, ABORT): ABORTED,
    (ABORTED, ABORT): ABORTED,
}
_STATES = (
    "waiting",
    "open",
    "held",
    "sending",
    "in a file part",
    "before its trailers",
    "complete",
    "switched",
    "aborted",
)
_ACTS = (
    "a request",
    "an informational response",
    "a response",
    "a part of the body",
    "the last part of the body",
    "the last part of the body",
    "a file part",
    "trailers",
    "a refusal",
    "a switch of protocols",
    "an abort",
    "the next request",
    "the end of a file part",
)
_FLAT_THEIRS = table.flat(_THEIRS)
_FLAT_OURS = table.flat(_OURS)


def our_next(state: int, act: int) -> int:
    """The state of our half after `act`; LocalProtocolError when it has no place in `state`."""
    after = _FLAT_OURS[state * table.WIDTH + act]
    if after == table.ABSENT:
        raise LocalProtocolError(f"{_ACTS[act]} cannot be sent: the response is {_STATES[state]}")
    return after


def their_next(state: int, act: int) -> int:
    """The state of their half after `act`. A pair that is absent is a fault of this engine."""
    after = _FLAT_THEIRS[state * table.WIDTH + act]
    if after == table.ABSENT:
        raise LocalProtocolError(f"their half cannot do act {act} in state {state}")
    return after
