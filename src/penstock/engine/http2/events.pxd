cimport cython
from libc.stdint cimport int64_t

from penstock.engine.request cimport RequestHead


@cython.final
@cython.freelist(64)
cdef class RequestReceived:
    cdef readonly int stream_id
    cdef readonly RequestHead head


@cython.final
@cython.freelist(64)
cdef class DataReceived:
    cdef readonly int stream_id
    cdef readonly bytes data


@cython.final
@cython.freelist(64)
cdef class RequestEnded:
    cdef readonly int stream_id
    cdef readonly list trailers


@cython.final
cdef class StreamReset:
    cdef readonly int stream_id
    cdef readonly int64_t code
    cdef readonly bint by_peer
    cdef readonly str reason


@cython.final
cdef class StreamRefused:
    cdef readonly int stream_id
    cdef readonly int status
    cdef readonly str reason


@cython.final
cdef class StreamWritable:
    cdef readonly int stream_id


@cython.final
cdef class ConnectionFault:
    cdef readonly str reason
    cdef readonly int64_t code


@cython.final
cdef class PeerClosed:
    cdef readonly bint complete
