cimport cython
from libc.stdint cimport int64_t

from penstock.engine cimport octets
from penstock.engine.http2 cimport codes

cdef Py_ssize_t _ENTRY_BYTES
cdef int64_t _LEAST_FRAME, _MOST_FRAME


@cython.final
cdef class PeerSettings:
    cdef readonly int64_t table_bytes, max_streams, initial_window
    cdef readonly bint allows_push
    cdef bint _has_come
    cdef int64_t _ignores_priorities

    cdef apply(self, bytes data, Py_ssize_t start, Py_ssize_t end)
    cdef _set(self, int64_t name, int64_t value)
    cdef _set_ignorance(self, int64_t value)


cdef int64_t _switch(str name, int64_t value) except -1
