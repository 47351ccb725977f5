cimport cython
from libc.stdint cimport int64_t

from penstock.engine.http2.hpack cimport entries
from penstock.engine.http2.hpack.entries cimport Entry
from penstock.engine.http2.hpack.reader cimport BlockReader
from penstock.engine.http2.hpack.table cimport DynamicTable

cdef int _MAX_UPDATES


@cython.final
cdef class HpackDecoder:
    cdef Py_ssize_t _limit
    cdef BlockReader _reader
    cdef DynamicTable _table

    cpdef limit_table(self, Py_ssize_t max_bytes)
    @cython.locals(reader=BlockReader, fields=list, entry=Entry, count=Py_ssize_t, room=int64_t)
    cpdef list decode(self, bytes block, Py_ssize_t max_list_bytes, Py_ssize_t max_fields)
    @cython.locals(reader=BlockReader, table=DynamicTable, count=int)
    cdef _read_updates(self)
    cdef _resize(self, Py_ssize_t max_bytes)
    cdef Entry _read_field(self, int first)
    @cython.locals(place=Py_ssize_t)
    cdef Entry _find(self, Py_ssize_t index)
    @cython.locals(index=Py_ssize_t, name=bytes)
    cdef Entry _read_literal(self, Py_ssize_t mask)
    cdef Entry _insert(self, Entry entry)
    @cython.locals(table=DynamicTable)
    cdef _shrink(self, Py_ssize_t most)
