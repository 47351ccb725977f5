cimport cython


@cython.final
cdef class Assembly:
    cdef readonly bint is_compressed
    cdef readonly long long size
    cdef object _text
    cdef object _bytes
    cdef bytes _cut

    cpdef feed(self, bytes piece)
    cpdef finish(self)
    cdef _feed_text(self, bytes piece)


cpdef str decode_text(bytes payload)
