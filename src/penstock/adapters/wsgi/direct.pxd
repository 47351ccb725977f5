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
    cdef bytes _body

    cpdef begin(self, context)
    @cython.locals(environ=dict)
    cpdef dict prepare(self)
