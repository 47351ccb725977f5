"""HPACK (RFC 7541), the compression of the field sections of HTTP/2, both ways."""
