from penstock.transport.connection cimport Connection
from penstock.transport.tls cimport TlsPump


cdef class TlsConnection(Connection):
    cdef bint _drain_due
    cdef object _handshake_deadline
    cdef bint _held_back
    cdef bint _peer_closed
    cdef TlsPump _pump
    cdef object _setup

    cpdef data_received(self, bytes data)
    cpdef close(self, int wanted)
    cpdef _send(self, list pieces, Py_ssize_t size)
    cdef _send_ciphertext(self)
