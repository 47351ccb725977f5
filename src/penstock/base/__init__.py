"""L0: what every layer stands on. Errors, ASGI types, limits; imports nothing of Penstock."""
