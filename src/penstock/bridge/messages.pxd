cpdef object kind_of(dict message)
cpdef object required(dict message, str key)
cpdef object required_status(dict message)
