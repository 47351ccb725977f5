"""Whatever bytes come in whatever pieces, the HTTP/2 engine raises nothing, ends once, writes whole frames
only, and an engine that nobody answers for reads alike.

python -m tests.fuzz.fuzz_http2 --seconds 60 --seed 1

A case mutates a conversation of good and bad frames and gives it to several engines: one whole, one cut, one
octet by octet, whose requests are never answered, and some whose requests are. Every case has a number of its
own, printed when it fails: `--seed <number> --seconds 0` runs that one alone.
"""

import random
from typing import Any

import hpack
from tests.engine.http1.wire import cut_at
from tests.engine.http2.talk import REPLIES, SMALL, Talk, silent
from tests.support.fuzzing import main
from tests.support.http2_wire import (
    END_HEADERS,
    END_STREAM,
    GET,
    HAS_PRIORITY,
    KINDS,
    PADDED,
    POST,
    PREFACE,
    cut_frames,
    data,
    frame,
    reset,
    settings,
    settings_ack,
    window_update,
)

from penstock.engine.defaults import ResponseDefaults
from penstock.engine.http2.connection import Http2Connection

FIELDS = (
    GET,
    POST,
    (*POST, (b"content-length", b"5"), (b"te", b"trailers")),
    (*POST, (b"expect", b"100-continue"), (b"priority", b"u=1, i")),
    (*GET, (b"cookie", b"a=b"), (b"cookie", b"c=d"), (b"host", b"example.com")),
    ((b":method", b"CONNECT"), (b":protocol", b"websocket"), *GET[1:]),
    ((b":method", b"CONNECT"), (b":authority", b"example.com:1")),
    ((b":method", b"OPTIONS"), (b":path", b"*"), (b":scheme", b"https"), (b"host", b"a")),
    (*GET, (b"connection", b"close")),
    (*GET, (b"X-Upper", b"1")),
    (*GET, (b"x", b"a\0")),
    (*GET, (b"x", b"a" * 600)),
    (*GET[:2], (b":path", b"/%zz" + b"a" * 70), GET[3]),
    ((b"x-trailer", b"1"),),
)


class Case:
    """One stream of frames, and the engines that get it."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._encoder = hpack.Encoder()
        self._last = -1
        choose = self._random
        frames = [settings(*self._settings()), settings_ack()]
        frames += [self._frame() for _ in range(choose.randint(1, 14))]
        for _ in range(choose.choice([0, 0, 1, 1, 3])):
            at = choose.randrange(len(frames))
            frames[at] = self._mutated(frames[at])
        self.stream = PREFACE + b"".join(frames)
        if choose.random() < 0.03:
            self.stream = self._mutated(self.stream)

    def run(self) -> None:
        places = [self._random.randrange(len(self.stream) + 1) for _ in range(self._random.randint(0, 9))]
        whole = self._talk(silence=True).hear([self.stream]).end()
        cut = self._talk(silence=True).hear(cut_at(self.stream, places)).end()
        single = self._talk(silence=True).hear(cut_at(self.stream, range(len(self.stream)))).end()
        alike = comparable(whole)
        assert alike == comparable(cut) == comparable(single), "it reads alike"
        talks = [whole, cut, single]
        for eager in (True, False):
            talks.append(self._talk(eager).hear(cut_at(self.stream, places)))
            self._disturb(talks[-1])
            talks[-1].end().sweep(1e4).sweep(1e5)
        for talk in talks:
            self._check_the_end(talk)

    def _talk(self, eager: bool = False, silence: bool = False) -> Talk:
        engine = Http2Connection(SMALL, ResponseDefaults(b"penstock", (), False))
        replies = [silent] if silence else self._random.choices(REPLIES, k=4)
        return Talk(engine, replies, eager)

    def _disturb(self, talk: Talk) -> None:
        """What else a server does."""
        for _ in range(self._random.randint(0, 3)):
            act = self._random.randrange(4)
            if act == 0:
                talk.engine.announce_close()
            elif act == 1:
                talk.engine.output_paused = not talk.engine.output_paused
            elif act == 2:
                talk.sweep(self._random.random() * 100)
            else:
                talk.hear([self._frame()])

    def _check_the_end(self, talk: Talk) -> None:
        names = [fact[0] for fact in talk.told]
        assert "ConnectionFault" not in names[:-1], "nothing comes after the end"
        frames = list(cut_frames(talk.written))
        sent = {}
        for name, flags, stream_id, _ in frames:
            if name in ("DATA", "HEADERS"):
                assert not sent.get(stream_id), "nothing is sent behind the end of a stream"
                sent[stream_id] = bool(flags & END_STREAM)
        if names[-1:] == ["ConnectionFault"]:
            assert frames[-1][0] == "GOAWAY"
            talk.hear([self.stream])
            assert len(talk.told) == len(names), "it ends once"

    def _settings(self) -> list[tuple[int, int]]:
        choose = self._random
        some = [(1, 0), (1, 4096), (2, 0), (2, 1), (3, 1), (4, 0), (4, 70_000), (4, 100), (5, 16384), (9, 1)]
        odd = [(2, 2), (4, 1 << 31), (5, 1), (99, 7), (4, (1 << 31) - 1)]
        return choose.sample(some + (odd if choose.random() < 0.1 else []), choose.randint(0, 3))

    def _stream_id(self) -> int:
        if self._random.random() < 0.1:
            return self._random.choice([0, 1, 2, 3, 5, 8, 99])
        return max(1, self._last - 2 * self._random.choice([0, 0, 0, 1]))

    def _frame(self) -> bytes:
        choose = self._random
        kind = choose.random()
        if kind < 0.4:
            return self._headers()
        stream_id = self._stream_id()
        if kind < 0.6:
            payload = choose.choice([b"", b"hello", b"a" * 16_384, b"b" * 300])
            if choose.random() < 0.2:
                return frame(
                    "DATA", stream_id, bytes([choose.choice([0, 3, 255])]) + payload[:16_000], PADDED
                )
            return data(stream_id, payload, end=choose.random() < 0.5)
        if kind < 0.7:
            return window_update(
                choose.choice([0, stream_id]), choose.choice([1, 1000, 100_000, 0, (1 << 31) - 1])
            )
        if kind < 0.8:
            return reset(stream_id)
        return self._control(stream_id)

    def _headers(self) -> bytes:
        choose = self._random
        self._last += 2
        stream_id = self._last if choose.random() < 0.8 else self._stream_id()
        block = self._encoder.encode(list(choose.choice(FIELDS)))
        flags = END_STREAM if choose.random() < 0.5 else 0
        if choose.random() < 0.1:
            flags |= HAS_PRIORITY
            block = (0).to_bytes(4) + b"\x10" + block
        at = choose.randrange(len(block)) if choose.random() < 0.2 else len(block)
        if at == len(block):
            return frame("HEADERS", stream_id, block, flags | END_HEADERS)
        return frame("HEADERS", stream_id, block[:at], flags) + frame(
            "CONTINUATION", stream_id, block[at:], END_HEADERS
        )

    def _control(self, stream_id: int) -> bytes:
        return self._random.choice(
            [
                settings(*self._settings()),
                settings_ack(),
                frame("PING", 0, b"12345678"),
                frame("PING", 0, b"farewell", 1),
                frame("PING", 0, b"123"),
                frame("GOAWAY", 0, bytes(8)),
                frame("PRIORITY", stream_id, bytes(5)),
                frame("PRIORITY_UPDATE", 0, stream_id.to_bytes(4) + b"u=2,i"),
                frame("UNKNOWN", stream_id, b"what"),
                frame("PUSH_PROMISE", stream_id, bytes(4)),
                frame("CONTINUATION", stream_id, b""),
            ]
        )

    def _mutated(self, octets: bytes) -> bytes:
        choose = self._random
        at = choose.randint(0, len(octets))
        end = min(len(octets), at + choose.choice([0, 0, 1, 2, 8]))
        put = choose.choice(
            [b"", bytes([choose.choice(list(KINDS.values()))]), choose.randbytes(1), octets[:at]]
        )
        return octets[:at] + put + octets[end:]


def comparable(talk: Talk) -> list[Any]:
    """What may not depend on cuts. A refusal is an answer, and whether its end has left already decides what
    a frame behind it meets.
    """
    names = [fact[0] for fact in talk.told]
    if "StreamRefused" in names:
        return talk.told[: names.index("StreamRefused") + 1]
    return [*talk.told, talk.engine.close_wanted]


def run_case(number: int) -> None:
    Case(number).run()


if __name__ == "__main__":
    main(run_case, __doc__)
