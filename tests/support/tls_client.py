"""A TLS client in memory, for tests: Python's own, and records that it would never send, made by hand.

Records by hand are for TLS 1.3 with the keys that the client's key log tells (RFC 8446 sections 5.2 and 7.3).
"""

import ssl
from contextlib import suppress
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

HANDSHAKE = 22
APPLICATION_DATA = b"\x17\x03\x03"


class MemoryClient:
    """Moves its bytes only when asked. `received` is all that came in clear, `fault` what OpenSSL said."""

    def __init__(self, context: ssl.SSLContext, session: ssl.SSLSession | None = None) -> None:
        self.context = context
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.session = context.wrap_bio(
            self._incoming, self._outgoing, server_hostname="localhost", session=session
        )
        self._records_sent = 0
        self.handshake_complete = False
        self.received = b""
        self.peer_closed = False
        self.fault: str | None = None

    def shake_hands(self) -> None:
        try:
            self.session.do_handshake()
            self.handshake_complete = True
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLError as error:
            self.fault = str(error)

    def data_to_send(self) -> bytes:
        return self._outgoing.read()

    def receive_data(self, data: bytes) -> None:
        self._incoming.write(data)
        if not self.handshake_complete and self.fault is None:
            self.shake_hands()
        if self.handshake_complete and self.fault is None:
            self._read()

    def send(self, data: bytes) -> None:
        self.session.write(data)
        self._records_sent += 1

    def send_close(self) -> None:
        with suppress(ssl.SSLWantReadError):
            self.session.unwrap()

    def handshake_record(self, message: bytes) -> bytes:
        """One encrypted record with (a part of) a handshake message, instead of the client's next record."""
        secret = self._secret("CLIENT_TRAFFIC_SECRET_0")
        algorithm = hashes.SHA384() if "SHA384" in (self.session.cipher() or ("",))[0] else hashes.SHA256()
        key = expand(algorithm, secret, b"key", 32 if isinstance(algorithm, hashes.SHA384) else 16)
        nonce = int.from_bytes(expand(algorithm, secret, b"iv", 12)) ^ self._records_sent
        inner = message + bytes([HANDSHAKE])
        header = APPLICATION_DATA + (len(inner) + 16).to_bytes(2)
        self._records_sent += 1
        return header + AESGCM(key).encrypt(nonce.to_bytes(12), inner, header)

    def _read(self) -> None:
        try:
            while data := self.session.read(65536):
                self.received += data
            self.peer_closed = True
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLZeroReturnError:
            self.peer_closed = True
        except ssl.SSLError as error:
            self.fault = str(error)

    def _secret(self, label: str) -> bytes:
        assert self.context.keylog_filename
        lines = Path(self.context.keylog_filename).read_text().splitlines()
        return bytes.fromhex(next(line.split()[2] for line in lines if line.startswith(label)))


def expand(algorithm: hashes.HashAlgorithm, secret: bytes, label: bytes, length: int) -> bytes:
    """HKDF-Expand-Label (RFC 8446 section 7.1) with an empty context."""
    full = b"tls13 " + label
    info = length.to_bytes(2) + bytes([len(full)]) + full + b"\0"
    return HKDFExpand(algorithm, length, info).derive(secret)
