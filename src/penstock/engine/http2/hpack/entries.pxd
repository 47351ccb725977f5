cimport cython
from libc.stdint cimport int64_t

cdef Py_ssize_t _ENTRY_BYTES, FIRST_DYNAMIC
cdef list STATIC


@cython.final
@cython.freelist(64)
cdef class Entry:
    cdef readonly tuple field
    cdef readonly Py_ssize_t size
    cdef readonly int64_t number
