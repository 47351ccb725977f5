cdef class Meter:
    cdef long _before, _earlier, _within
    cdef double _ends

    cpdef add(self, double now, long count=*)
    cdef _turn(self, double now)


cdef class Counts:
    cdef readonly dict dropped
    cdef readonly Meter full, messages

    cpdef drop(self, str reason, long count=*)
