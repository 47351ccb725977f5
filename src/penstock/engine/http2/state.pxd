# The constants are C integers: compiled modules write `state.OPEN` and read no Python object.

cimport cython

from penstock.engine cimport table
from penstock.engine.http2 cimport codes

cdef int IDLE, RESERVED, OPEN, HALF_REMOTE, HALF_LOCAL, CLOSED, RESET
cdef int GOT_HEADERS, GOT_LAST_HEADERS, GOT_DATA, GOT_LAST_DATA, GOT_RESET, GOT_WINDOW_UPDATE
cdef int SENT_PROMISE, SENT_HEADERS, SENT_LAST, SENT_RESET
cdef int UNANSWERED, HELD, SENDING, TRAILING, COMPLETE, GONE
cdef int INFORM, RESPOND, PART, LAST_PART, LAST_PART_BUT_TRAILERS, TRAILERS, REFUSE, ACCEPT
cdef int _ON_STREAM, _ON_CONNECTION
cdef bytes _FLAT, _FLAT_OURS

@cython.locals(after=int)
cpdef int stream_next(int state, int act) except -1
@cython.locals(after=int)
cpdef int our_next(int stage, int act) except -1
