cimport cython

from penstock.bridge.exchange cimport Exchange

cdef object Task


@cython.final
cdef class Service:
    cdef readonly object app
    cdef readonly object limits
    cdef readonly object defaults
    cdef readonly str http
    cdef readonly str root_path
    cdef readonly object access_log
    cdef readonly object cancel_on_disconnect_seconds
    cdef readonly bint eager_tasks
    cdef public dict state
    cdef public object context
    cdef readonly set running
    cdef readonly object turns
    cdef public bint draining
    cdef readonly object thread_id
    cdef object _direct
    cdef object _loop

    cpdef start(self, Exchange exchange)
    cpdef go_on(self, Exchange exchange, app)
    cpdef finished(self, Exchange exchange)
    cpdef cancel_later(self, cancel)
    cdef object _task(self, coroutine)
