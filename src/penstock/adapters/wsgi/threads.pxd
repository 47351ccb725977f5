cimport cython


@cython.final
cdef class Threads:
    cdef Py_ssize_t _size
    cdef str _name
    cdef object _jobs
    cdef list _workers
    cdef list _idle
    cdef bint _coming
    cdef bint _hurried
    cdef bint _wanted
    cdef Py_ssize_t _submitted
    cdef Py_ssize_t _seen
    cdef object _making
    cdef bint _stopped
    cdef object _when_ended
    cdef readonly bint is_short

    @cython.locals(more=Py_ssize_t)
    cpdef Py_ssize_t free(self)
    cpdef list waiting(self)
    cpdef submit(self, job)
    cpdef attend(self)
    cpdef bint hurry(self) except -1
    cpdef work(self, worker)
    cdef _next_job(self, worker)
    cdef _ended(self, worker)
    cdef _arrived(self, worker)
    cdef _rest(self, worker)
    cdef _send_for_one(self)
    cdef _make_one(self)
    cdef _start(self)
    cdef _tell_short(self, error)
