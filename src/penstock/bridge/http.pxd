cimport cython

from penstock.bridge.facts cimport ConnectionFacts
from penstock.bridge.messages cimport as_dict, kind_of, listed, required_status
from penstock.bridge.request cimport RequestHalf
from penstock.bridge.scope cimport http_scope
from penstock.bridge.service cimport Service
from penstock.bridge.stream cimport HttpStream
from penstock.engine.request cimport RequestHead

cdef int CLIENT_CLOSED_REQUEST, EARLY_HINTS
cdef int START, BODY, TRAILERS, EARLY_HINT, PATH, DESCRIPTOR, PUSH, PRIORITY, UNEXPECTED
cdef dict EXPECTS_START, EXPECTS_BODY, MORE_BODY, EXPECTS_TRAILERS, SENDING_FILE, FINISHED, GONE
cdef list NO_FIELDS


cdef class HttpExchange(RequestHalf):
    cdef object _response_fields
    cdef object _response_trailers
    cdef double _started_at
    cdef object _status
    cdef dict _steps
    cdef bint _trailers_follow
    cdef bint _trailers_wanted

    cdef _open(self, RequestHead head, ConnectionFacts facts, HttpStream stream, Service service)
    cpdef disconnected(self, int answer=*)
    cpdef cancelled(self)
    @cython.locals(step=int)
    cdef object _take_step(self, dict message)
    cpdef answer(self, status, list fields, bytes body)
    cpdef go_on(self, rest)
    cdef _answer(self, status, list fields, bytes body)
    cdef _start(self, dict message)
    cdef _send_head(self, status, fields)
    @cython.locals(stream=HttpStream, more=bint)
    cdef object _send_body(self, dict message)
    cdef _send_trailers(self, dict message)
    cdef _send_early_hint(self, dict message)
    cdef object _send_path(self, dict message)
    cdef object _send_descriptor(self, dict message)
    cpdef body_sent(self)
    cdef _complete(self)
    cdef _finish(self)
    cdef bint _is_answered(self) except -1
    cdef _unexpected(self, dict message)
    cdef _returned_early(self)
    cdef _give_up(self, int status)
    cdef _cut(self, status)
    cdef _refuse(self, int status, str reason, tuple fields)
    cdef _record(self, status)


@cython.locals(exchange=HttpExchange)
cpdef HttpExchange open_exchange(RequestHead head, ConnectionFacts facts, HttpStream stream, Service service)
