cimport cython

from penstock.engine cimport octets
from penstock.engine.http1 cimport lines
from penstock.engine.http1.field_block cimport FieldBlock
from penstock.engine.http1.framing cimport Framing
from penstock.engine.http1.grammar cimport is_http11, parse_field
from penstock.engine.http1.lines cimport LineReader
from penstock.engine.request cimport RequestHead
from penstock.engine.target cimport Target, parse_target

cdef int _SPACE
cdef Py_ssize_t _BESIDE_TARGET, _MAX_METHOD_BYTES
cdef dict _METHODS
cdef Target _NO_TARGET


@cython.final
cdef class HeadReader:
    cdef readonly Framing framing
    cdef readonly bint http11
    cdef LineReader _lines
    cdef Py_ssize_t _max_fields, _max_head_bytes, _max_target_bytes, _room
    cdef bint _has_request_line, _may_skip_line
    cdef FieldBlock _remembered
    cdef str _method
    cdef Target _target
    cdef list _fields

    cdef restart(self)
    cdef bint has_begun(self)
    cdef bint is_head(self)
    @cython.locals(found=int, block=Py_ssize_t)
    cdef Py_ssize_t read(self, bytes data, Py_ssize_t position) except -2
    @cython.locals(framing=Framing, target=Target, head=RequestHead)
    cdef RequestHead finish(self)
    cdef Py_ssize_t _line_limit(self)
    cdef object _too_long(self)
    @cython.locals(name=bytes, value=bytes)
    cdef Py_ssize_t _repeat_fields(self, Py_ssize_t position) except -1
    @cython.locals(field=tuple)
    cdef _read_field(self, bytes line, Py_ssize_t start, Py_ssize_t end)
    @cython.locals(space=Py_ssize_t, target=Py_ssize_t, target_end=Py_ssize_t)
    cdef _read_request_line(self, bytes line, Py_ssize_t start, Py_ssize_t end)


@cython.locals(method=bytes)
cdef str _method_name(bytes line, Py_ssize_t start, Py_ssize_t end)
