"""Messages that Redis cannot read, and names that it cannot tell.

Payloads are sealed with AES-256-GCM; the first of the keys seals, all of them open, so keys are rotated by
putting a new one behind, then in front, then dropping the old one. Names are enciphered with AES-SIV
(RFC 5297), which makes the same of the same name every time, so that all processes meet at it; they are
hidden under one key, which cannot be rotated while processes are to meet. What remains to be seen is which
process reads a channel, how long names and messages are, and when they come.
"""

import base64
import binascii
import hashlib
import hmac
import os
from typing import Any

from penstock.base.errors import SettingsError
from penstock.channels.codec import pack, unpack
from penstock.channels.errors import CorruptMessage
from penstock.channels.messages import Frozen
from penstock.channels.names import DEAD_LETTERS
from penstock.channels.redis.places import owner_of
from penstock.channels.redis.veil import PRESENCE, SEALED, Veil

NONCE_BYTES = 12
LABEL_BYTES = 4  # tell the keys apart
LOCAL = "x"  # stands for what is behind the `!` of a process's channel; all of the name is in front


class SealedVeil(Veil):
    def __init__(self, max_bytes: int, keys: tuple[bytes, ...], name_key: bytes) -> None:
        super().__init__(max_bytes)
        try:
            from cryptography.exceptions import InvalidTag  # noqa: PLC0415 an extra
            from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESSIV  # noqa: PLC0415
        except ModuleNotFoundError:
            problem = "needs the package 'cryptography'; install penstock[encryption]"
            raise SettingsError("encryption_keys", problem) from None
        derived = [_derived(key, b"penstock messages", 32) for key in keys]
        self._ciphers: dict[bytes, Any] = {_label(key): AESGCM(key) for key in derived}
        self._label = _label(derived[0])
        self._names = AESSIV(_derived(name_key, b"penstock names", 64))
        self._invalid = InvalidTag

    def hide(self, name: str) -> str:
        stem = name.removesuffix(DEAD_LETTERS)
        if owner := owner_of(stem):
            hidden = f"{self._hidden(stem)}.{owner}!{LOCAL}"
        else:
            head, mark, rest = stem.partition("!")
            hidden = self._hidden(head) + mark + (self._hidden(rest) if rest else "")
        return hidden + name[len(stem) :]

    def show(self, hidden: bytes) -> str:
        text = hidden.decode("ascii")
        stem = text.removesuffix(DEAD_LETTERS)
        if owner := owner_of(stem):
            shown = self._shown(stem.removesuffix(f".{owner}!{LOCAL}"))
        else:
            head, mark, rest = stem.partition("!")
            shown = self._shown(head) + mark + (self._shown(rest) if rest else "")
        return shown + text[len(stem) :]

    def wrap(self, frozen: Frozen) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        sealed: bytes = self._ciphers[self._label].encrypt(nonce, pack(frozen), None)
        return SEALED + self._label + nonce + sealed

    def unwrap(self, payload: bytes) -> Frozen:
        if payload[:1] == PRESENCE:
            return self._presence(payload[1:])
        head = 1 + LABEL_BYTES
        cipher = self._ciphers.get(payload[1:head])
        if payload[:1] != SEALED or cipher is None:
            raise CorruptMessage(
                "got a message under none of our keys; give all processes the same encryption_keys"
            )
        try:
            nonce, sealed = payload[head : head + NONCE_BYTES], payload[head + NONCE_BYTES :]
            return unpack(cipher.decrypt(nonce, sealed, None), self._max_bytes)
        except (self._invalid, ValueError):
            raise CorruptMessage("got a sealed message that somebody has changed") from None

    def _hidden(self, name: str) -> str:
        return base64.urlsafe_b64encode(self._names.encrypt(name.encode(), None)).rstrip(b"=").decode()

    def _shown(self, hidden: str) -> str:
        try:
            sealed = base64.urlsafe_b64decode(hidden + "=" * (-len(hidden) % 4))
            return self._names.decrypt(sealed, None).decode()
        except (self._invalid, ValueError, binascii.Error):
            raise CorruptMessage("got a name under another name_key; give all processes the same") from None


def _derived(secret: bytes, purpose: bytes, size: int) -> bytes:
    """A key of its own for each purpose."""
    return hmac.digest(secret, purpose, hashlib.sha512)[:size]


def _label(key: bytes) -> bytes:
    return hmac.digest(key, b"penstock label", hashlib.sha256)[:LABEL_BYTES]
