cimport cython


@cython.final
cdef class Doorbell:
    cdef object _calls
    cdef bint _rung
    cdef object _turn_ends_with
    cdef readonly object loop

    cpdef call(self, function)
    cpdef at_turn_end(self, function)
