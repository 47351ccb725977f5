"""L2: between engine events and ASGI messages. Knows asyncio futures and tasks, no socket."""
