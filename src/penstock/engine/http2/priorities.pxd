cdef int URGENCIES, DEFAULT

cpdef int parse_priority(bytes value) except -1
