cdef class Exchange:
    cdef readonly dict scope
    cdef public object task
    cdef public bint abandoned
    cdef public bint returned

    cpdef bint is_whole(self) except -1
    cpdef cancelled(self)
    cpdef body_received(self, bytes data)
    cpdef body_ended(self, list trailers)
    cpdef half_closed(self)
    cpdef disconnected(self, int answer=*)
    cpdef bint wants_pause(self) except -1
    cpdef handle_deadline(self, double now)
    cpdef drain(self)
