cimport cython

from penstock.engine cimport octets
from penstock.engine.http2.hpack cimport huffman

cdef list _OCTETS

cpdef bytes build_integer(int first, int mask, Py_ssize_t number)
@cython.locals(built=bytearray)
cdef bytes _build_long(int first, Py_ssize_t number)
@cython.locals(size=Py_ssize_t)
cpdef append_string(list pieces, bytes data)
