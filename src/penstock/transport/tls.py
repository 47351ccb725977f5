"""TLS as one more step without I/O, between the transport (ciphertext) and the session (plaintext).

`TlsPump` wraps an `ssl.SSLObject` and two `MemoryBIO`s. It is on the path of every HTTPS request, so it
is careful with calls: a read that finds nothing raises, which costs 1.4 µs where a request is decrypted
in 0.8, so none is made once all ciphertext is used up. A `MemoryBIO` keeps the memory it once needed:
what passes through one at a time is bounded, or an idle connection would hold as much as the largest
body it ever carried.
"""

import re
import ssl
from collections import deque
from contextlib import suppress

FEED_BYTES = 32768  # ciphertext given to OpenSSL at a time
RECORD_BYTES = 16384  # the most plaintext of one record (RFC 8446 section 5.1); larger writes are no faster
JOIN_BYTES = 65536  # pieces that are together no longer are copied into one, to fill records

SNIFFING, SHAKING, OPEN, ENDED = range(4)

_RECORD_TYPES = frozenset((*range(20, 25), 0x80))  # RFC 8446 section 5.1; 0x80 begins an SSL 2 hello
_PLAIN_HTTP = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,32} ")  # a method, and a space behind it
_MAYBE_HTTP = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,32}\Z")

_SENTENCES = {
    "UNSUPPORTED_PROTOCOL": "the client offers no version of TLS that is allowed here",
    "WRONG_VERSION_NUMBER": "the client does not speak TLS",
    "NO_SHARED_CIPHER": "the client offers no cipher that is allowed here",
    "PEER_DID_NOT_RETURN_A_CERTIFICATE": "the client shows no certificate",
    "DECRYPTION_FAILED_OR_BAD_RECORD_MAC": "a record was damaged on its way",
}


class TlsPump:
    """The server's side of one TLS connection.

    After every call `data_to_send` has to be asked: reading makes ciphertext, too (handshake, alerts,
    key updates). `fault` is a sentence once the handshake failed or the peer broke the protocol; the
    alert is in `data_to_send`, and nothing more is read or sent. `plain_http` tells a client that speaks
    HTTP without TLS: OpenSSL has seen nothing of it, and an answer in plain text goes past the pump.
    """

    __slots__ = (
        "_close_sent",
        "_incoming",
        "_outgoing",
        "_phase",
        "_ready",
        "_sniffed",
        "_unsent",
        "alpn",
        "fault",
        "handshake_complete",
        "peer_closed",
        "plain_http",
        "session",
        "truncated",
    )

    def __init__(self, context: ssl.SSLContext) -> None:
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self.session = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self._phase = SNIFFING
        self._sniffed = b""
        self._ready: list[bytes] = []
        self._unsent: deque[memoryview] | None = None
        self._close_sent = False
        self.handshake_complete = False
        self.alpn: str | None = None  # the protocol agreed on, if the client offered one that we have
        self.peer_closed = False  # close_notify came: the peer says no more, but may still read
        self.truncated = False  # the bytes ended without close_notify: somebody may have cut them off
        self.fault: str | None = None
        self.plain_http = False

    @property
    def has_begun(self) -> bool:
        """Whether the peer has said anything."""
        return self._phase != SNIFFING or len(self._sniffed) > 0

    @property
    def blocked(self) -> bool:
        """True while plaintext waits for the rest of the peer's key update: the caller has to hold back."""
        return self._unsent is not None

    def receive_data(self, data: bytes) -> bytes:
        """Take ciphertext, not empty; return the plaintext that is readable now, often b""."""
        if len(data) > FEED_BYTES:
            feeds = range(0, len(data), FEED_BYTES)
            return b"".join([self.receive_data(data[at : at + FEED_BYTES]) for at in feeds])
        if self._phase == OPEN:
            self._incoming.write(data)
            return self._decrypt(len(data))
        if self._phase == SNIFFING:
            return self._sniff(data)
        return self._shake(data) if self._phase == SHAKING else b""

    def receive_eof(self) -> None:
        """The transport's bytes ended; `truncated` tells whether the peer had said so before."""
        self.truncated = not (self.peer_closed or self.plain_http)
        self._phase = ENDED

    def send_data(self, pieces: list[bytes]) -> None:
        """Encrypt `pieces`, once the handshake is complete. Dropped after a fault or `send_close`."""
        if self._close_sent or self.fault is not None:
            return
        size = 0
        for piece in pieces:  # 0.2 µs less than sum()
            size += len(piece)
        if len(pieces) > 1 and size <= JOIN_BYTES:
            pieces = [b"".join(pieces)]
        if size > RECORD_BYTES or self._unsent is not None:
            self._encrypt_later(pieces)
        elif size:
            self._encrypt(pieces[0])

    def send_close(self) -> None:
        """Say close_notify, behind what was sent; the peer may go on sending.

        Nothing is said while something is unsent: the peer has to see that it was cut.
        """
        if self._close_sent or self.blocked or self.fault is not None or not self.handshake_complete:
            return
        self._close_sent = True
        with suppress(
            ssl.SSLError
        ):  # it wants the peer's close_notify at once, which `receive_data` looks for
            self.session.unwrap()

    def data_to_send(self) -> list[bytes]:
        """The ciphertext for the transport, in order; empties the pump's output."""
        if self._unsent is not None:
            self._encrypt_unsent()
        if self._outgoing.pending:
            self._ready.append(self._outgoing.read())
        ready, self._ready = self._ready, []
        return ready

    def _sniff(self, data: bytes) -> bytes:
        """Look at the first bytes: a record's type is none of the characters that a method can begin with."""
        data = self._sniffed + data
        if data[0] not in _RECORD_TYPES:
            if _MAYBE_HTTP.match(data):
                self._sniffed = data
                return b""
            if _PLAIN_HTTP.match(data):
                self.plain_http = True
                self._phase = ENDED
                return b""
        self._phase = SHAKING
        return self._shake(data)

    def _shake(self, data: bytes) -> bytes:
        self._incoming.write(data)
        try:
            self.session.do_handshake()
        except ssl.SSLWantReadError:
            return b""
        except ssl.SSLError as error:
            self._fail(error)
            return b""
        self.handshake_complete = True
        self.alpn = self.session.selected_alpn_protocol()
        self._phase = OPEN
        return self._decrypt(RECORD_BYTES) if self._incoming.pending else b""

    def _decrypt(self, size: int) -> bytes:
        """Read until all ciphertext is used up. `size` is enough, unless a record began earlier."""
        read, incoming = self.session.read, self._incoming
        parts: list[bytes] = []
        try:
            while part := read(size):
                if len(part) < size and not incoming.pending:
                    return part if not parts else b"".join((*parts, part))
                parts.append(part)
                size = RECORD_BYTES
            self._peer_closed()
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLZeroReturnError:
            self._peer_closed()
        except ssl.SSLError as error:
            self._fail(error)
        return b"".join(parts)

    def _encrypt(self, data: bytes) -> None:
        """The short way for what fits into one record, which is nearly everything."""
        try:
            self.session.write(data)
        except ssl.SSLWantReadError:
            self._encrypt_later([data])
        except ssl.SSLError as error:
            self._fail(error)

    def _encrypt_later(self, pieces: list[bytes]) -> None:
        if self._unsent is None:
            self._unsent = deque()
        self._unsent.extend([memoryview(piece) for piece in pieces if piece])
        self._encrypt_unsent()

    def _encrypt_unsent(self) -> None:
        """Record by record, taking each out at once, so that the BIO stays small."""
        unsent = self._unsent
        assert unsent is not None
        try:
            while unsent:
                piece = unsent[0]
                sent = self.session.write(piece[:RECORD_BYTES])
                self._ready.append(self._outgoing.read())
                if sent < len(piece):
                    unsent[0] = piece[sent:]
                else:
                    unsent.popleft()
            self._unsent = None
        except ssl.SSLWantReadError:
            pass  # the peer is in the middle of a key update; `data_to_send` tries again
        except ssl.SSLError as error:
            self._fail(error)

    def _peer_closed(self) -> None:
        self.peer_closed = True
        self._phase = ENDED

    def _fail(self, error: ssl.SSLError) -> None:
        self.fault = f"TLS {'' if self.handshake_complete else 'handshake '}failed: {_sentence(error)}"
        self._unsent = None
        self._phase = ENDED


def _sentence(error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the client's certificate is refused: {error.verify_message}"
    reason = error.reason or str(error)
    _, alert, name = reason.partition("_ALERT_")
    if alert:
        return f"the client refused with the alert {name.lower().replace('_', ' ')}"
    return _SENTENCES.get(reason) or reason.lower().replace("_", " ")
