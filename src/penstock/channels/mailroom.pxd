cimport cython

from penstock.channels.counts cimport Counts
from penstock.channels.entry cimport Entry
from penstock.channels.mailbox cimport Mailbox
from penstock.channels.waking cimport Waiter, Woken

cdef int TAKES_IN_A_ROW


cdef class Fanout:
    cdef public long accepted
    cdef readonly list closed
    cdef public bint crowded


cdef class Mailroom:
    cdef object _acquire, _on_unread, _release, _shelves
    cdef readonly dict _boxes
    cdef bint _closed
    cdef Counts _counts
    cdef double _expiry
    cdef readonly object _lock, _now
    cdef readonly object knows

    @cython.locals(box=Mailbox, fanout=Fanout, woken=Woken, now=double)
    cpdef put_to_all(self, channels, Entry entry, policy)
    @cython.locals(box=Mailbox, entry=Entry, now=double)
    cpdef read(self, name)
    cpdef double inspect(self) except? -1
    cdef _read_slowly(self, name)
    cdef _take_or_join(self, name)
    cdef Waiter _join(self, source, name)
    cdef Waiter _next_turn(self, name)
    cpdef Mailbox _box(self, name, double now)
    cpdef _source(self, name, double now)
    cdef _put_one(self, Mailbox box, Entry entry, policy, Fanout fanout, Woken woken)
    @cython.locals(woken=Woken)
    cpdef _arrived(self, Mailbox box)
    cdef bint _wake_one(self, Mailbox box, Woken woken) except -1
    cdef _pass_on(self, source)
