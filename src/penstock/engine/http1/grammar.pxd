cimport cython

from penstock.engine cimport octets

cdef int _SPACE, _TAB, _COLON, _SLASH, _QUESTION, _PERCENT, _ASTERISK


@cython.final
@cython.freelist(8)
cdef class Target:
    cdef readonly bytes raw_path
    cdef readonly str path
    cdef readonly bytes query_string
    cdef readonly bytes authority


@cython.locals(target=Target)
cpdef Target parse_target(bytes data, Py_ssize_t start, Py_ssize_t end, bint is_options)
@cython.locals(question=Py_ssize_t)
cdef _split_path(Target target, bytes data, Py_ssize_t start, Py_ssize_t end)
cdef _parse_absolute(Target target, bytes uri, bint is_options)
cdef _be_asterisk(Target target)
cpdef str decode_path(bytes raw)
cpdef bint is_http11(bytes data, Py_ssize_t start, Py_ssize_t end) except -1
@cython.locals(colon=Py_ssize_t, first=Py_ssize_t)
cpdef tuple parse_field(bytes line, Py_ssize_t start, Py_ssize_t end)
