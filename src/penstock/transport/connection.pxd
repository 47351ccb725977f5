from penstock.bridge.waiting cimport Bell
from penstock.bridge.wire cimport Wire


cdef class Connection(Wire):
    cdef object _registry
    cdef object _transport
    cdef Bell _bell
    cdef bint _closing
    cdef bint _reading_paused
    cdef Py_ssize_t _stalled_bytes
    cdef object _stall_deadline

    cpdef data_received(self, bytes data)
    cpdef write(self, list pieces)
    cpdef close(self, int wanted)
    cpdef pause_reading(self)
    cpdef resume_reading(self)
    cpdef abort(self)
    cpdef _write(self, list pieces)
