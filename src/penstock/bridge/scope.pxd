from penstock.bridge.facts cimport ConnectionFacts
from penstock.bridge.service cimport Service
from penstock.engine.request cimport RequestHead

cdef str RESPONSE_TRAILERS
cdef dict VERSIONS


cpdef dict http_extensions(dict tls)
cpdef ConnectionFacts http2_facts(ConnectionFacts facts)
cpdef dict http_scope(RequestHead head, ConnectionFacts facts, Service service)
cpdef dict websocket_scope(RequestHead head, list subprotocols, ConnectionFacts facts, Service service)
cdef dict _request_scope(str kind, RequestHead head, ConnectionFacts facts, Service service)
cdef str _full_path(str root_path, str path)
