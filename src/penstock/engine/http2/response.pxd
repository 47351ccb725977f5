cimport cython
from libc.stdint cimport int64_t

from penstock.engine cimport octets
from penstock.engine.defaults cimport ResponseDefaults
from penstock.engine.fields cimport our_name, our_value, read_length

cdef int64_t UNKNOWN
cdef int _SPACE, _LONGEST
cdef frozenset _CONNECTION_FIELDS
cdef list _STATUSES


@cython.final
@cython.freelist(64)
cdef class ResponseHead:
    cdef readonly int status
    cdef readonly int64_t length
    cdef ResponseDefaults _defaults
    cdef list _fields
    cdef list _replaced
    cdef tuple _length_field

    cdef begin(self, int status, object fields, ResponseDefaults defaults)
    @cython.locals(fields=list)
    cdef list complete(self, int64_t length)
    @cython.locals(lowered=bytes, stripped=bytes)
    cdef _read(self, object field, object name, object value)
    @cython.locals(size=Py_ssize_t)
    cdef _add(self, tuple field, bytes name, bytes value)
    cdef _promise(self, bytes value)


@cython.locals(head=ResponseHead)
cpdef ResponseHead read_head(object status, object fields, ResponseDefaults defaults)
cdef bytes _lowered(object name)
@cython.locals(checked=bytes, size=Py_ssize_t)
cdef bytes _stripped(object value)
