cimport cython

cdef dict KEYS, PORTS, PROTOCOLS
cdef frozenset SINGLE_KEYS


@cython.locals(environ=dict)
cpdef dict build_environ(scope, dict constants, Py_ssize_t max_fields)
cdef dict _plain(scope)
cpdef bint has_body(dict environ, scope) except -1
@cython.locals(environ=dict, scheme=str)
cdef dict _environ(dict scope, dict constants, Py_ssize_t max_fields)
@cython.locals(path=str, root=str, raw_path=bytes)
cdef tuple _split_path(dict scope)
cdef str _native_path(str path, bytes raw_path)
cdef str _undecoded(str path, bytes raw_path)
cdef str _native(str text)
cdef _add_addresses(dict environ, dict scope, str scheme)
cdef str _text(given)
cdef bytes _octets(given)
cdef str _digits(port)
@cython.locals(repeated=dict, key=str, text=str, name=bytes, value=bytes)
cdef _add_fields(dict environ, list fields)
