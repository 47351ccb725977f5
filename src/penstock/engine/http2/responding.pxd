cimport cython
from libc.stdint cimport int64_t

from penstock.engine cimport parts
from penstock.engine.defaults cimport ResponseDefaults
from penstock.engine.http2 cimport codes, response, state
from penstock.engine.http2.response cimport ResponseHead, read_head
from penstock.engine.http2.sending cimport BodySender
from penstock.engine.http2.stream cimport Stream
from penstock.engine.http2.streams cimport Streams
from penstock.engine.http2.writing cimport FrameWriter


@cython.final
cdef class Responder:
    cdef ResponseDefaults _defaults
    cdef readonly Streams streams
    cdef readonly FrameWriter writer
    cdef readonly BodySender sender

    @cython.locals(after=int)
    cdef inform(self, Stream stream, object status, object fields)
    @cython.locals(after=int)
    cdef hold(self, Stream stream, object status, object fields, bint trailers_follow)
    @cython.locals(after=int, part=bytes, size=Py_ssize_t, whole=Py_ssize_t, ends=bint, ends_now=bint, head=ResponseHead)
    cdef send(self, Stream stream, object data, bint end)
    @cython.locals(after=int)
    cdef send_trailers(self, Stream stream, object fields)
    @cython.locals(after=int, head=ResponseHead, text=bytes)
    cdef refuse(self, Stream stream, object status, object reason, object fields)
    @cython.locals(after=int, head=ResponseHead)
    cdef accept(self, Stream stream, object fields)
    cdef reset(self, Stream stream, int64_t code)
    cdef give_up(self, Stream stream, int act)
    cdef _prepare(self, Stream stream, ResponseHead head)
    @cython.locals(flags=int)
    cdef _write_head(self, Stream stream, ResponseHead head, int64_t whole, bint ends)
    cdef _put_head(self, Stream stream, list fields, int flags)


cdef int _part(Stream stream, bint end)
cdef int64_t _told_length(Stream stream, ResponseHead head, int64_t whole) except -2
cdef _count(Stream stream, int64_t size, bint end)
