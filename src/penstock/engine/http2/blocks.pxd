cimport cython
from libc.stdint cimport int64_t

from penstock.engine.http2 cimport codes


@cython.final
cdef class FieldBlock:
    cdef readonly int stream_id
    cdef readonly bint ends_stream
    cdef bytearray _parts
    cdef int64_t _count, _max_block_bytes, _max_continuations

    cdef begin(self, int stream_id, bint ends_stream, bytes part)
    cdef go_on(self, int stream_id, bytes part)
    @cython.locals(block=bytes)
    cdef bytes end(self)
