"""What client and server agree on for permessage-deflate (RFC 7692 section 7.1), within a memory budget.

The client offers in order of preference; the first offer that we can keep to is taken, the others fall
through. zlib documents what its objects cost: a compressor (1 << (bits + 2)) + (1 << (level + 9)) bytes, a
decompressor (1 << bits) and about 7 KiB. Both windows are made smaller together until the two fit the budget.
Our own window may always be smaller than the offer allows; the client's only when it said
`client_max_window_bits`, because only then it can do with less.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from penstock.base.limits import Limits
from penstock.engine.websocket.extensions import Extension

NAME = "permessage-deflate"
LARGEST_WINDOW_BITS = 15
SMALLEST_WINDOW_BITS = 8
SMALLEST_ZLIB_WINDOW_BITS = 9  # zlib cannot compress raw streams with 8, and those who ask it for 8 get 9
COMPRESSOR_BYTES = 6 * 1024  # measured (zlib 1.2.13): its own tables, which the formula leaves out
DECOMPRESSOR_BYTES = 7 * 1024

_FLAGS = frozenset({"server_no_context_takeover", "client_no_context_takeover"})
_BITS = {str(bits): bits for bits in range(SMALLEST_WINDOW_BITS, LARGEST_WINDOW_BITS + 1)}


@dataclass(frozen=True, slots=True)
class Agreement:
    """`*_window_bits` bound the window of what that side compresses, `memory_level` is zlib's for our
    compressor, and `response` is what the answer's Sec-WebSocket-Extensions says."""

    server_no_context_takeover: bool
    client_no_context_takeover: bool
    server_window_bits: int
    client_window_bits: int
    memory_level: int
    response: bytes

    @property
    def memory_bytes(self) -> int:
        """What a compressor and a decompressor hold together."""
        server_bits = max(self.server_window_bits, SMALLEST_ZLIB_WINDOW_BITS)
        client_bits = max(self.client_window_bits, SMALLEST_ZLIB_WINDOW_BITS)
        compressor = (1 << (server_bits + 2)) + (1 << (self.memory_level + 9)) + COMPRESSOR_BYTES
        return compressor + (1 << client_bits) + DECOMPRESSOR_BYTES


def agree(extensions: Iterable[Extension], limits: Limits) -> Agreement | None:
    """The first offer of permessage-deflate that can be kept to; None when there is none, or it is switched
    off."""
    if limits.deflate:
        for extension in extensions:
            if extension.name == NAME and (offer := _read_offer(extension)) is not None:
                agreement = _fit(offer, limits.deflate_memory_bytes)
                if agreement is not None:
                    return agreement
    return None


def _read_offer(extension: Extension) -> dict[str, int] | None:
    """The offer's parameters; None for one that has to be declined (section 7: unknown, repeated, or a bad
    value)."""
    offer: dict[str, int] = {}
    for name, value in extension.parameters:
        if name in offer:
            return None
        if name in _FLAGS and value is None:
            offer[name] = True
        elif name == "client_max_window_bits" and value is None:
            offer[name] = LARGEST_WINDOW_BITS
        elif name in {"server_max_window_bits", "client_max_window_bits"} and value in _BITS:
            offer[name] = _BITS[value]
        else:
            return None
    return offer


def _fit(offer: dict[str, int], budget_bytes: int) -> Agreement | None:
    for bits in range(LARGEST_WINDOW_BITS, SMALLEST_ZLIB_WINDOW_BITS - 1, -1):
        agreement = _agreement_with(offer, bits)
        if agreement.memory_bytes <= budget_bytes:
            return agreement
    return None


def _agreement_with(offer: dict[str, int], most_bits: int) -> Agreement:
    server_bits = min(most_bits, offer.get("server_max_window_bits", LARGEST_WINDOW_BITS))
    client_bits = min(most_bits, offer.get("client_max_window_bits", LARGEST_WINDOW_BITS))
    if "client_max_window_bits" not in offer:
        client_bits = LARGEST_WINDOW_BITS
    words = [NAME, *(flag for flag in sorted(_FLAGS) if flag in offer)]
    if server_bits < LARGEST_WINDOW_BITS or "server_max_window_bits" in offer:
        words.append(f"server_max_window_bits={server_bits}")
    if client_bits < LARGEST_WINDOW_BITS:
        words.append(f"client_max_window_bits={client_bits}")
    return Agreement(
        server_no_context_takeover="server_no_context_takeover" in offer,
        client_no_context_takeover="client_no_context_takeover" in offer,
        server_window_bits=server_bits,
        client_window_bits=client_bits,
        memory_level=max(server_bits - 7, 1),
        response="; ".join(words).encode(),
    )
