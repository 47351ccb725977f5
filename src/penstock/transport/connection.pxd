cimport cython

from penstock.bridge.waiting cimport Bell
from penstock.bridge.wire cimport Wire
from penstock.transport.outbox cimport Outbox


cdef class Connection(Wire):
    cdef object _registry
    cdef object _transport
    cdef Bell _bell
    cdef Outbox _outbox
    cdef list _pending
    cdef Py_ssize_t _pending_bytes
    cdef Py_ssize_t _max_pending_bytes
    cdef bint _closing
    cdef bint _reading_paused
    cdef Py_ssize_t _stalled_bytes
    cdef object _stall_deadline
    cdef object _transfer

    cpdef data_received(self, bytes data)
    @cython.locals(piece=bytes)
    cpdef write(self, list pieces)
    @cython.locals(pieces=list, size=Py_ssize_t)
    cpdef flush(self)
    cpdef close(self, int wanted)
    cpdef pause_reading(self)
    cpdef resume_reading(self)
    cpdef abort(self)
    cpdef _send(self, list pieces, Py_ssize_t size)
    cdef _give(self, list pieces)
