"""Settings of both sides (RFC 9113 section 6.5, RFC 8441 section 3, RFC 9218 section 2.1)."""

from penstock.base.limits import Limits
from penstock.engine import octets
from penstock.engine.http2 import codes
from penstock.engine.http2.faults import ConnectionBroken

_ENTRY_BYTES = 6
_LEAST_FRAME = 16384
_MOST_FRAME = 16777215
_MOST = (1 << 32) - 1  # a setting has four octets


def our_settings(limits: Limits) -> bytes:
    """The payload of our SETTINGS frame. What is not in it has the value that the RFC gives it."""
    wanted = (
        (codes.MAX_CONCURRENT_STREAMS, limits.max_concurrent_streams),
        (codes.INITIAL_WINDOW_SIZE, min(limits.stream_window_bytes, codes.MAX_WINDOW)),
        (codes.MAX_HEADER_LIST_SIZE, limits.max_head_bytes),
        (codes.ENABLE_CONNECT_PROTOCOL, 1),
        (codes.NO_RFC7540_PRIORITIES, 1),
    )
    return b"".join(
        [octets.prefixed(octets.prefixed(b"", min(value, _MOST), 4), name, 2) for name, value in wanted]
    )


class PeerSettings:
    """What the peer has set, as far as it binds a server. A frame is applied whole, in its order."""

    __slots__ = (
        "_has_come",
        "_ignores_priorities",
        "allows_push",
        "initial_window",
        "max_streams",
        "table_bytes",
    )

    def __init__(self) -> None:
        self.table_bytes = 4096
        self.allows_push = True
        self.max_streams = codes.MAX_STREAM_ID
        self.initial_window = codes.INITIAL_WINDOW
        self._has_come = False
        self._ignores_priorities = 0

    def apply(self, data: bytes, start: int, end: int) -> None:
        """Read the payload between the positions; ConnectionBroken when it is malformed."""
        if (end - start) % _ENTRY_BYTES:
            raise ConnectionBroken(
                f"SETTINGS of {end - start} bytes, which is no multiple of {_ENTRY_BYTES} (section 6.5)",
                codes.FRAME_SIZE_ERROR,
            )
        while start < end:
            self._set(octets.integer(data, start, start + 2), octets.integer(data, start + 2, start + 6))
            start += _ENTRY_BYTES
        self._has_come = True

    def _set(self, name: int, value: int) -> None:
        """What is unknown, or binds no server, is ignored (section 6.5.2)."""
        if name == codes.HEADER_TABLE_SIZE:
            self.table_bytes = value
        elif name == codes.ENABLE_PUSH:
            self.allows_push = _switch("SETTINGS_ENABLE_PUSH", value) == 1
        elif name == codes.MAX_CONCURRENT_STREAMS:
            self.max_streams = value
        elif name == codes.INITIAL_WINDOW_SIZE:
            if value > codes.MAX_WINDOW:
                raise _wrong("SETTINGS_INITIAL_WINDOW_SIZE", value, codes.FLOW_CONTROL_ERROR)
            self.initial_window = value
        elif name == codes.MAX_FRAME_SIZE:
            if not _LEAST_FRAME <= value <= _MOST_FRAME:
                raise _wrong("SETTINGS_MAX_FRAME_SIZE", value, codes.PROTOCOL_ERROR)
        elif name == codes.ENABLE_CONNECT_PROTOCOL:
            _switch("SETTINGS_ENABLE_CONNECT_PROTOCOL", value)
        elif name == codes.NO_RFC7540_PRIORITIES:
            self._set_ignorance(_switch("SETTINGS_NO_RFC7540_PRIORITIES", value))

    def _set_ignorance(self, value: int) -> None:
        """It may not change behind the first frame (RFC 9218 section 2.1)."""
        if self._has_come and value != self._ignores_priorities:
            raise _wrong("a later SETTINGS_NO_RFC7540_PRIORITIES", value, codes.PROTOCOL_ERROR)
        self._ignores_priorities = value


def _switch(name: str, value: int) -> int:
    if value > 1:
        raise _wrong(name, value, codes.PROTOCOL_ERROR)
    return value


def _wrong(name: str, value: int, code: int) -> ConnectionBroken:
    return ConnectionBroken(f"{name} may not be {value} (RFC 9113 section 6.5.2)", code)
