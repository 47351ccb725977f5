"""Whatever bytes come in whatever pieces, the HTTP/1.1 engine raises nothing, ends once, holds little, and
reads alike.

python -m tests.fuzz.fuzz_http1 --seconds 60 --seed 1

A case mutates a few requests of the corpus and gives the stream to several engines, each cut in another way:
what they tell and send has to be the same, no fault is followed by anything but its one answer, and no more
octets are held than the limits allow. Every case has a number of its own, printed when it fails: `--seed
<number> --seconds 0` runs that one alone.
"""

import random

from tests.engine.http1.talk import REPLIES, SMALL, Talk
from tests.engine.http1.wire import chunked, cut_at, defaults, request
from tests.support.fuzzing import main

from penstock.engine.closing import KEEP_OPEN
from penstock.engine.http1.connection import Http1Connection

# Without an event: a dropped body, then a head of which all but the last octet is there.
MOST_HELD_BYTES = SMALL.max_drain_bytes + SMALL.max_head_bytes
CORPUS = (
    request(),
    request(target=b"/a%20b?c=d#e"),
    request(target=b"http://a.example/b"),
    request(target=b"*", method=b"OPTIONS"),
    request(target=b"a.example:443", method=b"CONNECT"),
    request(b"Content-Length: 5", method=b"POST", body=b"hello"),
    request(b"Content-Length: 5", b"Expect: 100-continue", method=b"PUT", body=b"hello"),
    request(b"Connection: Upgrade, close", b"Upgrade: websocket", b"TE: trailers"),
    request(b"X-A: " + b"a" * 100, b"Cookie: b", b"cookie: c"),
    chunked(b"hello", b", ", b"world" * 10),
    chunked(b"a", trailers=b"X-Sum: 1\r\nX-B: c\r\n"),
    request(b"Transfer-Encoding: chunked", method=b"POST", body=b'5;a="b\\"c";d=e\r\nhello\r\n000\r\n\r\n'),
    b"\r\nGET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
    b"HEAD / HTTP/1.0\r\n\r\n",
    b"GET / HTTP/1.1\nHost: a\n\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
)
TELLING = (
    *(
        b"\r",
        b"\n",
        b"\r\n",
        b" ",
        b"\t",
        b":",
        b",",
        b";",
        b"=",
        b'"',
        b"\0",
        b"\x7f",
        b"\x80",
        b"\xff",
        b"%",
        b"#",
    ),
    *(b"HTTP/1.1", b"HTTP/1.0", b"HTTP/9.9", b"Host: b\r\n", b"Content-Length: 9\r\n", b"chunked", b"close"),
    *(
        b"Transfer-Encoding: chunked\r\n",
        b"ffffffffffffffff",
        b"0\r\n\r\n",
        b"-1",
        b"0x",
        b"a" * 600,
        b"X: y\r\n" * 9,
    ),
)


class Case:
    """One stream and one script of replies, and the engines that get them."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._replies = self._random.choices(REPLIES, k=3)
        parts = self._random.choices(CORPUS, k=self._random.randint(1, 4))
        for _ in range(self._random.choice([0, 1, 1, 2, 5])):
            at = self._random.randrange(len(parts))
            parts[at] = self._mutated(parts[at])
        self._stream = b"".join(parts)

    def run(self) -> None:
        whole = self._talk().hear([self._stream]).end()
        places = [self._random.randrange(len(self._stream) + 1) for _ in range(self._random.randint(0, 9))]
        cut = self._talk().hear(cut_at(self._stream, places)).end()
        single = self._octet_by_octet(eager=False)
        assert whole.result == cut.result == single.result, "it reads alike"
        for talk in (whole, cut, single, self._octet_by_octet(eager=True)):
            self._check_the_end(talk)

    def _mutated(self, data: bytes) -> bytes:
        at = self._random.randint(0, len(data))
        end = min(len(data), at + self._random.choice([0, 0, 1, 2, 8]))
        put = self._random.choice(
            [b"", self._random.choice(TELLING), self._random.randbytes(1), data[at:end] * 2, data[:at]]
        )
        return data[:at] + put + data[end:]

    def _talk(self, eager: bool = False) -> Talk:
        return Talk(Http1Connection(SMALL, defaults(b"penstock")), self._replies, eager)

    def _octet_by_octet(self, eager: bool) -> Talk:
        """Counts what the engine was given since it last told something: that is what it may hold."""
        talk = self._talk(eager)
        held, told = 0, 0
        for piece in cut_at(self._stream, range(len(self._stream))):
            talk.hear([piece])
            held = held + 1 if (told == len(talk.told) and not _grows(talk)) else 0
            told = len(talk.told)
            assert held <= MOST_HELD_BYTES or _is_deaf(talk), "it holds little"
            if eager and self._random.random() < 0.01:
                talk.sweep(1e3 * self._random.random())
        return talk.end() if not eager else talk.end().sweep(1e4).sweep(1e5)

    def _check_the_end(self, talk: Talk) -> None:
        names = [fact[0] for fact in talk.told]
        for last in ("PeerFault", "PeerClosed"):
            assert last not in names[:-1], "nothing comes after the end"
        written = len(b"".join(talk.written))
        talk.hear([self._stream]).end()
        if names[-1:] in (["PeerFault"], ["PeerClosed"]):
            assert len(talk.told) == len(names), "it ends once"
            assert len(b"".join(talk.written)) == written, "a fault is answered once"


def _is_deaf(talk: Talk) -> bool:
    """Whether the engine drops what it is given: the connection closes, or speaks another protocol."""
    engine = talk.engine
    return engine.close_wanted != KEEP_OPEN or (engine.response_started and not engine.response_complete)


def _grows(talk: Talk) -> bool:
    """Whether the last fact is a body that each octet makes longer."""
    return bool(talk.told) and talk.told[-1][0] == "BodyPart"


def run_case(number: int) -> None:
    Case(number).run()


if __name__ == "__main__":
    main(run_case, __doc__)
