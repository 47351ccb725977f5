"""The ASGI 3.0 types, under the names that the code uses.

asgiref's typed dictionaries describe each message; what passes through the server's hot path is typed as a
plain dictionary, because every message of an application is checked where it is used, whatever its type says.
"""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

Fields = list[tuple[bytes, bytes]]

ASGI_VERSION = "3.0"
SPEC_VERSION = "2.5"
LIFESPAN_SPEC_VERSION = "2.0"
