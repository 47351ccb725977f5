cimport cython
from libc.stdint cimport int64_t

from penstock.engine.http2 cimport state
from penstock.engine.http2.stream cimport Stream

cdef int64_t NOTHING
cdef double _LEAST_WINDOW_SECONDS


@cython.final
cdef class Timer:
    cdef readonly double deadline
    cdef int64_t _key

    cdef bint is_over(self, double now, int64_t key, object seconds) except -1


@cython.final
cdef class StreamDeadlines:
    cdef readonly double next_deadline
    cdef double _grace_seconds
    cdef int64_t _window_octets
    cdef object _stall_seconds, _close_seconds

    cdef begin(self)
    @cython.locals(received=int64_t)
    cdef bint is_body_late(self, Stream stream, double now, int64_t room) except -1
    cdef bint is_stalled(self, Stream stream, double now, int64_t room) except -1
    cdef bint _owes_body(self, Stream stream, int64_t room) except -1
    cdef object _patience_with(self, Stream stream, int64_t room)
    cdef _note(self, double deadline)
