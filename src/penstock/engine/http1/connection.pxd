cimport cython
from libc.stdint cimport int64_t

from penstock.engine.defaults cimport ResponseDefaults
from penstock.engine.http1 cimport deadlines, state
from penstock.engine.http1.deadlines cimport Deadlines
from penstock.engine.http1.framing cimport Framing
from penstock.engine.http1.head cimport HeadReader
from penstock.engine.http1.reading cimport RequestReader
from penstock.engine.http1.writing cimport ResponseWriter


@cython.final
cdef class Http1Connection:
    cdef readonly int close_wanted
    cdef RequestReader _reader
    cdef ResponseWriter _writer
    cdef Deadlines _deadlines
    cdef object _pending
    cdef bint _eof
    cdef int64_t _max_drain_bytes
    cdef Py_ssize_t _read_buffer_bytes

    cpdef receive_data(self, bytes data)
    cpdef list events(self)
    cpdef bint awaits_peer(self) except -1
    cpdef send_response(self, status, fields, bint trailers_follow)
    cpdef send_data(self, data, bint end)
    cpdef list data_to_send(self)
    @cython.locals(theirs=int)
    cdef int _phase(self) except -1
    cdef bint _is_idle(self) except -1
    @cython.locals(reader=RequestReader)
    cdef _advance(self, list events)
    @cython.locals(head=HeadReader, framing=Framing)
    cdef _open_response(self)
    @cython.locals(ours=int, complete=bint)
    cdef object _peer_closed(self)
    @cython.locals(ours=int)
    cdef object _fault(self, str reason, int status)
    cdef _foresee_close(self, bint end)
    cdef bint _may_drain(self, bint end) except -1
    @cython.locals(reader=RequestReader)
    cdef _settle(self)
    cdef _close(self, int wanted)
