cimport cython
from libc.stdint cimport int64_t

from penstock.engine.http1 cimport body as bodies
from penstock.engine.http1 cimport framing, state
from penstock.engine.http1.body cimport Body, ChunkedBody, FixedBody
from penstock.engine.http1.events cimport RequestEnd
from penstock.engine.http1.head cimport HeadReader
from penstock.engine.request cimport RequestHead

cdef list _NO_TRAILERS
cdef RequestEnd _END


@cython.final
cdef class RequestReader:
    cdef readonly HeadReader head
    cdef readonly int state
    cdef readonly int64_t requests, body_octets, drained
    cdef readonly bint complete
    cdef public bint awaits_continue, dropping
    cdef object _limits
    cdef int64_t _max_body_bytes
    cdef Body _body
    cdef bytes _data
    cdef Py_ssize_t _position
    cdef bytearray _waiting

    cdef feed(self, bytes data)
    @cython.locals(waiting=Py_ssize_t)
    cdef Py_ssize_t unread(self) except -1
    cdef bytes take_unread(self)
    cdef stop(self)
    cdef next_request(self)
    cdef int64_t known_rest(self) except -1
    cdef bint read(self, list events) except -1
    cdef bint _has_data(self) except -1
    @cython.locals(position=Py_ssize_t, has_begun=bint)
    cdef bint _read_head(self, list events) except -1
    @cython.locals(size=int64_t, head=RequestHead)
    cdef _begin(self, list events)
    @cython.locals(before=Py_ssize_t)
    cdef _read_body(self, Body body, list events)
    cdef _complete(self, list trailers, list events)
