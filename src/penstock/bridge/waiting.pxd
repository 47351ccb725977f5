cimport cython


@cython.final
cdef class Bell:
    cdef list _waiters

    cpdef ring(self)
