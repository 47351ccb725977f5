cimport cython
from libc.stdint cimport int64_t

from penstock.engine cimport octets
from penstock.engine.http2 cimport codes, priorities, state
from penstock.engine.http2.patience cimport Patience
from penstock.engine.http2.stream cimport Stream
from penstock.engine.http2.streams cimport Streams
from penstock.engine.http2.writing cimport FrameWriter

cdef Py_ssize_t _SMALL_BYTES
cdef int64_t _ALL_STREAMS


@cython.final
cdef class BodySender:
    cdef readonly int64_t window, total
    cdef Streams _streams
    cdef FrameWriter _writer
    cdef Patience _patience
    cdef list _queues, _waiting
    cdef int64_t _queued, _max_stream_bytes, _max_total_bytes
    cdef bint _has_drained

    @cython.locals(size=Py_ssize_t)
    cdef send(self, Stream stream, bytes data, bint ends)
    cdef send_trailers(self, Stream stream)
    @cython.locals(after=int)
    cdef end(self, Stream stream)
    cdef drop(self, Stream stream)
    @cython.locals(was_queued=bint)
    cdef set_priority(self, Stream stream, int priority)
    cdef widen(self, int64_t increment)
    cdef widen_stream(self, Stream stream, int64_t increment)
    @cython.locals(moved=int64_t, stream=Stream)
    cdef move_windows(self, int64_t initial)
    cdef pump(self)
    cdef bint is_writable(self, Stream stream) except -1
    @cython.locals(stream=Stream)
    cdef list freed(self)
    cdef bint _is_free(self, Stream stream) except -1
    cdef bint _may_pass(self, Stream stream, Py_ssize_t size) except -1
    @cython.locals(last=Py_ssize_t)
    cdef _keep(self, Stream stream, bytes data, Py_ssize_t size)
    cdef _queue(self, Stream stream)
    cdef _unqueue(self, Stream stream)
    cdef Stream _first(self)
    @cython.locals(size=int64_t, is_last=bint, flags=int, queue=list)
    cdef _write_first(self, Stream stream)
    @cython.locals(waiting=list, first=bytes, start=Py_ssize_t)
    cdef _write_part(self, Stream stream, Py_ssize_t size, int flags)
    cdef _count(self, Stream stream, int64_t size)
    cdef _written(self, Stream stream)
    @cython.locals(trailers=list)
    cdef _put_trailers(self, Stream stream)


@cython.locals(pieces=list, first=bytes, end=Py_ssize_t)
cdef bytes _gather(Stream stream, list waiting, Py_ssize_t size)
