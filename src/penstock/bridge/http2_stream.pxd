cimport cython

from penstock.bridge.carrier cimport Carrier
from penstock.bridge.exchange cimport Exchange
from penstock.bridge.stream cimport HttpStream
from penstock.bridge.tunnel cimport Tunnel
from penstock.bridge.waiting cimport Bell
from penstock.engine.http2 cimport codes


cdef class Http2Stream(HttpStream):
    cdef readonly int stream_id
    cdef public Exchange exchange
    cdef Bell _bell
    cdef Carrier _carrier
    cdef Tunnel _tunnel
    cdef bint _is_gone
    cdef bint _trailers_follow

    cdef _begin(self, Carrier carrier, int stream_id)
    cpdef body_received(self, bytes data)
    cpdef body_ended(self, list trailers)
    cpdef half_closed(self)
    cpdef writing_resumed(self)
    @cython.locals(exchange=Exchange)
    cpdef lost(self, int answer=*)
    cpdef handle_deadline(self, double now)
    cpdef drain(self)
    cpdef bint is_writable(self) except -1
    cpdef bint response_started(self) except -1
    cpdef body_bytes_sent(self)
    cpdef send_continue(self)
    cpdef send_response(self, status, fields, bint trailers_follow)
    cpdef send_data(self, data, bint end)
    cpdef abort(self)
    cpdef body_taken(self, Py_ssize_t size)
    cpdef exchange_complete(self)
    cdef _ring(self)
    cdef bint _has_no_body(self) except -1

@cython.locals(stream=Http2Stream)
cpdef Http2Stream open_stream(Carrier carrier, int stream_id)
