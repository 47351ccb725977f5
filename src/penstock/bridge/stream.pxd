cdef class HttpStream:
    cpdef bint is_writable(self) except -1
    cpdef send_continue(self)
    cpdef send_response(self, status, fields, bint trailers_follow)
    cpdef send_data(self, data, bint end)
    cpdef abort(self)
    cpdef body_taken(self, Py_ssize_t size)
    cpdef exchange_complete(self)
    cpdef bint response_started(self) except -1
    cpdef body_bytes_sent(self)
