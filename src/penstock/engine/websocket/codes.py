"""Close codes and the payload of a close frame (RFC 6455 sections 5.5.1 and 7.4, and the IANA registry).

A close frame carries nothing, or a code of two bytes and a reason in UTF-8. Some codes stand for what was
*not* said (1005, 1006, 1015) and are never on the wire; 1016 to 2999 are kept for the protocol, 3000 to 4999
belong to libraries and applications.
"""

from penstock.base.errors import LocalProtocolError, RemoteProtocolError

NORMAL = 1000
PROTOCOL_ERROR = 1002
NO_CODE = 1005
NO_CLOSE_FRAME = 1006
BAD_PAYLOAD = 1007
TOO_BIG = 1009
INTERNAL_ERROR = 1011

MAX_REASON_BYTES = 123  # a control frame holds 125, two of which are the code

_ON_THE_WIRE = frozenset({1000, 1001, 1002, 1003, *range(1007, 1015), *range(3000, 5000)})


def parse_close(payload: bytes) -> tuple[int, str]:
    """Code and reason of a received close frame; `RemoteProtocolError` with the code that answers a bad
    one."""
    if not payload:
        return NO_CODE, ""
    if len(payload) == 1:
        raise RemoteProtocolError("a close frame of one byte", PROTOCOL_ERROR)
    code = payload[0] << 8 | payload[1]
    if code not in _ON_THE_WIRE:
        raise RemoteProtocolError(f"the close code {code} may not be sent", PROTOCOL_ERROR)
    try:
        return code, payload[2:].decode()
    except UnicodeDecodeError:
        raise RemoteProtocolError("the reason of a close frame is not UTF-8", BAD_PAYLOAD) from None


def build_close(code: int, reason: str) -> bytes:
    """The payload of a close frame of ours; `LocalProtocolError` when it may not be sent."""
    if not isinstance(code, int) or code not in _ON_THE_WIRE:
        raise LocalProtocolError(f"the close code {code!r} may not be sent; expected 1000, 3000 or the like")
    try:
        encoded = reason.encode()
    except UnicodeEncodeError:
        raise LocalProtocolError("the reason of a close is not Unicode text") from None
    if len(encoded) > MAX_REASON_BYTES:
        raise LocalProtocolError(f"the reason of a close is longer than {MAX_REASON_BYTES} bytes of UTF-8")
    return code.to_bytes(2, "big") + encoded
