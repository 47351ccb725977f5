cimport cython

from penstock.engine.http2.hpack cimport huffman


cpdef append_integer(bytearray out, int first, int mask, Py_ssize_t number)
@cython.locals(size=Py_ssize_t)
cpdef append_string(bytearray out, bytes data)
