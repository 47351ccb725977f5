cimport cython

from penstock.engine cimport octets

cdef Py_ssize_t _MOST_BYTES


@cython.final
cdef class FieldBlock:
    cdef readonly list fields
    cdef readonly Py_ssize_t size
    cdef bytes _data
    cdef Py_ssize_t _begin

    @cython.locals(size=Py_ssize_t)
    cdef bint is_repeated(self, bytes data, Py_ssize_t position, Py_ssize_t room) except -1
    cdef remember(self, bytes data, Py_ssize_t begin, Py_ssize_t end, list fields)
