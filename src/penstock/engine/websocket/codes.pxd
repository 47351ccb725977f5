cpdef tuple parse_close(bytes payload)
cpdef bytes build_close(int code, str reason)
