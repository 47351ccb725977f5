cimport cython

from penstock.bridge.exchange cimport Exchange
from penstock.bridge.http cimport open_exchange
from penstock.bridge.service cimport Service
from penstock.bridge.stream cimport HttpStream
from penstock.bridge.wire cimport Wire
from penstock.engine.http1.connection cimport Http1Connection
from penstock.engine.http1.events cimport BodyPart, PeerClosed, PeerFault, RequestEnd
from penstock.engine.request cimport RequestHead


cdef class Http1Session(HttpStream):
    cdef Wire _wire
    cdef Service _service
    cdef Http1Connection _engine
    cdef Exchange _exchange
    cdef bint _advancing
    cdef bint _reading_paused

    cpdef bint is_writable(self) except -1
    cpdef send_continue(self)
    cpdef send_response(self, status, fields, bint trailers_follow)
    cpdef send_data(self, data, bint end)
    cpdef abort(self)
    cpdef body_taken(self, Py_ssize_t size)
    cpdef exchange_complete(self)
    cpdef bint response_started(self) except -1
    cpdef body_bytes_sent(self)
    @cython.locals(events=list)
    cdef _advance(self)
    @cython.locals(opened=Exchange, exchange=Exchange)
    cdef _handle(self, list events)
    cdef _tell_fault(self, PeerFault fault)
    cdef _record_refusal(self, int status, RequestHead head)
    cdef _tell_end(self, Exchange exchange, event)
    cdef Exchange _open(self, RequestHead head)
    cdef Exchange _open_websocket(self, RequestHead head)
    cdef _go_on_as_http2(self, RequestHead head)
    cdef _start(self, Exchange exchange)
    @cython.locals(pieces=list)
    cdef _flush(self)
    @cython.locals(engine=Http1Connection, exchange=Exchange, paused=bint)
    cdef _settle(self)
