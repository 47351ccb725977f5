"""Every limit and deadline of the server, each with its unit in its name and its reason beside it.

A limit is checked before the memory is taken. A deadline counts while *the peer* is the one to act. `None`
switches a limit off. The table is the only place where a limit is declared: the command line, the
documentation and the checks read it.
"""

from collections.abc import Iterator
from dataclasses import Field, dataclass, field, fields
from typing import Any


def limit(default: float | None, why: str, answer: str = "") -> Any:
    """One limit: its default, the reason for it, and what a peer is answered that exceeds it."""
    return field(default=default, metadata={"why": why, "answer": answer})


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    # the head of a request
    max_target_bytes: int = limit(8192, "RFC 9112 section 3 recommends at least 8000 octets", "414")
    max_head_bytes: int = limit(
        65536, "request line and fields together; large enough for big cookies", "431"
    )
    max_fields: int = limit(100, "as many as common proxies let pass; each field costs memory", "431")
    head_seconds: float | None = limit(
        10.0, "for the whole head, however the bytes trickle in (slowloris)", "408"
    )
    keep_alive_seconds: float | None = limit(
        75.0, "idle time between requests; longer than the 60 s of common load balancers", "close"
    )

    # the body of a request
    max_body_bytes: int | None = limit(None, "bodies are streamed: they cost the server no memory", "413")
    max_chunk_line_bytes: int = limit(256, "a chunk's size and extensions, which carry nothing", "400")
    max_trailer_bytes: int = limit(8192, "the trailer section of a chunked body", "431")
    max_drain_bytes: int = limit(
        262144, "what is read and dropped of a body that the application left unread", "close"
    )
    min_body_bytes_per_second: int | None = limit(
        240, "a slower sender holds the application up on purpose", "408"
    )
    body_grace_seconds: float = limit(10.0, "how long a body may stay below its least rate", "408")

    # connections and requests
    max_connections: int | None = limit(None, "bounded by the file descriptors of the process", "503")
    max_concurrent_requests: int | None = limit(None, "requests that run at one time; more wait", "503")
    max_waiting_requests: int = limit(1000, "requests that wait for their turn", "503")
    waiting_seconds: float = limit(10.0, "how long a request waits for its turn", "503")
    tls_handshake_seconds: float | None = limit(10.0, "the TLS handshake as a whole", "close")
    write_stall_seconds: float | None = limit(
        60.0, "how long a client may take no byte of what waits for it", "close"
    )
    close_seconds: float = limit(5.0, "for the peer's half of a close, HTTP or WebSocket", "close")
    read_buffer_bytes: int = limit(
        262144,
        "what is read ahead of the application before the socket is paused; as much as a loop reads at once, "
        "or every large read would pause and resume it",
    )
    write_buffer_bytes: int = limit(65536, "what waits for a slow client before `send` waits")

    # WebSocket
    websocket_handshake_seconds: float | None = limit(20.0, "for the application to accept or refuse", "503")
    max_message_bytes: int = limit(16777216, "a message is assembled in memory, after inflating", "1009")
    max_frame_bytes: int = limit(16777216, "a frame of a message, before inflating", "1009")
    ping_seconds: float | None = limit(20.0, "silence after which the server sends a ping")
    pong_seconds: float | None = limit(20.0, "for the answer to a ping", "close")
    deflate: bool = limit(True, "permessage-deflate (RFC 7692), when the client offers it")
    deflate_min_bytes: int = limit(
        256, "smaller messages are sent as they are: deflate would not shrink them"
    )
    deflate_memory_bytes: int = limit(
        131072, "what compression may hold per connection; smaller windows are negotiated to keep to it"
    )

    # HTTP/2
    max_concurrent_streams: int = limit(
        100,
        "requests at one time on one connection; RFC 9113 section 6.5.2 advises no fewer",
        "REFUSED_STREAM",
    )
    stream_window_bytes: int = limit(
        262144,
        "what a client may send of a body before the application takes it; as much as HTTP/1.1 reads ahead",
    )
    connection_window_bytes: int = limit(
        1048576, "the same for all bodies of a connection together: it bounds what idle applications hold"
    )
    max_block_bytes: int = limit(
        131072,
        "the fields of a request as they are encoded; beyond `max_head_bytes` they are still read, to keep "
        "the tables equal, and answered with 431",
        "ENHANCE_YOUR_CALM",
    )
    max_continuations: int = limit(
        32, "frames that go on with the fields which another began; honest ones are full", "ENHANCE_YOUR_CALM"
    )
    max_idle_frames: int = limit(
        1000,
        "frames that carry no request on (PING, SETTINGS, PRIORITY, window updates, empty DATA); responses "
        "earn new ones, and so does time: all in ten seconds",
        "ENHANCE_YOUR_CALM",
    )
    max_resets: int = limit(
        200,
        "streams that were given up, or had to be reset, before they were answered (rapid reset); responses "
        "earn new ones, and so does time: all in ten seconds",
        "ENHANCE_YOUR_CALM",
    )
    settings_seconds: float | None = limit(
        10.0, "for the acknowledgement of our settings, which a peer owes at once", "SETTINGS_TIMEOUT"
    )


def limit_fields() -> Iterator[Field[Any]]:
    """The declared limits in their order, with `metadata["why"]` and `metadata["answer"]`."""
    yield from fields(Limits)
