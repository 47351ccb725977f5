cimport cython


@cython.final
cdef class Done:
    pass


@cython.final
cdef class Failed:
    cdef object _error


@cython.final
cdef class Bell:
    cdef list _waiters

    cpdef ring(self)
    cdef _forget(self, future)
