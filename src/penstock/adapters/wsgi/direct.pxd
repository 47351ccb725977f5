cimport cython

from penstock.adapters.wsgi.call cimport Call
from penstock.adapters.wsgi.environ cimport has_body
from penstock.adapters.wsgi.handoff cimport Handoff
from penstock.adapters.wsgi.workshop cimport Workshop


@cython.final
cdef class DirectCall:
    cdef Handoff _handoff
    cdef object _request
    cdef Workshop _shop

    @cython.locals(body=bytes, environ=dict)
    cpdef begin(self, context)
    cdef _refuse(self, int status, str reason)
