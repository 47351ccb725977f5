cimport cython

from penstock.engine cimport octets

cdef int _SLASH, _QUESTION, _PERCENT, _ASTERISK


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
