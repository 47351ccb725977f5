"""The handler of a connection that has none."""

from penstock.transport.idle import Idle


def test_it_lets_everything_pass() -> None:
    idle = Idle()
    idle.receive_data(b"data")
    idle.receive_eof()
    idle.writing_resumed()
    idle.handle_deadline(1.0)
    idle.drain()
    idle.connection_lost()
