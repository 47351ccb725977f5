cimport cython
from libc.stdint cimport int64_t

from penstock.engine cimport octets, parts
from penstock.engine.http2 cimport codes
from penstock.engine.http2.hpack.encoder cimport HpackEncoder


@cython.final
cdef class FrameWriter:
    cdef readonly int64_t budget, strain
    cdef readonly bint paused
    cdef int64_t _batch
    cdef HpackEncoder _encoder
    cdef list _pieces
    cdef bint _has_large

    @cython.locals(pieces=list)
    cdef list take(self)
    cdef drop(self)
    cdef pause(self, bint paused)
    cdef limit_table(self, int64_t max_bytes)
    cdef put(self, int kind, int flags, int stream_id, bytes payload)
    cdef put_headers(self, int stream_id, list fields, int flags)
    @cython.locals(block=bytes)
    cdef put_promise(self, int stream_id, int promised_id, list fields)
    cdef put_data(self, int stream_id, bytes data, Py_ssize_t start, Py_ssize_t end, int flags)
    cdef put_reset(self, int stream_id, int64_t code)
    cdef put_window_update(self, int stream_id, int64_t increment)
    cdef put_goaway(self, int last_id, int64_t code, bytes reason)
    @cython.locals(room=Py_ssize_t, at=Py_ssize_t)
    cdef _put_block(self, int kind, int flags, int stream_id, bytes before, bytes block)
