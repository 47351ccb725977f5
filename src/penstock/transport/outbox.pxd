cimport cython

from penstock.bridge.wire cimport Wire


@cython.final
cdef class Outbox:
    cdef object _flush
    cdef object _loop
    cdef list _waiting

    cpdef add(self, Wire wire)
    @cython.locals(waiting=list, wire=Wire)
    cpdef flush(self)
