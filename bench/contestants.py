"""Whatever is measured, by name: servers and channel layers, in the order of the tables' columns."""

from bench.layers import LAYERS
from bench.servers import SERVERS
from bench.starting import Contestant, Role

CONTESTANTS: dict[str, Contestant] = {**SERVERS, **LAYERS}
PEERS = tuple(name for name, contestant in CONTESTANTS.items() if contestant.role is Role.PEER)
