cimport cython
from libc.stdint cimport int64_t

from penstock.engine.http2 cimport codes, farewell, pushing, state
from penstock.engine.http2.bodies cimport BodyReader
from penstock.engine.http2.control cimport ControlReader
from penstock.engine.http2.events cimport StreamWritable
from penstock.engine.http2.farewell cimport Farewell
from penstock.engine.http2.patience cimport Patience
from penstock.engine.http2.receiving cimport RequestReader
from penstock.engine.http2.responding cimport Responder
from penstock.engine.http2.sending cimport BodySender
from penstock.engine.http2.settings cimport PeerSettings
from penstock.engine.http2.stream cimport Stream
from penstock.engine.http2.streams cimport Streams
from penstock.engine.http2.watch cimport Watch
from penstock.engine.http2.writing cimport FrameWriter


@cython.final
cdef class Http2Connection:
    cdef readonly int close_wanted
    cdef public bint reading_paused
    cdef Streams _streams
    cdef FrameWriter _writer
    cdef Patience _patience
    cdef BodySender _sender
    cdef Responder _responder
    cdef Farewell _farewell
    cdef ControlReader _control
    cdef BodyReader _bodies
    cdef RequestReader _reader
    cdef Watch _watch
    cdef list _pending
    cdef bint _eof, _has_left, _is_deaf
    cdef int64_t _max_strain_bytes

    cpdef receive_data(self, bytes data)
    @cython.locals(events=list, stream=Stream)
    cpdef list events(self)
    @cython.locals(stream=Stream)
    cpdef data_taken(self, int stream_id, int64_t count)
    @cython.locals(stream=Stream)
    cpdef send_continue(self, int stream_id)
    @cython.locals(stream=Stream)
    cpdef send_response(self, int stream_id, status, fields, bint trailers_follow)
    @cython.locals(stream=Stream)
    cpdef send_data(self, int stream_id, data, bint end)
    @cython.locals(peer=PeerSettings, streams=Streams)
    cpdef bint may_push(self) except -1
    @cython.locals(stream=Stream)
    cpdef bint is_writable(self, int stream_id) except -1
    @cython.locals(stream=Stream)
    cpdef bint response_started(self, int stream_id) except -1
    @cython.locals(stream=Stream)
    cpdef int64_t body_bytes_sent(self, int stream_id) except -1
    cpdef list data_to_send(self)
    cdef _judge(self, double now)
    @cython.locals(stream=Stream)
    cdef Stream _find(self, int stream_id)
    cdef _settle(self)
    @cython.locals(stream=Stream, complete=bint)
    cdef object _peer_closed(self)
    cdef object _fault(self, str reason, int64_t code)
    @cython.locals(stream=Stream)
    cdef _give_all_up(self)
    cdef _close(self, int wanted)
