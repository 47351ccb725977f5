from penstock.bridge.facts cimport ConnectionFacts


cdef class Wire:
    cdef public ConnectionFacts facts
    cdef public object handler
    cdef public bint writable

    cpdef write(self, list pieces)
    cpdef flush(self)
    cpdef close(self, int wanted)
    cpdef pause_reading(self)
    cpdef resume_reading(self)
