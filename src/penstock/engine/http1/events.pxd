cimport cython


@cython.final
@cython.freelist(64)
cdef class BodyPart:
    cdef readonly bytes data


@cython.final
@cython.freelist(64)
cdef class RequestEnd:
    cdef readonly list trailers


@cython.final
cdef class PeerFault:
    cdef readonly bint answered
    cdef readonly str reason
    cdef readonly int status


@cython.final
cdef class PeerClosed:
    cdef readonly bint complete
