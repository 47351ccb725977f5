"""The rules of field names and values that every version of HTTP shares (RFC 9110 sections 5 and 6.5).

What the peer sends is judged where it is parsed; what our own side sends is judged here, because a control
character in a field is how one response is made into two (header injection).
"""

from collections.abc import Iterable

from penstock.base.errors import LocalProtocolError
from penstock.engine import octets

_COMMA = 44

# Fields that decide framing, routing, authentication or how content is read: a recipient that merged
# them from a trailer section would act on them too late (RFC 9110 section 6.5.1).
FORBIDDEN_IN_TRAILERS = frozenset(
    b"age authorization cache-control connection content-encoding content-length content-range content-type"
    b" cookie date expect expires host if-match if-modified-since if-none-match if-range if-unmodified-since"
    b" keep-alive location max-forwards pragma proxy-authenticate proxy-authorization proxy-connection range"
    b" retry-after set-cookie te trailer transfer-encoding upgrade vary warning www-authenticate".split()
)


def our_name(name: object) -> bytes:
    """The field name of our side, as it came; LocalProtocolError when it is not `bytes` or not a token."""
    checked: bytes = name if type(name) is bytes else plain_bytes(name, "name")
    if not octets.is_token(checked, 0, len(checked)):
        raise LocalProtocolError(f"a field name has to be a token: {checked!r}")
    return checked


def our_value(value: object) -> bytes:
    """The field value of our side; LocalProtocolError when it is not `bytes` or holds a control character."""
    checked: bytes = value if type(value) is bytes else plain_bytes(value, "value")
    if octets.find_control(checked, 0, len(checked)) >= 0:
        raise LocalProtocolError(f"a field value holds a control character: {checked!r}")
    return checked


def plain_bytes(given: object, what: str) -> bytes:
    """Those of a subclass, which compiled code does not take for bytes."""
    if not isinstance(given, bytes):
        raise LocalProtocolError(f"a field {what} has to be bytes, not {type(given).__name__}")
    return memoryview(given).tobytes()


def our_pairs(fields: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """The fields with names in lower case; LocalProtocolError when a name or a value is not good."""
    try:
        return [(our_name(name).lower(), our_value(value)) for name, value in fields]
    except (TypeError, ValueError) as error:
        raise LocalProtocolError("fields have to be pairs of bytes") from error


def list_members(value: bytes) -> list[bytes]:
    """The members of a comma-separated list in lower case; empty ones dropped (RFC 9110 section 5.6.1)."""
    members = [member.strip(b" \t") for member in value.lower().split(b",")]
    return [member for member in members if member]


def has_member(value: bytes, member: bytes) -> bool:
    """Whether the lower-case `member` is in a comma-separated list. The list has no white space around it."""
    if octets.find_byte(value, _COMMA, 0, len(value)) < 0:
        return value.lower() == member
    return member in list_members(value)


def read_length(value: bytes) -> int:
    """A `Content-Length` as a number, -1 when it is no number or has more than 18 digits (RFC 9110 section
    8.6).

    One number only: a list is refused even when its members are equal, since others on the way may pick
    another member.
    """
    return octets.number(value)
