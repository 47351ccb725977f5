cimport cython
from libc.stdint cimport int64_t

from penstock.engine cimport octets
from penstock.engine.http2.hpack cimport entries
from penstock.engine.http2.hpack.entries cimport Entry
from penstock.engine.http2.hpack.table cimport DynamicTable
from penstock.engine.http2.hpack.writer cimport append_string, build_integer

cdef int INDEXED, NOT_INDEXED
cdef dict _KINDS, _STATIC_INDICES, _STATIC_NAMES


@cython.final
cdef class HpackEncoder:
    cdef Py_ssize_t _most, _told, _lowest
    cdef DynamicTable _table
    cdef dict _entries, _names

    @cython.locals(size=Py_ssize_t)
    cpdef limit_table(self, int64_t max_bytes)
    @cython.locals(pieces=list, field=tuple, entry=Entry, index=Py_ssize_t)
    cpdef bytes encode(self, object fields)
    @cython.locals(size=Py_ssize_t)
    cdef _append_updates(self, list pieces)
    @cython.locals(kind=int, entry=Entry)
    cdef _append_new(self, list pieces, bytes name, bytes value)
    @cython.locals(index=Py_ssize_t)
    cdef _append_literal(self, list pieces, int kind, int mask, bytes name, bytes value)
    @cython.locals(index=Py_ssize_t, entry=Entry)
    cdef Py_ssize_t _index_of_name(self, bytes name) except -1
    cdef Py_ssize_t _index(self, Entry entry) except -1
    cdef _insert(self, Entry entry)
    @cython.locals(table=DynamicTable)
    cdef _shrink(self, Py_ssize_t most)
    @cython.locals(name=bytes)
    cdef _forget(self, Entry entry)
