cpdef object kind_of(message)
cpdef object required(message, str key)
cpdef object required_status(message)
