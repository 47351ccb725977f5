cimport cython

from penstock.engine cimport octets

cdef int _SPACE, _TAB, _COLON

cpdef bint is_http11(bytes data, Py_ssize_t start, Py_ssize_t end) except -1
@cython.locals(colon=Py_ssize_t, first=Py_ssize_t)
cpdef tuple parse_field(bytes line, Py_ssize_t start, Py_ssize_t end)
