"""What client and server agreed on for permessage-deflate (RFC 7692 section 7.1)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Agreement:
    """`*_max_window_bits` bound the window with which that side compresses, `memory_level` is zlib's for our
    compressor."""

    server_no_context_takeover: bool
    client_no_context_takeover: bool
    server_max_window_bits: int
    client_max_window_bits: int
    memory_level: int
