"""What an application says of the order of things over HTTP/2: `http.response.push` and
`http.response.priority`.
"""

from typing import Any
from urllib.parse import quote

from penstock.base.asgi import Message
from penstock.base.errors import LocalProtocolError
from penstock.bridge.messages import listed, required
from penstock.bridge.stream import HttpStream

DEFAULT_URGENCY = 3  # RFC 9218 section 4.1
LOWEST_URGENCY = 7
AS_THEY_ARE = "".join(chr(octet) for octet in range(0x21, 0x7F) if chr(octet) != "#")


def send_promise(stream: HttpStream, message: Message) -> None:
    """Promise the response to another request. What ASGI leaves open: a `path` may have a query, and percent
    escapes in it are kept.
    """
    path = required(message, "path")
    if not isinstance(path, str) or not path.startswith("/"):
        raise LocalProtocolError(f"http.response.push: path is {path!r}; expected a text that begins with /")
    quoted = quote(path, safe=AS_THEY_ARE, errors="surrogatepass").encode()
    stream.push(quoted, listed(message, "headers"))


def send_priority(stream: HttpStream, message: Message) -> None:
    """Say how urgent this response is among those of its connection (RFC 9218)."""
    urgency: Any = message.get("urgency", DEFAULT_URGENCY)
    incremental: Any = message.get("incremental", False)
    if type(urgency) is not int or not 0 <= urgency <= LOWEST_URGENCY:
        raise LocalProtocolError(
            f"http.response.priority: urgency is {urgency!r}; expected a whole number from 0 to 7"
        )
    if type(incremental) is not bool:
        raise LocalProtocolError(
            f"http.response.priority: incremental is {incremental!r}; expected True or False"
        )
    stream.set_priority(urgency, incremental)
