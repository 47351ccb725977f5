cimport cython
from libc.stdint cimport int64_t

from penstock.engine.http2 cimport codes


@cython.final
cdef class ReceiveWindow:
    cdef readonly int64_t left
    cdef int64_t _batch, _owed

    cdef bint receive(self, int64_t size)
    @cython.locals(increment=int64_t)
    cdef int64_t give_back(self, int64_t size)
