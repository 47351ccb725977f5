cimport cython
from libc.stdint cimport int64_t

cdef int _LONGEST, _TE, _HOST, _EXPECT, _UPGRADE, _CONNECTION, _CONTENT_LENGTH, _TRANSFER_ENCODING
cdef int64_t CHUNKED
cdef tuple _ACTED_ON


@cython.final
cdef class Framing:
    cdef bytes _coding, _connection, _expect, _te, _upgrade, _good_host
    cdef readonly bytes upgrade
    cdef readonly int64_t body_bytes
    cdef readonly bint has_host, has_length, keep_alive, expects_continue, wants_trailers

    cpdef clear(self)
    @cython.locals(size=Py_ssize_t)
    cpdef note(self, bytes name, bytes value)
    cdef _note_host(self, bytes value)
    cdef _note_length(self, bytes value)
    @cython.locals(options=list)
    cpdef settle(self, bint http11)
    cdef _settle_coding(self, bytes coding, bint http11)
    cdef _settle_expectation(self, bytes expectation)
