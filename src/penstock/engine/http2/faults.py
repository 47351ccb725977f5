"""How far a fault of the peer reaches (RFC 9113 section 5.4).

A plain `RemoteProtocolError` carries a status of HTTP and is answered with a response; these two carry an
error code as their `status`.
"""

from penstock.base.errors import RemoteProtocolError


class ConnectionBroken(RemoteProtocolError):
    """A connection error: GOAWAY, and nothing is read any more (section 5.4.1)."""


class StreamBroken(RemoteProtocolError):
    """A stream error: RST_STREAM, and the other streams go on (section 5.4.2)."""
