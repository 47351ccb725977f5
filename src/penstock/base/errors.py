"""The kinds of error that Penstock tells apart.

Whose fault it is decides the class. What a peer does wrong is a `RemoteProtocolError` and ends in a response
or a close code, never in a traceback. What our own side does wrong (an application, a bridge) is a
`LocalProtocolError` and is raised into it. Engines raise nothing else, on any bytes.
"""

from collections.abc import Iterator


class PenstockError(Exception):
    """The base of all errors that Penstock defines, but for `ClientDisconnected`, which has to be an OSError.
    """


class LocalProtocolError(PenstockError):
    """Our side broke the protocol: what it asked for has no place in the present state, or may not be put on
    the wire.
    """


class RemoteProtocolError(PenstockError):
    """The peer broke the protocol.

    `reason` is a sentence for the peer and the log; `status` is the HTTP status, or the WebSocket close code,
    that answers it.
    """

    def __init__(self, reason: str, status: int) -> None:
        super().__init__(reason)
        self.reason = reason
        self.status = status


class ClientDisconnected(OSError):
    """`send` was called after the client had gone (ASGI HTTP and WebSocket 2.4 want a subclass of OSError).
    """


class SettingsError(PenstockError):
    """A setting has a value that cannot be used. `setting` is its name, as in `Settings` and on the command
    line.
    """

    def __init__(self, setting: str, problem: str) -> None:
        super().__init__(f"{setting}: {problem}")
        self.setting = setting
        self.problem = problem


class BindError(PenstockError):
    """An address cannot be listened on. `address` is what the user asked for, `problem` says why and what to
    do.
    """

    def __init__(self, address: str, problem: str) -> None:
        super().__init__(f"cannot listen on {address}: {problem}")
        self.address = address
        self.problem = problem


class ApplicationLoadError(PenstockError):
    """The application named on the command line cannot be imported, is not there, or cannot be called."""


class LifespanFailed(PenstockError):
    """The application answered `lifespan.startup.failed`; the text is its message."""


def raised_for(error: BaseException) -> Iterator[BaseException]:
    """The error, what it was raised for, what that was raised for: each once, since an error may be its own
    cause (`raise error from error`).
    """
    seen: set[int] = set()
    maybe: BaseException | None = error
    while maybe is not None and id(maybe) not in seen:
        seen.add(id(maybe))
        yield maybe
        maybe = maybe.__context__ if maybe.__cause__ is None else maybe.__cause__
