cimport cython


@cython.final
cdef class Inbox:
    cdef list _events
    cdef readonly Py_ssize_t size_bytes

    cpdef put(self, list events)
    cpdef object take(self)
    cpdef clear(self)


cdef Py_ssize_t _size(event) except -1
