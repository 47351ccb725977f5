cimport cython

from penstock.bridge.carrier cimport Carrier
from penstock.bridge.waiting cimport Bell
from penstock.bridge.wire cimport Wire
from penstock.engine.http2 cimport codes
from penstock.engine.http2.connection cimport Http2Connection


cdef class Tunnel(Wire):
    cdef readonly bint is_open
    cdef Carrier _carrier
    cdef int _stream_id
    cdef Bell _bell
    cdef list _early
    cdef bint _closing
    cdef bint _gone
    cdef bint _peer_ended
    cdef bint _reading_paused
    cdef Py_ssize_t _untaken

    cpdef receive_data(self, bytes data)
    cpdef receive_eof(self)
    cpdef writing_resumed(self)
    cpdef connection_lost(self)
    @cython.locals(engine=Http2Connection, data=bytes)
    cpdef write(self, list pieces)
    cpdef flush(self)
    cpdef close(self, int wanted)
    cpdef pause_reading(self)
    cpdef resume_reading(self)
    cdef _take(self)
    cdef _let_go(self)
