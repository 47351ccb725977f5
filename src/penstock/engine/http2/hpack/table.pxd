cimport cython
from libc.stdint cimport int64_t

from penstock.engine.http2.hpack.entries cimport Entry

cdef Py_ssize_t _CUT


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
