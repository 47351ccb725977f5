"""How a connection is to end, as an engine says it in `close_wanted` and the transport does it."""

KEEP_OPEN = 0
CLOSE = 1  # after what is written has left
LINGER = 2  # write, half-close, and read on for a moment: a reset would destroy the answer on its way (RFC 9112 section 9.6)
ABORT = 3  # at once, with a reset: the peer must see that something was cut
