cimport cython

from penstock.engine cimport octets
from penstock.engine.http2 cimport codes

cdef bytes PREFACE
cdef int _HEAD_BYTES, _PRIORITY_BYTES
cdef long long _STREAM_ID


@cython.final
cdef class FrameReader:
    cdef readonly bytes data
    cdef readonly Py_ssize_t start, end
    cdef readonly int kind, flags, stream_id, preface_left
    cdef bytes _input
    cdef Py_ssize_t _position
    cdef bytearray _held

    cdef feed(self, bytes data)
    cdef bint holds_some(self)
    @cython.locals(held=bytearray)
    cdef bint holds_control(self)
    cdef stop(self)
    @cython.locals(start=Py_ssize_t, left=Py_ssize_t, size=Py_ssize_t)
    cdef bint read(self) except -1
    cdef need_stream(self)
    cdef need_size(self, str name, Py_ssize_t size)
    @cython.locals(size=Py_ssize_t)
    cdef unpad(self)
    @cython.locals(depends_on=int)
    cdef skip_priority(self)
    cdef _keep(self, Py_ssize_t left)
    cdef _forget_input(self)
    @cython.locals(at=int, came=bytes)
    cdef _read_preface(self)
    @cython.locals(whole=Py_ssize_t)
    cdef bint _read_on(self, bytearray held) except -1
    @cython.locals(missing=Py_ssize_t)
    cdef bint _fill(self, bytearray held, Py_ssize_t size) except -1
    cdef _take(self, bytes data, Py_ssize_t start, Py_ssize_t end)


@cython.locals(size=Py_ssize_t)
cdef Py_ssize_t _payload_size(bytes data, Py_ssize_t start) except -1
