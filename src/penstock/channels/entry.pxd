cdef class Entry:
    cdef readonly object attempt, frozen
    cdef readonly double deadline, sent_at
    cdef readonly bint is_notice
