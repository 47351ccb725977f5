cimport cython


@cython.final
@cython.freelist(64)
cdef class RequestHead:
    cdef readonly str method
    cdef readonly bytes raw_path
    cdef readonly str path
    cdef readonly bytes query_string
    cdef readonly str http_version
    cdef readonly list fields
    cdef readonly bytes upgrade
    cdef readonly bint body_follows
    cdef readonly bint wants_trailers
