cimport cython

from penstock.engine cimport octets

cdef int UNFINISHED, COMPLETE, TOO_LONG
cdef int _CR, _LF


@cython.final
cdef class LineReader:
    cdef bytes line
    cdef Py_ssize_t begin, end, after
    cdef bytearray _held

    cdef bint holds_some(self)
    cdef forget(self)
    @cython.locals(stop=Py_ssize_t, at=Py_ssize_t)
    cdef int read(self, bytes data, Py_ssize_t start, Py_ssize_t limit) except -1
    cdef int _keep(self, bytes data, Py_ssize_t start, Py_ssize_t stop, Py_ssize_t limit) except -1
    @cython.locals(size=Py_ssize_t, stop=Py_ssize_t, at=Py_ssize_t)
    cdef int _read_on(self, bytearray held, bytes data, Py_ssize_t start, Py_ssize_t limit) except -1
    cdef int _read_line_feed(self, bytearray held, bytes data, Py_ssize_t start) except -1
