cimport cython


@cython.final
cdef class Inflater:
    cdef object _agreement
    cdef object _decompressor
    cdef int _final_blocks
    cdef bint _is_inside

    cpdef bytes inflate(self, bytes piece, Py_ssize_t room, bint is_last)
    cdef bytes _inflate(self, bytes piece, Py_ssize_t most)
    cdef _begin(self)
    cdef _begin_again(self)
    cdef _end_message(self)


@cython.final
cdef class Deflater:
    cdef object _agreement
    cdef object _compressor

    cpdef bytes deflate(self, bytes payload)
    cdef _begin(self)
