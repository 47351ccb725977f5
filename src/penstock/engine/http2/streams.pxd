cimport cython
from libc.stdint cimport int64_t

from penstock.engine.http2 cimport codes, state
from penstock.engine.http2.stream cimport Stream

cdef Py_ssize_t _MAX_REMEMBERED


@cython.final
cdef class Streams:
    cdef readonly dict by_id
    cdef readonly int64_t active, pushed, opened
    cdef readonly int last_id, last_promised
    cdef public int64_t initial_send_window
    cdef list _over
    cdef Stream _recent
    cdef dict _resets
    cdef int _skipped_from, _skipped_to

    @cython.locals(recent=Stream, found=Stream)
    cdef Stream find(self, int stream_id)
    cdef list live(self)
    @cython.locals(stream=Stream, highest=int)
    cdef int state_of(self, int stream_id) except -1
    cdef Stream open(self, int stream_id)
    @cython.locals(stream=Stream)
    cdef Stream promise(self)
    cdef bint was_skipped(self, int stream_id)
    cdef settle(self, Stream stream, int after)
    @cython.locals(stream=Stream, untaken=int64_t)
    cdef int64_t forget(self) except -1
    @cython.locals(stream=Stream)
    cdef Stream _add(self, int stream_id)
    cdef _remember(self, int stream_id)
