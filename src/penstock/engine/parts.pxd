cimport cython
from libc.stdint cimport int64_t

from penstock.engine cimport octets

cdef Py_ssize_t JOINED_BYTES

cdef bytes as_bytes(object data)
@cython.locals(runs=list, small=list)
cdef list joined(list pieces)
@cython.locals(total=int64_t)
cdef int64_t kept_total(int64_t sent, int64_t size, int64_t length, bint end) except -1
