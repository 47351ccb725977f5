"""Letting a client see that a response was cut.

Where a server uses chunked coding, it leaves the last chunk out when the response raises. uWSGI has none, and
ends a response without a length by closing, whole or not; but it tells its connection, which can be closed by
a reset. mod_wsgi and wsgiref tell nothing, and a cut response of no length looks whole there.
"""

import os
import socket
import struct
import sys
from contextlib import suppress

RESET = struct.pack("ii", 1, 0)  # SO_LINGER, on and for no time: what is unsent is dropped


def cut_connection() -> None:
    """Called in the request's own thread, before the failure is raised: the server's close is a reset then.

    uWSGI refuses by SystemError where another thread iterates the response, or has no socket to tell.
    """
    maybe_uwsgi = sys.modules.get("uwsgi")  # which there is in its own processes only
    if maybe_uwsgi is None:
        return
    with (
        suppress(AttributeError, OSError, SystemError),
        socket.socket(fileno=os.dup(maybe_uwsgi.connection_fd())) as connection,
    ):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
