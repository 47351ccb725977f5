cimport cython

from penstock.bridge.http cimport HttpExchange
from penstock.bridge.service cimport Service
from penstock.engine.http1.connection cimport Http1Connection
from penstock.engine.http1.events cimport BodyPart, PeerClosed, PeerFault, RequestEnd, RequestHead


@cython.final
cdef class Http1Session:
    cdef object _wire
    cdef Service _service
    cdef Http1Connection _engine
    cdef object _exchange
    cdef bint _advancing
    cdef bint _reading_paused

    cdef _advance(self)
    cdef _handle(self, list events)
    cdef _tell(self, exchange, event)
    cdef object _open(self, RequestHead head)
    cdef _start(self, exchange)
    cdef _flush(self)
    cdef _settle(self)
