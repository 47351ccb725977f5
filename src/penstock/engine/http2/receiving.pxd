cimport cython
from libc.stdint cimport int64_t

from penstock.engine cimport octets
from penstock.engine.http2 cimport codes, state
from penstock.engine.http2.blocks cimport FieldBlock
from penstock.engine.http2.bodies cimport BodyReader
from penstock.engine.http2.control cimport ControlReader
from penstock.engine.http2.events cimport RequestReceived
from penstock.engine.http2.hpack.decoder cimport HpackDecoder
from penstock.engine.http2.patience cimport Patience
from penstock.engine.http2.reading cimport FrameReader
from penstock.engine.http2.request cimport RequestBuilder, check_trailers
from penstock.engine.http2.responding cimport Responder
from penstock.engine.http2.stream cimport Stream
from penstock.engine.http2.streams cimport Streams

cdef int _PRIORITY_BYTES
cdef long long _STREAM_ID


@cython.final
cdef class RequestReader:
    cdef readonly FrameReader frames
    cdef readonly FieldBlock block
    cdef public int highest_id
    cdef BodyReader _bodies
    cdef RequestBuilder _builder
    cdef ControlReader _control
    cdef HpackDecoder _decoder
    cdef Responder _responder
    cdef Patience _patience
    cdef int64_t _max_streams
    cdef Py_ssize_t _max_fields, _max_head_bytes

    cdef Streams streams(self)
    @cython.locals(frames=FrameReader)
    cdef read(self, list events)
    @cython.locals(received=RequestReceived)
    cdef tell(self, Stream stream, list fields, bint ends, list events)
    @cython.locals(stream=Stream)
    cdef break_stream(self, int stream_id, int64_t code, str reason, list events)
    @cython.locals(stream=Stream)
    cdef refuse(self, int stream_id, int status, str reason, list events)
    @cython.locals(frames=FrameReader, kind=int)
    cdef _read_frame(self, list events)
    @cython.locals(frames=FrameReader, part=bytes, ends=bint)
    cdef _read_headers(self, list events)
    @cython.locals(frames=FrameReader)
    cdef _read_continuation(self, list events)
    @cython.locals(streams=Streams, current=int, act=int, after=int, fields=list)
    cdef _read_block(self, int stream_id, bint ends, bytes block, list events)
    @cython.locals(streams=Streams, stream=Stream, fields=list)
    cdef _open(self, int stream_id, int act, bytes block, list events)
    @cython.locals(stream=Stream)
    cdef _end_with_trailers(self, int stream_id, int after, list fields, list events)
    cdef list _decode(self, bytes block)
    cdef object _too_large(self)
    @cython.locals(frames=FrameReader, stream=Stream, code=int64_t)
    cdef _read_reset(self, list events)
    @cython.locals(frames=FrameReader, stream=Stream, increment=int64_t)
    cdef _read_window_update(self)
    @cython.locals(frames=FrameReader)
    cdef _read_priority(self)
