cimport cython

from penstock.engine.http2 cimport state
from penstock.engine.http2.receiving cimport RequestReader
from penstock.engine.http2.responding cimport Responder
from penstock.engine.http2.stream cimport Stream
from penstock.engine.request cimport RequestHead

cdef frozenset _LEFT_BEHIND

cdef list request_fields(Stream stream, object method, object path, object fields)
@cython.locals(stream=Stream)
cdef int promise(Responder responder, RequestReader reader, Stream parent, list request, list events) except -1
cdef adopt(Stream stream, RequestHead head, list events)
