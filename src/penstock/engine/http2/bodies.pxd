cimport cython
from libc.stdint cimport int64_t

from penstock.engine cimport octets
from penstock.engine.http2 cimport codes, state
from penstock.engine.http2.events cimport DataReceived, RequestEnded
from penstock.engine.http2.patience cimport Patience
from penstock.engine.http2.reading cimport FrameReader
from penstock.engine.http2.stream cimport Stream
from penstock.engine.http2.streams cimport Streams
from penstock.engine.http2.window cimport ReceiveWindow
from penstock.engine.http2.writing cimport FrameWriter

cdef int64_t _NO_LIMIT


@cython.final
cdef class BodyReader:
    cdef Streams _streams
    cdef FrameWriter _writer
    cdef Patience _patience
    cdef ReceiveWindow _window
    cdef int64_t _stream_window_bytes, _max_body_bytes

    cdef open_connection(self)
    cdef int64_t room(self)
    cdef begin(self, Stream stream)
    @cython.locals(size=Py_ssize_t, stream=Stream, act=int, before=int64_t)
    cdef read(self, FrameReader frames, list events)
    @cython.locals(end=RequestEnded)
    cdef append_end(self, Stream stream, list trailers, list events)
    cdef data_taken(self, Stream stream, int64_t count)
    @cython.locals(untaken=int64_t)
    cdef forget_streams(self)
    @cython.locals(length=Py_ssize_t, data=DataReceived)
    cdef _take(self, Stream stream, FrameReader frames, Py_ssize_t size, list events)
    cdef _count(self, Stream stream, Py_ssize_t length)
    @cython.locals(was_open=bint)
    cdef _move(self, Stream stream, int stream_id, int act, list events)
    @cython.locals(increment=int64_t)
    cdef _credit(self, int64_t size)
    @cython.locals(increment=int64_t)
    cdef _credit_stream(self, Stream stream, int64_t size)
