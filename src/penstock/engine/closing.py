"""What an engine wants its transport to do with the connection, once what it has to say is written.

Every engine shows one of these as `close_wanted`, and only ever moves on to a later one.
"""

KEEP_OPEN = 0
CLOSE = 1  # write what is queued, then close
LINGER = 2  # write, half-close, and read on a moment: closing with unread bytes would reset the answer away
ABORT = 3  # close at once; the peer must see a truncation
