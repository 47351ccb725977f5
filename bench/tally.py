"""The messages that a WebSocket load generator has sent, and how long their echoes took."""

import asyncio


class Tally:
    """The messages of all WebSockets; `ended` is set when none of them waits for an echo any more."""

    def __init__(self, size: int) -> None:
        self.payload = (b"0123456789abcdef" * (size // 16 + 1))[:size]
        self.stop_at = 0.0
        self.delays: list[float] = []
        self.busy = 0
        self.ended = asyncio.get_running_loop().create_future()

    def fail(self, reason: str) -> None:
        if not self.ended.done():
            self.ended.set_exception(RuntimeError(reason))

    def leave(self) -> None:
        self.busy -= 1
        if self.busy == 0 and not self.ended.done():
            self.ended.set_result(None)

    def figures(self, seconds: float) -> dict[str, float]:
        delays = sorted(self.delays)
        return {
            "requests": len(delays),
            "seconds": seconds,
            "p99_ms": delays[int(len(delays) * 0.99)] * 1000,
        }
