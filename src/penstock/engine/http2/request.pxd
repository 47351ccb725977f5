cimport cython
from libc.stdint cimport int64_t

from penstock.engine cimport octets
from penstock.engine.fields cimport has_member, read_length
from penstock.engine.http2 cimport codes
from penstock.engine.http2.priorities cimport parse_priority
from penstock.engine.http2.stream cimport Stream
from penstock.engine.request cimport RequestHead
from penstock.engine.target cimport Target, parse_target

cdef Py_ssize_t _MAX_METHOD_BYTES
cdef int64_t _NO_LIMIT
cdef int _COLON, _SPACE, _TAB, _SLASH
cdef int _HOST, _COOKIE, _LENGTH, _TE, _EXPECT, _PRIORITY, _FORBIDDEN
cdef Py_ssize_t _LONGEST
cdef int _ACTED_ON_LENGTHS
cdef dict _METHODS, _ACTED_ON
cdef list _NO_FIELDS
cdef Target _NO_TARGET


@cython.final
cdef class RequestBuilder:
    cdef int64_t _max_body_bytes
    cdef Py_ssize_t _max_target_bytes, _cookie_at
    cdef tuple _good_host
    cdef bytes _last_path, _method, _path, _scheme, _authority, _protocol, _host
    cdef Target _target
    cdef list _fields
    cdef Stream _stream
    cdef bint _has_expectation

    @cython.locals(field=tuple, method=str, head=RequestHead)
    cdef RequestHead build(self, Stream stream, list fields, bint ends)
    cdef _forget(self)
    @cython.locals(size=Py_ssize_t)
    cdef _read(self, tuple field, bytes name, bytes value)
    cdef _read_pseudo(self, bytes name, bytes value)
    @cython.locals(kind=int)
    cdef bint _passes(self, bytes name, bytes value) except -1
    cdef bint _joins_no_cookie(self, bytes value) except -1
    @cython.locals(stream=Stream)
    cdef _note_length(self, bytes value)
    @cython.locals(stream=Stream)
    cdef Stream _noted(self)
    @cython.locals(method=bytes)
    cdef str _method_name(self)
    cdef _check_connect(self)
    @cython.locals(authority=bytes)
    cdef _settle_host(self)
    @cython.locals(rest=int64_t)
    cdef _settle_length(self, bint ends)
    @cython.locals(path=bytes, scheme=bytes, size=Py_ssize_t)
    cdef _settle_path(self, str method)
    @cython.locals(target=Target, head=RequestHead)
    cdef RequestHead _head(self, str method, bint ends)
    cdef _note_request(self, Stream stream, str method, bint ends)


cpdef check_trailers(list fields)
@cython.locals(size=Py_ssize_t)
cdef check_field(bytes name, bytes value)
cdef bint _is_blank(int octet)
