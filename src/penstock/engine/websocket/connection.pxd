cimport cython

from penstock.engine cimport octets
from penstock.engine.websocket.deflate cimport Deflater, Inflater
from penstock.engine.websocket.events cimport BytesMessage, Closed, TextMessage
from penstock.engine.websocket.frames cimport FrameHead, append_frame
from penstock.engine.websocket.message cimport Assembly, decode_text
from penstock.engine.websocket.watch cimport Watch


@cython.final
cdef class WebSocketConnection:
    cdef object _limits
    cdef object _agreement
    cdef Deflater _deflater
    cdef Inflater _inflater
    cdef FrameHead _head
    cdef Assembly _assembly
    cdef Watch _watch
    cdef bytes _held
    cdef list _events
    cdef list _output
    cdef long long _max_frame_bytes
    cdef long long _max_message_bytes
    cdef long long _min_deflate_bytes
    cdef long long _missing
    cdef long long _batch_room
    cdef long long _pings_sent
    cdef int _state
    cdef readonly int close_wanted
    cdef readonly bint is_open
    cdef readonly bint wants_pause
    cdef bint _is_closed
    cdef bint _eof_waits

    cpdef receive_data(self, bytes data)
    cpdef receive_eof(self)
    cpdef list events(self)
    cpdef send_text(self, str text)
    cpdef send_bytes(self, data)
    cpdef send_ping(self, bytes payload=*)
    cpdef list data_to_send(self)
    cpdef excuse_silence(self)
    @cython.locals(expired=int)
    cpdef handle_deadline(self, double now)

    cdef int _check_open(self) except -1
    cdef _move(self, int cause)
    cdef _read_on(self)
    cdef _read(self, bytes data)
    @cython.locals(position=Py_ssize_t, end=Py_ssize_t, behind=Py_ssize_t)
    cdef _read_frames(self, bytes data)
    @cython.locals(head=FrameHead, position=Py_ssize_t)
    cdef Py_ssize_t _read_frame(self, bytes data, Py_ssize_t start) except -2
    @cython.locals(head=FrameHead, stop=Py_ssize_t, payload=bytes)
    cdef Py_ssize_t _read_control(self, bytes data, Py_ssize_t start) except -2
    cdef int _check_order(self) except -1
    @cython.locals(assembly=Assembly, length=cython.longlong)
    cdef int _check_size(self) except -1
    @cython.locals(head=FrameHead, payload=bytes)
    cdef int _take_message(self, bytes data, Py_ssize_t start, Py_ssize_t end) except -1
    @cython.locals(available=cython.longlong, count=cython.longlong)
    cdef Py_ssize_t _read_payload(self, bytes data, Py_ssize_t start) except -1
    @cython.locals(is_last=bint, text=str, piece=bytes)
    cdef int _take_piece(self, Assembly assembly, bytes data, Py_ssize_t start, Py_ssize_t end) except -1
    @cython.locals(inflated=bytes)
    cdef bytes _inflate(self, bytes piece, long long size, bint is_last)
    cdef _answer_close(self, bytes payload)
    cdef _fail(self, str reason, int code)
    cdef _end(self, int cause, int code, str reason, int close_wanted)
    @cython.locals(first=cython.uint)
    cdef int _send_message(self, int opcode, bytes payload) except -1


@cython.locals(text=str)
cdef str _unmasked_text(bytes data, Py_ssize_t start, Py_ssize_t end, unsigned int key)
