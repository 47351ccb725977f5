cimport cython

from penstock.adapters.wsgi.call cimport Call
from penstock.adapters.wsgi.doorbell cimport Doorbell
from penstock.adapters.wsgi.environ cimport build_environ
from penstock.adapters.wsgi.threads cimport Threads


@cython.final
cdef class Workshop:
    cdef object _attend
    cdef dict _constants
    cdef bint _looks_again
    cdef Py_ssize_t _max_fields
    cdef Py_ssize_t _max_waiting_requests
    cdef object _waiting
    cdef readonly object app
    cdef readonly Doorbell doorbell
    cdef readonly object settings
    cdef readonly Threads threads
    cdef readonly Py_ssize_t write_ahead_bytes

    cpdef dict environ(self, scope)
    @cython.locals(waits=bint)
    cpdef bint submit(self, Call call) except -1
    cdef bint _has_place(self) except -1
    @cython.locals(call=Call)
    cdef _give_deadlines(self)
