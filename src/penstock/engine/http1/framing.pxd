cimport cython
from libc.stdint cimport int64_t

from penstock.engine.fields cimport has_member, list_members, read_length

cdef int _LONGEST, _TE, _HOST, _EXPECT, _UPGRADE, _CONNECTION, _CONTENT_LENGTH, _TRANSFER_ENCODING
cdef int64_t CHUNKED
cdef tuple _ACTED_ON


@cython.final
cdef class Framing:
    cdef bytes _coding, _connection, _expect, _te, _upgrade, _good_host
    cdef readonly bytes upgrade
    cdef readonly int64_t body_bytes
    cdef readonly bint has_host, has_length, keep_alive, expects_continue, wants_trailers

    cdef clear(self)
    @cython.locals(size=Py_ssize_t)
    cdef note(self, bytes name, bytes value)
    cdef _note_host(self, bytes value)
    cdef _note_length(self, bytes value)
    cdef settle(self, bint http11)
    cdef _settle_connection(self, bytes options, bint http11)
    cdef _settle_coding(self, bytes coding, bint http11)
    cdef _settle_expectation(self, bytes expectation)


cdef bytes _joined(bytes before, bytes value)
