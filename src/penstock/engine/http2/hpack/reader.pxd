cimport cython

from penstock.engine cimport octets
from penstock.engine.http2.hpack cimport huffman

cdef int MAX_MORE_OCTETS


@cython.final
cdef class BlockReader:
    cdef bytes block
    cdef Py_ssize_t at, end

    cdef begin(self, bytes block)
    @cython.locals(number=Py_ssize_t)
    cdef Py_ssize_t read_integer(self, Py_ssize_t mask) except -1
    @cython.locals(is_huffman=bint, size=Py_ssize_t, start=Py_ssize_t)
    cdef bytes read_string(self)
    @cython.locals(number=Py_ssize_t, place=int, octet=Py_ssize_t)
    cdef Py_ssize_t _read_more(self) except -1
