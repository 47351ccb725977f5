# The constants are C integers: compiled modules write `state.OPEN` and read no Python object.

cimport cython

from penstock.engine cimport table

cdef int IDLE, HEAD, BODY, DONE, DEAF
cdef int HEAD_BEGINS, HEAD_COMPLETE, REQUEST_COMPLETE, NEXT_REQUEST, STOP, EMPTY_LINE
cdef int WAITING, OPEN, HELD, SENDING, FILING, TRAILING, COMPLETE, SWITCHED, ABORTED
cdef int REQUEST, INFORM, RESPOND, PART, LAST_PART, LAST_PART_BUT_TRAILERS, BEGIN_FILE, TRAILERS, REFUSE, SWITCH
cdef int ABORT, NEXT, FILE_WRITTEN
cdef bytes _FLAT_THEIRS, _FLAT_OURS

@cython.locals(after=int)
cpdef int our_next(int state, int act) except -1
@cython.locals(after=int)
cpdef int their_next(int state, int act) except -1
