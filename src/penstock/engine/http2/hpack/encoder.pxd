cimport cython

from penstock.engine.http2.hpack.table cimport FIRST_DYNAMIC, INITIAL_TABLE_BYTES, DynamicTable, Entry
from penstock.engine.http2.hpack.writer cimport append_integer, append_string

cdef dict _STATIC_INDICES, _STATIC_NAMES


@cython.final
cdef class HpackEncoder:
    cdef Py_ssize_t _most, _told, _lowest
    cdef DynamicTable _table
    cdef dict _entries, _names

    @cython.locals(size=Py_ssize_t)
    cpdef limit_table(self, Py_ssize_t max_bytes)
    @cython.locals(out=bytearray, field=tuple, entry=Entry, index=Py_ssize_t)
    cpdef bytes encode(self, object fields)
    @cython.locals(size=Py_ssize_t)
    cdef _append_updates(self, bytearray out)
    @cython.locals(entry=Entry)
    cdef _append_new(self, bytearray out, bytes name, bytes value)
    @cython.locals(index=Py_ssize_t)
    cdef _append_literal(self, bytearray out, int first, int mask, bytes name, bytes value)
    @cython.locals(index=Py_ssize_t, entry=Entry)
    cdef Py_ssize_t _index_of_name(self, bytes name) except -1
    cdef Py_ssize_t _index(self, Entry entry) except -1
    cdef _insert(self, Entry entry)
    @cython.locals(table=DynamicTable)
    cdef _shrink(self, Py_ssize_t most)
    @cython.locals(name=bytes)
    cdef _forget(self, Entry entry)
