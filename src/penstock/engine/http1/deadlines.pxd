cimport cython
from libc.stdint cimport int64_t

cdef int NOBODY, HEAD, REST, BODY
cdef double _LEAST_WINDOW_SECONDS


@cython.final
cdef class Deadlines:
    cdef readonly object next_deadline
    cdef readonly bint reading_paused
    cdef object _head_seconds, _keep_alive_seconds, _body_seconds
    cdef int _phase
    cdef int64_t _request, _body_octets, _window_octets
    cdef bint _void

    cdef pause(self, bint paused)
    cdef bint is_over(self, double now, int phase, int64_t request, int64_t body_octets) except -1
    cdef _begin(self, double now, int phase, int64_t request, int64_t body_octets)
    cdef object _seconds(self, int phase)
