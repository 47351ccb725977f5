cimport cython

from penstock.channels.counts cimport Counts
from penstock.channels.entry cimport Entry
from penstock.channels.readers cimport Readers
from penstock.channels.waking cimport Woken


cdef class Mailbox:
    cdef Counts _totals
    cdef readonly Py_ssize_t capacity
    cdef public bint closed
    cdef readonly Counts counts
    cdef readonly object entries
    cdef readonly bint has_lapsed
    cdef readonly str name, policy
    cdef readonly Readers readers
    cdef public int row
    cdef readonly double taken_at, used_at

    cpdef put(self, Entry entry, double now, policy=*)
    cpdef bint hand(self, Entry entry, double now, Woken woken) except -1
    cpdef put_first(self, Entry entry)
    @cython.locals(entry=Entry)
    cpdef Entry take(self, double now)
    @cython.locals(before=Py_ssize_t, expired=Py_ssize_t)
    cpdef expire(self, double now)
    cpdef drop(self, str reason, long count=*)
    cdef _put_beyond(self, Entry entry, double now, str policy)
    cdef _close(self)
