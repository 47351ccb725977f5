cimport cython
from libc.stdint cimport int64_t

from penstock.engine cimport octets, parts
from penstock.engine.defaults cimport ResponseDefaults
from penstock.engine.http1 cimport response, state
from penstock.engine.http1.response cimport ResponseHead, read_head

cdef list _NOTHING


@cython.final
cdef class ResponseWriter:
    cdef readonly int state
    cdef readonly bint started
    cdef readonly int64_t body_bytes_sent
    cdef public bint keep_alive
    cdef ResponseDefaults _defaults
    cdef ResponseHead _head
    cdef list _out
    cdef int64_t _length
    cdef bint _has_large, _http11, _is_head, _wants_trailers, _carries_body, _chunked, _in_chunk
    cdef bint _trailers_follow, _sends_trailers

    @cython.locals(pieces=list)
    cdef list take(self)
    cdef open(self, bint http11, bint is_head, bint keep_alive, bint wants_trailers)
    cdef next(self)
    cdef inform(self, object status, object fields)
    @cython.locals(after=int)
    cdef hold(self, object status, object fields, bint trailers_follow)
    @cython.locals(after=int, part=bytes, size=Py_ssize_t)
    cdef send(self, object data, bint end)
    cdef bint begin_file(self, int64_t size) except -1
    cdef end_file(self, bint end)
    cdef send_trailers(self, object fields)
    cdef refuse(self, object status, object reason, object fields, bint is_head)
    cdef switch(self, object fields)
    cdef abort(self)
    cdef int _part(self, bint end)
    cdef _prepare(self, ResponseHead head, bint is_head)
    cdef _count(self, int64_t size, bint end)
    @cython.locals(pieces=list, framing=bytes, connection=bytes)
    cdef _write_head(self, ResponseHead head, int64_t whole)
    @cython.locals(length=int64_t)
    cdef bytes _framing(self, ResponseHead head, int64_t whole)
    cdef _write_part(self, bytes part, Py_ssize_t size)
    cdef _end_body(self)
