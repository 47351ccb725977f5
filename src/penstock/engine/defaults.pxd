cimport cython


@cython.final
cdef class ResponseDefaults:
    cdef readonly bytes block
    cdef readonly bint date_wanted
    cdef readonly int lengths
    cdef readonly frozenset names
    cdef readonly list pairs
    cdef bytes _date
    cdef list _fixed

    cpdef bytes without(self, frozenset names)
    cdef _build(self)
