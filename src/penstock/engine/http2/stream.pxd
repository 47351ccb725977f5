cimport cython
from libc.stdint cimport int64_t

from penstock.engine.http2 cimport priorities, state
from penstock.engine.http2.response cimport ResponseHead
from penstock.engine.http2.window cimport ReceiveWindow

cdef int64_t UNKNOWN


@cython.final
@cython.freelist(64)
cdef class Stream:
    cdef readonly int stream_id
    cdef public int state, stage, priority
    cdef public bint is_told, is_over
    cdef public ReceiveWindow window
    cdef public int64_t untold_rest, body_bytes_received, untaken, mark_received
    cdef public bint is_head, is_tunnel, expects_continue, wants_trailers
    cdef public bytes scheme, authority
    cdef public double receive_since, send_since
    cdef public ResponseHead head
    cdef public bint started, trailers_follow, sends_trailers, carries_body
    cdef public int64_t length, body_bytes_sent, send_window, pending, octets_sent, mark_sent
    cdef public list parts
    cdef public Py_ssize_t at
    cdef public bint ends, is_queued, waits
    cdef public list trailers

    cdef begin(self, int stream_id, int64_t send_window)
    cdef _begin_request(self)
    cdef _begin_response(self, int64_t send_window)
