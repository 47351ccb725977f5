"""The conformance suite for channel layers: subclass `LayerConformance` and say how layers are made.

    class TestOurLayer(LayerConformance):
        def make_layers(self, count, **settings):
            prefix = secrets.token_hex(8)
            return [OurLayer(prefix=prefix, **settings) for _ in range(count)]

pytest and unittest collect it. Tests named `item_NN` hold the specification, `fault_NN` what other layers
were measured to do wrong, both numbered as in docs/channels.md; `in_2016` what the conformance tests of
asgiref 1.x asked, in today's calls.
"""

from penstock.testing.layers.capacity import Capacity
from penstock.testing.layers.delay import Delay
from penstock.testing.layers.delivery import Delivery
from penstock.testing.layers.expiry import Expiry
from penstock.testing.layers.groups import Groups
from penstock.testing.layers.history import History
from penstock.testing.layers.in_2016 import In2016
from penstock.testing.layers.judge import LayerJudge
from penstock.testing.layers.messages import Messages
from penstock.testing.layers.names import Names
from penstock.testing.layers.presence import Presence
from penstock.testing.layers.processes import Processes
from penstock.testing.layers.statistics import Statistics
from penstock.testing.layers.work import Work

__all__ = ["LayerConformance", "LayerJudge"]


class LayerConformance(
    Names,
    Messages,
    Delivery,
    Capacity,
    Expiry,
    Groups,
    Presence,
    Delay,
    History,
    Work,
    Statistics,
    Processes,
    In2016,
):
    """Every test of the suite. A group of them can be had alone: each is a class in a module of its own."""
