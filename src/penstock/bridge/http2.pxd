cimport cython

from penstock.bridge.carrier cimport Carrier
from penstock.bridge.exchange cimport Exchange
from penstock.bridge.http cimport HttpExchange, open_exchange
from penstock.bridge.http2_stream cimport Http2Stream, open_stream
from penstock.bridge.service cimport Service
from penstock.bridge.wire cimport Wire
from penstock.engine.http2.connection cimport Http2Connection
from penstock.engine.http2.events cimport (
    ConnectionFault,
    DataReceived,
    PeerClosed,
    RequestEnded,
    RequestReceived,
    StreamRefused,
    StreamReset,
    StreamWritable,
)
from penstock.engine.request cimport RequestHead

cdef list NO_EVENTS


cdef class Http2Session(Carrier):
    cdef bint _advancing
    cdef bint _output_paused
    cdef bint _reading_paused
    cdef dict _streams

    cpdef spoken(self)
    cpdef Py_ssize_t share_bytes(self) except -1
    cpdef let_go(self, int stream_id)
    cdef _advance(self)
    cdef _run(self, list events)
    @cython.locals(opened=list, latest=Http2Stream, stream=Http2Stream)
    cdef _handle(self, list events)
    @cython.locals(stream=Http2Stream, exchange=HttpExchange)
    cdef Http2Stream _open(self, RequestReceived event)
    cdef _open_websocket(self, Http2Stream stream, RequestHead head)
    cdef _start(self, Exchange exchange)
    @cython.locals(stream=Http2Stream)
    cdef _tell_data(self, DataReceived event)
    @cython.locals(stream=Http2Stream)
    cdef _tell_complete(self, RequestEnded event, Http2Stream latest)
    @cython.locals(stream=Http2Stream)
    cdef _tell_end(self, event)
    @cython.locals(stream=Http2Stream)
    cdef _lose(self, int stream_id, str reason, int answer)
    @cython.locals(streams=dict, stream=Http2Stream)
    cdef _lose_all(self)
    @cython.locals(engine=Http2Connection, wire=Wire, pieces=list)
    cdef _write(self)
    cdef _pause_output(self, bint paused)
    @cython.locals(engine=Http2Connection, paused=bint)
    cdef _settle(self)
