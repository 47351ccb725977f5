"""What a WebSocket engine tells its caller: messages in the order they were completed, then one `Closed`.

Pings and pongs are answered inside the engine, and a fault of the peer is a `Closed` with code 1006: there is
nothing that a caller could do about either.
"""


class TextMessage:
    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def __repr__(self) -> str:
        return f"TextMessage({self.text!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TextMessage) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)


class BytesMessage:
    __slots__ = ("data",)

    def __init__(self, data: bytes) -> None:
        self.data = data

    def __repr__(self) -> str:
        return f"BytesMessage({self.data!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, BytesMessage) and self.data == other.data

    def __hash__(self) -> int:
        return hash(self.data)


class Closed:
    """The end. `code` is what the peer's close frame said (RFC 6455 section 7.1.5): 1005 when it named none,
    1006 when there was no close frame; `reason` is the peer's text, or with 1006 what went wrong (empty when
    it just went away)."""

    __slots__ = ("code", "reason")

    def __init__(self, code: int, reason: str) -> None:
        self.code = code
        self.reason = reason

    def __repr__(self) -> str:
        return f"Closed({self.code}, {self.reason!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Closed) and self.code == other.code and self.reason == other.reason

    def __hash__(self) -> int:
        return hash((self.code, self.reason))


Event = TextMessage | BytesMessage | Closed
