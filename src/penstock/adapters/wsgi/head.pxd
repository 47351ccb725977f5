cimport cython

cdef frozenset HOP_BY_HOP, WITHOUT_BODY
cdef dict KNOWN_FIELDS, NAMES
cdef Py_ssize_t KNOWN, LONGEST_KNOWN, NO_CONTENT


@cython.final
cdef class Head:
    cdef readonly list fields
    cdef readonly bint has_length
    cdef readonly bint is_without_body
    cdef readonly object length
    cdef readonly bint may_have_body
    cdef readonly int status

    cpdef complete_length(self, length)
    @cython.locals(field=tuple, name=bytes)
    cdef _add(self, pair)
    cdef _promise(self, str value)


cdef _check_pair(pair)
@cython.locals(known=tuple, field=tuple)
cdef tuple _field(pair)
cdef tuple _new_field(str name, str value)
cdef bytes _lower_name(str name)
cdef _check_text(str name, str value)
