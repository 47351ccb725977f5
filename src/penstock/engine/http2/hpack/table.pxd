cimport cython
from libc.stdint cimport int64_t

cdef Py_ssize_t ENTRY_BYTES, INITIAL_TABLE_BYTES, FIRST_DYNAMIC
cdef Py_ssize_t _CUT
cdef list STATIC_ENTRIES


@cython.final
@cython.freelist(64)
cdef class Entry:
    cdef readonly tuple field
    cdef readonly Py_ssize_t size
    cdef readonly int64_t number


@cython.final
cdef class DynamicTable:
    cdef Py_ssize_t max_bytes, used_bytes
    cdef int64_t added
    cdef list _entries
    cdef Py_ssize_t _evicted

    cdef Py_ssize_t count(self)
    @cython.locals(entry=Entry)
    cdef Entry get(self, Py_ssize_t place)
    cdef add(self, Entry entry)
    @cython.locals(entry=Entry)
    cdef Entry evict(self)
