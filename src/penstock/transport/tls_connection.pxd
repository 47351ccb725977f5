from penstock.transport.connection cimport Connection


cdef class TlsConnection(Connection):
    cdef object _handshake_deadline
    cdef bint _peer_closed
    cdef object _pump
    cdef object _setup

    cpdef data_received(self, bytes data)
    cpdef write(self, list pieces)
    cpdef close(self, int wanted)
    cdef _flush(self)
