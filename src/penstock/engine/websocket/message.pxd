cimport cython


@cython.final
cdef class Assembly:
    cdef readonly bint is_compressed
    cdef readonly long long size
    cdef object _text
    cdef object _bytes
    cdef bytes _cut

    cpdef bint takes_text(self) except -1
    cpdef feed_text(self, str text)
    cpdef feed(self, bytes piece)
    cpdef finish(self)
    cdef _decode(self, bytes piece)


cpdef str decode_text(bytes payload)
