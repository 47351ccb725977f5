cimport cython
from libc.stdint cimport int64_t

from penstock.engine.http2 cimport codes, deadlines
from penstock.engine.http2.bodies cimport BodyReader
from penstock.engine.http2.control cimport ControlReader
from penstock.engine.http2.deadlines cimport StreamDeadlines, Timer
from penstock.engine.http2.receiving cimport RequestReader
from penstock.engine.http2.responding cimport Responder
from penstock.engine.http2.stream cimport Stream
from penstock.engine.http2.streams cimport Streams


@cython.final
cdef class Watch:
    cdef BodyReader _bodies
    cdef ControlReader _control
    cdef RequestReader _reader
    cdef Timer _head, _idle, _settings, _farewell
    cdef StreamDeadlines _streams
    cdef object _head_seconds, _keep_alive_seconds, _settings_seconds, _close_seconds

    cdef bint is_farewell_over(self, double now) except -1
    @cython.locals(owes_ack=bint)
    cdef judge_connection(self, double now)
    @cython.locals(streams=Streams, is_idle=bint)
    cdef bint is_idle_over(self, double now) except -1
    @cython.locals(stream=Stream, room=int64_t, window=int64_t)
    cdef judge_streams(self, double now, Responder responder, bint reading_paused, list events)
    cdef int64_t _head_key(self) except -2
