"""Frames that concern the connection as a whole: SETTINGS, PING, GOAWAY, PRIORITY_UPDATE (RFC 9113 sections
6.5, 6.7 and 6.8, RFC 9218 section 7.1).

Each that a peer sends costs an answer or work and carries no request on, so each is counted.
"""

from penstock.engine import octets
from penstock.engine.http2 import codes, state
from penstock.engine.http2.farewell import Farewell
from penstock.engine.http2.faults import ConnectionBroken
from penstock.engine.http2.patience import Patience
from penstock.engine.http2.priorities import parse_priority
from penstock.engine.http2.reading import FrameReader
from penstock.engine.http2.responding import Responder
from penstock.engine.http2.settings import PeerSettings

_PING_BYTES = 8
_LEAST_GOAWAY_BYTES = 8
_LEAST_PRIORITY_UPDATE_BYTES = 4
_STREAM_ID = 0x7FFFFFFF
_MAX_EARLY_PRIORITIES = 100  # of streams that are still idle; a wish more is forgotten


class ControlReader:
    """`peer` is what the peer has set. `has_settings` tells that it has set anything, which has to come
    first; `is_acknowledged` that it has read ours.
    """

    __slots__ = ("_early", "_farewell", "_patience", "_responder", "has_settings", "is_acknowledged", "peer")

    def __init__(self, responder: Responder, patience: Patience, farewell: Farewell) -> None:
        self.peer = PeerSettings()
        self.has_settings = self.is_acknowledged = False
        self._responder = responder
        self._patience = patience
        self._farewell = farewell
        self._early: dict[int, int] = {}

    def read(self, reader: FrameReader) -> bool:
        """Act on a frame; False when it is none of these."""
        kind = reader.kind
        if kind == codes.PRIORITY_UPDATE:
            self._read_priority_update(reader)
        elif kind not in (codes.SETTINGS, codes.PING, codes.GOAWAY):
            return False
        elif reader.stream_id != 0:
            raise ConnectionBroken(
                f"a frame of the connection (type {kind}) on stream {reader.stream_id}", codes.PROTOCOL_ERROR
            )
        elif kind == codes.SETTINGS:
            self._read_settings(reader)
        elif kind == codes.PING:
            self._read_ping(reader)
        else:
            self._read_goaway(reader)
        return True

    def apply(self, data: bytes, start: int, end: int) -> None:
        """Do what the settings between the positions want."""
        peer = self.peer
        peer.apply(data, start, end)
        self._responder.writer.limit_table(peer.table_bytes)
        if peer.initial_window != self._responder.streams.initial_send_window:
            self._responder.sender.move_windows(peer.initial_window)

    def early_priority(self, stream_id: int, otherwise: int) -> int:
        """What a PRIORITY_UPDATE wished for a stream before it was opened."""
        return self._early.pop(stream_id, otherwise) if self._early else otherwise

    def _read_settings(self, reader: FrameReader) -> None:
        if reader.flags & codes.ACK:
            if reader.end != reader.start:
                raise _wrong_size("an acknowledgement of SETTINGS", reader)
            if self.is_acknowledged:
                self._patience.idle_frame()
            self.is_acknowledged = True
            return
        if self.has_settings:
            self._patience.idle_frame()
        self.has_settings = True
        self.apply(reader.data, reader.start, reader.end)
        self._responder.writer.put(codes.SETTINGS, codes.ACK, 0, b"")

    def _read_ping(self, reader: FrameReader) -> None:
        if reader.end - reader.start != _PING_BYTES:
            raise _wrong_size("PING", reader)
        payload = octets.cut(reader.data, reader.start, reader.end)
        self._patience.idle_frame()
        if reader.flags & codes.ACK:
            self._farewell.answered(payload)
        else:
            self._responder.writer.put(codes.PING, codes.ACK, 0, payload)

    def _read_goaway(self, reader: FrameReader) -> None:
        if reader.end - reader.start < _LEAST_GOAWAY_BYTES:
            raise _wrong_size("GOAWAY", reader)
        self._patience.idle_frame()
        self._farewell.peer_leaves = True

    def _read_priority_update(self, reader: FrameReader) -> None:
        if reader.stream_id != 0:
            raise ConnectionBroken("PRIORITY_UPDATE on a stream (RFC 9218 section 7.1)", codes.PROTOCOL_ERROR)
        if reader.end - reader.start < _LEAST_PRIORITY_UPDATE_BYTES:
            raise _wrong_size("PRIORITY_UPDATE", reader)
        self._patience.idle_frame()
        stream_id = octets.integer(reader.data, reader.start, reader.start + 4) & _STREAM_ID
        priority = parse_priority(octets.cut(reader.data, reader.start + 4, reader.end))
        self._prioritize(stream_id, priority)

    def _prioritize(self, stream_id: int, priority: int) -> None:
        stream = self._responder.streams.find(stream_id)
        if stream is not None:
            self._responder.sender.set_priority(stream, priority)
            return
        if stream_id != 0 and self._responder.streams.state_of(stream_id) != state.IDLE:
            return
        if not stream_id & 1:
            raise ConnectionBroken(
                f"PRIORITY_UPDATE for stream {stream_id}, which is not the client's to open",
                codes.PROTOCOL_ERROR,
            )
        if len(self._early) < _MAX_EARLY_PRIORITIES:
            self._early[stream_id] = priority


def _wrong_size(name: str, reader: FrameReader) -> ConnectionBroken:
    return ConnectionBroken(
        f"{name} with a payload of {reader.end - reader.start} bytes (RFC 9113 section 6)",
        codes.FRAME_SIZE_ERROR,
    )
