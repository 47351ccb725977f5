cimport cython

from penstock.bridge.inbox cimport Inbox
from penstock.bridge.wire cimport Wire
from penstock.engine.websocket.connection cimport WebSocketConnection
from penstock.engine.websocket.events cimport Closed


@cython.final
cdef class OpenWebSocket:
    cdef WebSocketConnection _engine
    cdef Inbox _inbox
    cdef Py_ssize_t _max_inbox_bytes
    cdef object _owner
    cdef bint _reading_paused
    cdef Wire _wire
    cdef bint _answers_wait
    cdef readonly long long bytes_sent

    cpdef receive_data(self, bytes data)
    cpdef object maybe_take(self)
    cpdef object send_text(self, str text)
    cpdef object send_bytes(self, data)
    cpdef send_close(self, code, reason)
    cpdef forget(self)
    @cython.locals(engine=WebSocketConnection, events=list)
    cdef _advance(self)
    cdef object _take_in(self, list events)
    @cython.locals(pieces=list, piece=bytes)
    cdef bint _flush(self) except -1
    @cython.locals(full=bint, paused=bint)
    cdef _update_reading(self)
