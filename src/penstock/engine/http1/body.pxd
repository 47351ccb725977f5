cimport cython
from libc.stdint cimport int64_t

from penstock.engine cimport octets
from penstock.engine.http1 cimport lines
from penstock.engine.http1.events cimport BodyPart
from penstock.engine.http1.grammar cimport parse_field
from penstock.engine.http1.lines cimport LineReader

cdef int64_t NO_LIMIT
cdef int _SIZE_LINE, _DATA, _DATA_END, _TRAILERS, _DONE, _MAX_SIZE_DIGITS


cdef class Body:
    cdef readonly bint complete
    cdef readonly list trailers

    cdef Py_ssize_t read(self, bytes data, Py_ssize_t position, list parts) except -1
    cdef int64_t known_rest(self) except -1


@cython.final
cdef class FixedBody(Body):
    cdef int64_t _rest


@cython.final
cdef class ChunkedBody(Body):
    cdef LineReader _lines
    cdef int64_t _max_body_bytes, _rest, _total
    cdef Py_ssize_t _max_chunk_line_bytes, _max_fields, _max_trailer_bytes, _trailer_room
    cdef int _state

    @cython.locals(found=int)
    cdef Py_ssize_t _read_line(self, bytes data, Py_ssize_t position) except -1
    cdef Py_ssize_t _line_limit(self)
    cdef object _too_long(self)
    @cython.locals(size=int64_t, at=Py_ssize_t, digit=int)
    cdef _read_size(self, bytes line, Py_ssize_t start, Py_ssize_t end)
    cdef _begin_chunk(self, int64_t size)
    @cython.locals(field=tuple)
    cdef _read_trailer(self, bytes line, Py_ssize_t start, Py_ssize_t end)


@cython.locals(end=Py_ssize_t, part=BodyPart)
cdef Py_ssize_t _append_part(bytes data, Py_ssize_t position, int64_t at_most, list parts) except -1
cdef int _hex_digit(int octet) noexcept
