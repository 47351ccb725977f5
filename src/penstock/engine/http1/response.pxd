cimport cython
from libc.stdint cimport int64_t

from penstock.engine cimport octets
from penstock.engine.defaults cimport ResponseDefaults
from penstock.engine.fields cimport list_members, our_name, our_value, read_length

cdef int64_t UNKNOWN
cdef int _LONGEST, _UPGRADE_REQUIRED
cdef dict _STATUS_LINES

cpdef bytes status_line(int status)


@cython.final
@cython.freelist(64)
cdef class ResponseHead:
    cdef readonly int status
    cdef readonly int64_t length
    cdef readonly bint closes
    cdef ResponseDefaults _defaults
    cdef list _pieces
    cdef list _replaced

    cdef _read(self, status, fields, ResponseDefaults defaults)
    cdef list complete(self, bytes framing, bytes connection)
    @cython.locals(size=Py_ssize_t, is_ordinary=bint)
    cdef _add(self, bytes name, bytes value, int lengths)
    cdef bint _passes(self, bytes name, bytes value) except -1
    cdef _promise(self, bytes value)


@cython.locals(head=ResponseHead)
cpdef ResponseHead read_head(status, fields, ResponseDefaults defaults)
