"""Whatever blocks come, HPACK raises its two errors only, stays in its limits, and means what `hpack` means.

    python -m tests.fuzz.fuzz_hpack --seconds 60 --seed 1

A case makes the blocks of one connection with an encoder, ours or the library's, spoils some of them, and
gives them to both decoders. Every case has a number of its own, printed when it fails: `--seed <number>
--seconds 0` runs that one alone.
"""

import random

from hpack import Decoder, Encoder, HPACKError
from tests.support.fuzzing import main

from penstock.engine.http2.hpack.decoder import HpackDecoder
from penstock.engine.http2.hpack.encoder import HpackEncoder
from penstock.engine.http2.hpack.errors import FieldListTooLong, HpackError
from penstock.engine.http2.hpack.static import STATIC_FIELDS

Field = tuple[bytes, bytes]
MUCH = 1 << 24
PUT = [b"", b"\x00", b"\x01", b"\x1f", b"\x20", b"\x3f\xe1\x1f", b"\x7f", b"\x80", b"\xbe", b"\xff"]
SIZES = [0, 31, 32, 64, 100, 1000, 4095, 4096]
STRICTER = ("goes on for more than", "more than two")  # where RFC 7541 names no number


class Case:
    """One connection, one direction: an encoder, a decoder of ours, and one that judges it."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._ours = HpackEncoder()
        self._theirs = Encoder()
        self._uses_ours = self._random.random() < 0.5
        self._decoder = HpackDecoder()
        self._judge = Decoder(MUCH)
        self._names = [self._random.randbytes(self._random.randint(0, 20)) for _ in range(5)]
        self._values = [self._random.randbytes(self._random.choice([0, 1, 30, 2000])) for _ in range(5)]

    def run(self) -> None:
        for _ in range(self._random.randint(1, 30)):
            block = self._block([self._field() for _ in range(self._random.randint(0, 12))])
            if not self._agree(self._spoilt(block)):
                return

    def _field(self) -> Field:
        if self._random.random() < 0.4:
            return self._random.choice(STATIC_FIELDS)
        names = [*self._names, *(field[0] for field in STATIC_FIELDS)]
        value = self._random.choice([*self._values, self._random.randbytes(self._random.randint(0, 40))])
        return self._random.choice(names), value

    def _block(self, fields: list[Field]) -> bytes:
        if self._random.random() < 0.2 and fields:
            size = self._random.choice(SIZES)
            self._ours.limit_table(size)
            if size != self._theirs.header_table_size:
                self._theirs.header_table_size = size
        if self._uses_ours:
            return self._ours.encode(fields)
        return bytes(self._theirs.encode(fields, huffman=self._random.random() < 0.5))

    def _spoilt(self, block: bytes) -> bytes:
        spoilt = bytearray(block)
        for _ in range(self._random.choice([0] * 20 + [1, 3])):
            at = self._random.randint(0, len(spoilt))
            put = self._random.choice(PUT)
            spoilt[at : at + self._random.randint(0, 2)] = put
        return bytes(spoilt)

    def _agree(self, block: bytes) -> bool:
        """Both decoders take the block for the same, or refuse it; whether the connection goes on."""
        max_bytes, max_fields = self._random.choice([(MUCH, MUCH), (MUCH, MUCH), (500, 100), (10_000, 3)])
        try:
            fields = self._decoder.decode(block, max_bytes, max_fields)
        except HpackError as error:
            assert any(reason in str(error) for reason in STRICTER) or self._judged(block) is None
            return False
        except FieldListTooLong:
            judged = self._judged(block)
            assert judged is not None, "a long list is a sound one"
            assert len(judged) > max_fields or _size(judged) > max_bytes, "it is too long"
            return True
        assert fields == self._judged(block), "it means the same"
        assert len(fields) <= max_fields and _size(fields) <= max_bytes, "it is within the limits"
        return True

    def _judged(self, block: bytes) -> list[Field] | None:
        try:
            return [(field[0], field[1]) for field in self._judge.decode(block, raw=True)]
        except HPACKError:
            return None


def _size(fields: list[Field]) -> int:
    return sum(len(name) + len(value) + 32 for name, value in fields)


def run_case(number: int) -> None:
    Case(number).run()


if __name__ == "__main__":
    main(run_case, __doc__)
