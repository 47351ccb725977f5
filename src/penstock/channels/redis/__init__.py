"""The layer for everybody who reaches one Redis, several, or a cluster.

What is kept for all processes is changed by scripts alone (`lua/`), each one step for everybody and one round
trip for its caller. A process has two connections to each shard: one for commands, with as many of them on
their way as there are callers, and one that waits for its *inbox*, a stream of what concerns it. A message
for a group is one entry for each process, and is handed to the members there; what is in a queue is handed
to a process that asked for it, once.
"""

from penstock.channels.redis.layer import RedisLayer
from penstock.channels.redis.settings import RedisSettings

__all__ = ["RedisLayer", "RedisSettings"]
