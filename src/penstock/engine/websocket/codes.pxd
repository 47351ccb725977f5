cpdef tuple parse_close(bytes payload)
cpdef bytes build_close(code, str reason)
