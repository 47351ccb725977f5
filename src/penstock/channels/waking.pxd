# Tasks know a waiter by `_asyncio_future_blocking`, which they read and set.

cimport cython

from penstock.channels.entry cimport Entry

cdef int IDLE, WAITING, WOKEN, CANCELLED
cdef object DONE


cdef class Waiter:
    cdef public object _asyncio_future_blocking
    cdef object _callback, _context, _message, _name, _place
    cdef public Entry entry
    cdef readonly object loop
    cdef public int state

    cpdef Entry take_entry(self)
    cpdef resume(self)


cdef class Woken:
    cdef readonly object here
    cdef readonly list waiters

    cpdef resume(self)


cpdef running_loop()
@cython.locals(waiter=Waiter)
cpdef resume_all(loop, waiters)
