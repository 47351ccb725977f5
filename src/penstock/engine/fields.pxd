from libc.stdint cimport int64_t

from penstock.engine cimport octets

cdef int _COMMA

cpdef bytes our_name(object name)
cpdef bytes our_value(object value)
cpdef list list_members(bytes value)
cpdef bint has_member(bytes value, bytes member) except -1
cpdef int64_t read_length(bytes value) except -2
