"""What the tests of exports share: a drawing of a network made by hand, and the network that holds every trap."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest

from civicgraph.graph.edges.network import Network
from civicgraph.graph.exports.drawing import Drawing
from civicgraph.graph.exports.network_view import network_parts
from civicgraph.graph.exports.selection import Selection
from civicgraph.graph.exports.views import drawn

POUNDS = {"kind": "contract", "currency": "GBP"}
SPEND = {"kind": "spend", "currency": "GBP"}


@pytest.fixture(scope="session")
def drawing_of() -> Callable[..., Drawing]:
    """Give the function that draws the buyers and suppliers of a network."""
    return draw_network


def draw_network(network: Network, selection: Selection | None = None) -> Drawing:
    return drawn(network_parts(network, selection or Selection(), {"a": "South East"}, {}), network)


@pytest.fixture(scope="session")
def traps(network_of: Callable[..., Network]) -> Network:
    """Hold a network with each of the things that other writers get wrong."""
    network = network_of(
        [
            ("a", "x", {"documents": ()}),
            ("a", "x", POUNDS | {"value": Decimal("1234567890.12")}),
            ("a", "x", POUNDS | {"value": Decimal("1000000000.05"), "services": ("s", "t")}),
            ("b", "x", POUNDS | {"value": Decimal(0)}),
            ("c", "x", POUNDS | {"value": Decimal("1.5")}),
            ("c", "x", SPEND | {"value": Decimal("10.10"), "start": date(2012, 3, 1), "end": date(2012, 3, 31)}),
            ("c", "x", SPEND | {"value": Decimal("20.20"), "start": date(2012, 3, 15), "end": date(2012, 4, 30)}),
            ("c", "x", SPEND | {"value": Decimal(5), "start": date(2013, 1, 1), "end": date(2013, 1, 31)}),
            ("x", "a", {"start": date(2011, 1, 1)}),
            ("http://e/a&b?c='d'", "\N{PILE OF POO}", {"value": Decimal(7), "currency": "EUR"}),
        ],
        labels={"s": 'IT "services" & <more>', "t": "a\\b, \N{GRINNING FACE}"},
    )
    network.nodes["b"]["label"] = 'Bell\x07 & "Sons" \N{GRINNING FACE}\n\ttab <b>'
    network.nodes["c"]["label"] = "O'Neil; \u200fעברית"
    return network
