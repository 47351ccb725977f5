cimport cython
from libc.stdint cimport int64_t

from penstock.engine.http2 cimport codes
from penstock.engine.http2.streams cimport Streams
from penstock.engine.http2.writing cimport FrameWriter

cdef int STAYING, ANNOUNCED, LEFT
cdef bytes PING_PAYLOAD


@cython.final
cdef class Farewell:
    cdef readonly int stage, last_id
    cdef public bint peer_leaves
    cdef Streams _streams
    cdef FrameWriter _writer

    cdef announce(self)
    cdef answered(self, bytes payload)
    cdef leave(self, int64_t code, bytes reason)
