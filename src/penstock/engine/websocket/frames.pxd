cimport cython
from libc.stdint cimport int64_t

from penstock.engine cimport octets


@cython.final
cdef class FrameHead:
    cdef bint _may_be_compressed
    cdef readonly int opcode
    cdef readonly bint is_continuation
    cdef readonly bint is_control
    cdef readonly bint is_text
    cdef readonly bint is_final
    cdef readonly bint is_compressed
    cdef readonly int64_t length
    cdef readonly unsigned int key

    @cython.locals(available=Py_ssize_t, length=int64_t, size=Py_ssize_t, position=Py_ssize_t)
    cpdef Py_ssize_t read(self, bytes data, Py_ssize_t start) except -2
    @cython.locals(twice=cython.ulonglong)
    cpdef void turn_key(self, Py_ssize_t count)
    @cython.locals(opcode=int)
    cdef int _read_first(self, int first) except -1


@cython.locals(is_long=bint, length=int64_t)
cdef int64_t _read_length(bytes data, Py_ssize_t start, Py_ssize_t end) except -1

@cython.locals(length=Py_ssize_t)
cpdef append_frame(list pieces, unsigned int first, bytes payload)
cdef _append_long(list pieces, bytes head, bytes payload)
