cimport cython


@cython.final
@cython.freelist(64)
cdef class TextMessage:
    cdef readonly str text


@cython.final
@cython.freelist(64)
cdef class BytesMessage:
    cdef readonly bytes data


@cython.final
cdef class Closed:
    cdef readonly int code
    cdef readonly str reason
