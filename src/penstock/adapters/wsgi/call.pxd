cimport cython

from penstock.adapters.wsgi.handoff cimport Handoff
from penstock.adapters.wsgi.head cimport Head


@cython.final
cdef class Call:
    cdef object _app
    cdef object _context
    cdef dict _environ
    cdef Handoff _handoff
    cdef Head _head
    cdef object _left
    cdef object _prepare
    cdef object _request
    cdef readonly bint begun
    cdef public bint has_deadline

    cpdef bint is_gone(self) except -1
    cpdef drop(self)
    cpdef refuse_busy(self)
    cdef _call(self)
    cdef _send_body(self, iterable)
    @cython.locals(head=Head)
    cdef _send_list(self, parts)
    @cython.locals(head=Head)
    cdef bint _send_file(self, wrapper) except -1
    cdef _send_parts(self, iterable)
    cdef _send_last(self, bytes part, rest)
    @cython.locals(head=Head)
    cdef _put(self, bytes part)
    cdef Head _started(self)
    cdef _commit(self, Head head)
    cdef _failed(self, error)
    cdef _close(self, iterable)
    cdef _flush(self, errors)
    cdef str _name(self)


cdef _exception_of(exc_info)
cdef bytes _checked_part(part, where)
