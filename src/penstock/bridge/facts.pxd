cimport cython


@cython.final
cdef class ConnectionFacts:
    cdef readonly tuple client
    cdef readonly tuple server
    cdef readonly str scheme
    cdef readonly dict tls
    cdef readonly dict extensions
