cimport cython

from penstock.adapters.wsgi.doorbell cimport Doorbell


@cython.final
cdef class Handoff:
    cdef object _first_word
    cdef Py_ssize_t _limit_bytes
    cdef bint _loop_waits
    cdef list _parts
    cdef Py_ssize_t _put_bytes
    cdef object _room
    cdef Py_ssize_t _taken_bytes
    cdef bint _thread_waits
    cdef object _waiter
    cdef readonly Doorbell doorbell
    cdef public bint ended
    cdef public object error
    cdef public bint gone
    cdef public tuple head

    cpdef put(self, part)
    cpdef put_last(self, bytes part)
    cpdef end(self, error=*)
    cpdef refuse(self, int status, str reason)
    cpdef wait_taken(self)
    cpdef bytes whole(self)
    cpdef taken(self, Py_ssize_t size, Py_ssize_t parts)
    cpdef abandon(self)
    cdef _tell(self)
    cdef _wait(self, Py_ssize_t most_bytes)
    cdef _make_room(self)
