cimport cython
from libc.stdint cimport int64_t

from penstock.engine cimport octets
from penstock.engine.http2 cimport codes, state
from penstock.engine.http2.farewell cimport Farewell
from penstock.engine.http2.patience cimport Patience
from penstock.engine.http2.priorities cimport parse_priority
from penstock.engine.http2.reading cimport FrameReader
from penstock.engine.http2.responding cimport Responder
from penstock.engine.http2.settings cimport PeerSettings
from penstock.engine.http2.stream cimport Stream

cdef Py_ssize_t _PING_BYTES, _LEAST_GOAWAY_BYTES, _LEAST_PRIORITY_UPDATE_BYTES, _MAX_EARLY_PRIORITIES
cdef long long _STREAM_ID


@cython.final
cdef class ControlReader:
    cdef readonly PeerSettings peer
    cdef readonly bint has_settings, is_acknowledged
    cdef Responder _responder
    cdef Patience _patience
    cdef Farewell _farewell
    cdef dict _early

    @cython.locals(kind=int)
    cdef bint read(self, FrameReader reader) except -1
    @cython.locals(peer=PeerSettings)
    cdef apply(self, bytes data, Py_ssize_t start, Py_ssize_t end)
    cdef int early_priority(self, int stream_id, int otherwise) except -1
    cdef _read_settings(self, FrameReader reader)
    @cython.locals(payload=bytes)
    cdef _read_ping(self, FrameReader reader)
    cdef _read_goaway(self, FrameReader reader)
    @cython.locals(stream_id=int, priority=int)
    cdef _read_priority_update(self, FrameReader reader)
    @cython.locals(stream=Stream)
    cdef _prioritize(self, int stream_id, int priority)
