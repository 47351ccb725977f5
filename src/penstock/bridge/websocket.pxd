cimport cython

from penstock.bridge.exchange cimport Exchange
from penstock.bridge.messages cimport as_dict, kind_of, listed, required_status
from penstock.bridge.open_websocket cimport OpenWebSocket
from penstock.bridge.scope cimport websocket_scope
from penstock.bridge.service cimport Service
from penstock.bridge.stream cimport HttpStream
from penstock.bridge.waiting cimport Bell
from penstock.bridge.wire cimport Wire
from penstock.engine.request cimport RequestHead
from penstock.engine.websocket.events cimport BytesMessage, TextMessage


cdef class WebSocketSession(Exchange):
    cdef readonly Bell bell
    cdef bint _connect_told
    cdef object _disconnect
    cdef object _handshake_deadline
    cdef object _offer
    cdef object _response_fields
    cdef Service _service
    cdef OpenWebSocket _socket
    cdef double _started_at
    cdef object _status
    cdef dict _steps
    cdef HttpStream _stream
    cdef Wire _wire

    cpdef cancelled(self)
    cpdef half_closed(self)
    cpdef disconnected(self, int answer=*)
    cpdef handle_deadline(self, double now)
    cpdef ended(self, int code, str reason)
    cpdef drain(self)
    @cython.locals(step=int)
    cdef object _take_step(self, dict message)
    cdef _accept(self, dict message)
    cdef object _send_message(self, dict message)
    cdef _send_close(self, dict message)
    cdef _close(self, code, reason)
    cdef _start_denial(self, dict message)
    cdef object _send_denial(self, dict message)
    cdef _refuse(self, int status, str reason, tuple fields)
    cdef _application_ended(self, int code)
    cdef _let_go(self)
    cdef _record(self)
    cdef _unexpected(self, dict message)


cdef str _plain_text(text, what)
cdef bytes _plain_bytes(data)
