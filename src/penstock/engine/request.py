"""A request as every version of HTTP tells it: the same record, so that whoever answers need not ask how it
came (RFC 9110 section 3.4).
"""

from penstock.base.asgi import Fields


class RequestHead:
    """The request line and the fields, checked (RFC 9112 sections 3 and 5, RFC 9113 section 8.3).

    `method` is upper-case, as ASGI wants it. `raw_path` is the path of the target as it came and `path` the
    same with its percent escapes decoded, `query_string` what stands behind the first `?`. `fields` have
    lower-case names in the order received. `upgrade` is the lower-case `Upgrade` field when `Connection`
    names it, else empty.
    """

    __slots__ = (
        "body_follows",
        "fields",
        "http_version",
        "method",
        "path",
        "query_string",
        "raw_path",
        "upgrade",
        "wants_trailers",
    )

    def __init__(
        self,
        method: str,
        raw_path: bytes,
        path: str,
        query_string: bytes,
        http_version: str,
        fields: Fields,
        upgrade: bytes = b"",
        body_follows: bool = False,
        wants_trailers: bool = False,
    ) -> None:
        self.method = method
        self.raw_path = raw_path
        self.path = path
        self.query_string = query_string
        self.http_version = http_version
        self.fields = fields
        self.upgrade = upgrade
        self.body_follows = body_follows
        self.wants_trailers = wants_trailers
