cimport cython
from libc.stdint cimport int64_t

from penstock.engine.http2 cimport codes

cdef double _REFILL_SECONDS
cdef int64_t _FRAMES_A_RESPONSE, _FRAMES_A_PART


@cython.final
cdef class Patience:
    cdef int64_t _frames, _max_frames, _resets, _max_resets
    cdef double _since

    cdef idle_frame(self)
    cdef given_up(self)
    cdef answered(self)
    cdef part_sent(self)
    @cython.locals(share=double, frames=int64_t, resets=int64_t)
    cdef pass_time(self, double now)
