cimport cython

from penstock.engine cimport octets

cdef Py_ssize_t JOINED_BYTES

cdef bytes as_bytes(object data)
@cython.locals(runs=list, small=list)
cdef list joined(list pieces)
