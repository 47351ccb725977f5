"""All channel layers by name, in the order of the tables' columns, and where each finds what is behind it.

This side needs the standard library alone; `open_layers.py` opens them, where they are installed.
"""

from dataclasses import dataclass
from pathlib import Path

from bench.starting import ADDRESS, Contestant, Role


@dataclass(frozen=True, slots=True)
class Layer(Contestant):
    """`url` has a place for the port of a Redis server, and for a folder for a socket."""

    url: str = "memory://"

    @property
    def needs_redis(self) -> bool:
        return self.url.startswith("redis:")

    def address(self, port: int, folder: Path) -> str:
        return self.url.format(port=port, folder=folder)


REDIS_URL = f"redis://{ADDRESS}:{{port}}/0"

LAYERS = {
    layer.name: layer
    for layer in (
        Layer("penstock-redis", "Penstock, Redis", Role.OURS, REDIS_URL),
        Layer("penstock-local", "Penstock, local", Role.OURS, "local://{folder}/hub.sock"),
        Layer("penstock-memory", "Penstock, memory", Role.OURS),
        Layer("channels-pubsub", "channels_redis, pubsub", Role.PEER, REDIS_URL),
        Layer("channels-core", "channels_redis, core", Role.PEER, REDIS_URL),
        Layer("channels-memory", "Channels, in-memory", Role.PEER),
    )
}
