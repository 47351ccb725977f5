"""A message that comes in pieces: fragments, or one frame in several reads (RFC 6455 sections 5.4 and 8.1).

Text is decoded as it arrives, so that a bad byte is refused when it is seen and not when the message ends; a
character that is cut by the end of a piece waits for its other bytes. What was taken is kept in buffers that
grow by a factor: pieces of one byte cost neither quadratic time nor an object each.
"""

from codecs import utf_8_decode
from io import BytesIO, StringIO

from penstock.base.errors import RemoteProtocolError
from penstock.engine.websocket.codes import BAD_PAYLOAD
from penstock.engine.websocket.events import BytesMessage, TextMessage


def decode_text(payload: bytes) -> str:
    """A whole text payload; `RemoteProtocolError` with 1007 when it is not UTF-8."""
    try:
        return payload.decode()
    except UnicodeDecodeError:
        raise _not_utf8() from None


class Assembly:
    """One unfinished message. `size` counts the bytes of its payload so far, after inflating."""

    __slots__ = ("_bytes", "_cut", "_text", "is_compressed", "size")

    def __init__(self, is_text: bool, is_compressed: bool) -> None:
        self.is_compressed = is_compressed
        self.size = 0
        self._text = StringIO() if is_text else None
        self._bytes = None if is_text else BytesIO()
        self._cut = b""  # the first one to three bytes of a character

    def takes_text(self) -> bool:
        """Whether a piece that is whole characters may come as text: no character was cut before it."""
        return self._text is not None and not self.is_compressed and not self._cut

    def feed_text(self, text: str) -> None:
        """A piece in ASCII."""
        assert self._text is not None
        self.size += len(text)
        self._text.write(text)

    def feed(self, piece: bytes) -> None:
        self.size += len(piece)
        if self._bytes is not None:
            self._bytes.write(piece)
        else:
            self._decode(piece)

    def finish(self) -> TextMessage | BytesMessage:
        if self._bytes is not None:
            return BytesMessage(self._bytes.getvalue())
        if self._cut:
            raise _not_utf8()
        assert self._text is not None
        return TextMessage(self._text.getvalue())

    def _decode(self, piece: bytes) -> None:
        if self._cut:
            piece = self._cut + piece
        try:
            text, used = utf_8_decode(piece, "strict", False)
        except UnicodeDecodeError:
            raise _not_utf8() from None
        self._cut = piece[used:]
        # Two bytes that can only become a surrogate: the decoder waits for the third before it refuses them.
        if b"\xed\xa0" <= self._cut < b"\xee":
            raise _not_utf8()
        assert self._text is not None
        self._text.write(text)


def _not_utf8() -> RemoteProtocolError:
    return RemoteProtocolError("a text message is not UTF-8", BAD_PAYLOAD)
