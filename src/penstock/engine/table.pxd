cdef int ABSENT, WIDTH

cpdef bytes flat(dict table)
