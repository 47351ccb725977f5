cimport cython


@cython.final
cdef class TlsPump:
    cdef bint _close_sent
    cdef object _incoming
    cdef object _outgoing
    cdef int _phase
    cdef list _ready
    cdef bytes _sniffed
    cdef object _unsent
    cdef readonly object alpn
    cdef readonly object fault
    cdef readonly bint handshake_complete
    cdef readonly bint peer_closed
    cdef readonly bint plain_http
    cdef readonly object session
    cdef readonly bint truncated

    cpdef bytes receive_data(self, bytes data)
    cpdef receive_eof(self)
    @cython.locals(piece=bytes, size=Py_ssize_t)
    cpdef send_data(self, list pieces)
    cpdef send_close(self)
    @cython.locals(ready=list)
    cpdef list data_to_send(self)
    cdef bytes _sniff(self, bytes data)
    cdef bytes _shake(self, bytes data)
    @cython.locals(part=bytes, parts=list)
    cdef bytes _decrypt(self, Py_ssize_t size)
    cdef _encrypt(self, bytes data)
    cdef _encrypt_later(self, list pieces)
    cdef _encrypt_unsent(self)
    cdef _peer_closed(self)
    cdef _fail(self, error)


cdef str _sentence(error)
