"""What a connection holds that does nothing: most WebSockets do nothing most of the time."""

import gc
import tracemalloc
import zlib

import pytest

from penstock.base.limits import Limits
from penstock.engine.websocket.agreement import Agreement, agree
from penstock.engine.websocket.connection import WebSocketConnection
from penstock.engine.websocket.extensions import parse_extensions
from penstock.testing.wire import websocket_frame, websocket_text

COUNT = 200
LIMITS = Limits(deflate_min_bytes=0)


def used(connection: WebSocketConnection, text: str, deflated: bytes) -> None:
    """One message each way."""
    connection.receive_data(websocket_frame(1, deflated, reserved=4) if deflated else websocket_text(text))
    connection.events()
    connection.send_text(text)
    connection.data_to_send()


def bytes_per_connection(deflate: Agreement | None, use: bool) -> float:
    text = "text " * 1000
    compressor = zlib.compressobj(wbits=-9)
    deflated = (
        (compressor.compress(text.encode()) + compressor.flush(zlib.Z_SYNC_FLUSH))[:-4] if deflate else b""
    )
    used(WebSocketConnection(LIMITS, deflate), text, deflated)  # what the first one alone makes
    gc.collect()
    tracemalloc.start()
    try:
        connections = [WebSocketConnection(LIMITS, deflate) for _ in range(COUNT)]
        if use:
            for connection in connections:
                used(connection, text, deflated)
        gc.collect()
        return tracemalloc.get_traced_memory()[0] / len(connections)
    finally:
        tracemalloc.stop()


def agreement(parameters: bytes) -> Agreement | None:
    return agree(parse_extensions(b"permessage-deflate" + parameters), LIMITS)


def test_an_idle_connection_is_half_a_kilobyte() -> None:
    assert bytes_per_connection(None, use=False) < 600
    assert bytes_per_connection(None, use=True) < 700


def test_an_agreement_on_compression_costs_nothing_before_the_first_message() -> None:
    assert bytes_per_connection(agreement(b""), use=False) < 600


def test_without_context_takeover_nothing_is_held_between_messages() -> None:
    forgetful = agreement(b"; server_no_context_takeover; client_no_context_takeover")
    assert bytes_per_connection(forgetful, use=True) < 1000


@pytest.mark.parametrize("parameters", [b"", b"; client_max_window_bits", b"; server_max_window_bits=9"])
def test_what_compression_holds_is_bounded_by_the_budget(parameters: bytes) -> None:
    agreed = agreement(parameters)
    assert agreed is not None
    assert agreed.memory_bytes <= LIMITS.deflate_memory_bytes
    assert bytes_per_connection(agreed, use=True) < agreed.memory_bytes + 2000
