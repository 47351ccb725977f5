"""Fakes and byte builders for tests of ASGI software. May import every layer; no layer imports it."""
