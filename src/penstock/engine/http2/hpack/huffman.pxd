cimport cython
from libc.stdint cimport uint64_t

cdef int _REFUSED, _LAST_END
cdef list _CODES
cdef bytes _BITS_OF, _NEXT, _DOES, _SYMBOLS


@cython.locals(decoded=bytearray, node=Py_ssize_t, step=Py_ssize_t, octet=Py_ssize_t)
cpdef bytes decode(bytes data, Py_ssize_t start, Py_ssize_t end)
cdef int _complete(bytearray decoded, Py_ssize_t step) except -1
@cython.locals(bits=Py_ssize_t, octet=cython.uchar)
cpdef Py_ssize_t encoded_size(bytes data) except -1
@cython.locals(encoded=bytearray, waiting=uint64_t, count=int, octet=cython.uchar)
cpdef bytes encode(bytes data)
