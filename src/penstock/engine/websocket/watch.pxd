cimport cython


@cython.final
cdef class Watch:
    cdef object _limits
    cdef int _stage
    cdef long long _signs
    cdef long long _seen
    cdef readonly object deadline

    cpdef void heard(self)
    cpdef enter(self, int stage)
    cpdef int look(self, double now) except -2
    cdef _set_deadline(self, double now)
    cdef _seconds(self)
