"""Channel layers: Penstock's beside those of Channels and channels_redis, through what all of them can do."""

from bench.figures import MICROSECONDS
from bench.kinds import LayerWork, Work

REDIS_LAYERS = ("penstock-redis", "channels-pubsub", "channels-core")
WITH_LOCAL = ("penstock-redis", "penstock-local", "channels-pubsub", "channels-core")
MEMBERS = ("--members", "1000")

LAYER_WORKS: tuple[Work, ...] = (
    LayerWork(
        name="layer-group",
        title="deliveries to a group of 1000",
        program="bench.layer_group",
        options=(*MEMBERS, "--processes", "1"),
        servers=REDIS_LAYERS,
    ),
    LayerWork(
        name="layer-group-4",
        title="deliveries to a group of 1000 over 4 processes",
        program="bench.layer_group",
        options=(*MEMBERS, "--processes", "4"),
        processes=5,
        servers=WITH_LOCAL,
    ),
    LayerWork(
        name="layer-latency",
        title="from send to receive in another process, p50",
        program="bench.layer_latency",
        unit=MICROSECONDS,
        processes=2,
        servers=WITH_LOCAL,
    ),
    LayerWork(
        name="layer-queue",
        title="sends to a normal channel that is read",
        program="bench.layer_queue",
        processes=2,
        servers=REDIS_LAYERS,
    ),
    LayerWork(
        name="layer-memory",
        title="deliveries to a group of 1000 in memory",
        program="bench.layer_group",
        options=(*MEMBERS, "--processes", "1"),
        servers=("penstock-memory", "channels-memory"),
    ),
)
