from penstock.bridge.facts cimport ConnectionFacts
from penstock.bridge.service cimport Service
from penstock.bridge.wire cimport Wire
from penstock.engine.http2.connection cimport Http2Connection


cdef class Carrier:
    cdef readonly Http2Connection engine
    cdef readonly ConnectionFacts facts
    cdef readonly Service service
    cdef readonly Wire wire

    cpdef spoken(self)
    cpdef Py_ssize_t share_bytes(self) except -1
    cpdef let_go(self, int stream_id)
