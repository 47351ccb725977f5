from libc.stdint cimport int64_t

from penstock.engine cimport octets

cpdef bytes our_name(object name)
cpdef bytes our_value(object value)
cpdef list list_members(bytes value)
cpdef int64_t read_length(bytes value) except -2
