cimport cython

from penstock.channels cimport waking
from penstock.channels.entry cimport Entry
from penstock.channels.waking cimport Waiter, Woken


cdef class Readers:
    cdef Waiter _first, _last_woken
    cdef object _more

    @cython.locals(waiter=Waiter)
    cpdef Waiter join(self, loop, place, name)
    cpdef bint leave(self, Waiter waiter) except -1
    @cython.locals(waiter=Waiter)
    cpdef bint hand(self, Entry entry, Woken woken) except -1
    @cython.locals(waiter=Waiter)
    cpdef bint wake(self, Woken woken) except -1
    @cython.locals(waiter=Waiter)
    cdef Waiter _next(self)


cdef bint _wake_elsewhere(Waiter waiter) except -1
