cimport cython

from penstock.bridge.exchange cimport Exchange
from penstock.bridge.service cimport Service
from penstock.bridge.stream cimport HttpStream
from penstock.bridge.waiting cimport Bell


cdef list NOTHING
cdef int OPEN, ENDED, TOLD


cdef class RequestHalf(Exchange):
    cdef bint _answered_in_full
    cdef Bell _bell
    cdef int _body
    cdef bint _continue_due
    cdef bint _disconnected
    cdef Service _service
    cdef HttpStream _stream
    cdef list _trailers_received
    cdef list _unread
    cdef Py_ssize_t _unread_bytes

    cdef _begin(self, HttpStream stream, Service service, bint body_follows)
    cpdef body_received(self, bytes data)
    cpdef body_ended(self, list trailers)
    cpdef bint wants_pause(self) except -1
    cpdef half_closed(self)
    cpdef bint is_whole(self) except -1
    cpdef bytes take_body(self)
    @cython.locals(unread=list, size=Py_ssize_t)
    cdef dict _next_part(self)
    cdef _ring(self)
