"""What the tests of exports share: a drawing of an edge table made by hand, and the table that holds every trap."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest

from civicgraph.graph.edges.scope import Scope
from civicgraph.graph.edges.table import EdgeTable
from civicgraph.graph.exports.drawing import Drawing
from civicgraph.graph.exports.network_view import network_view
from civicgraph.graph.exports.options import Options

POUNDS = {"kind": "contract", "currency": "GBP"}
SPEND = {"kind": "spend", "currency": "GBP"}


@pytest.fixture(scope="session")
def drawing_of() -> Callable[..., Drawing]:
    """Give the function that draws the buyers and suppliers of an edge table."""
    return draw_network


def draw_network(table: EdgeTable, scope: Scope | None = None, options: Options | None = None) -> Drawing:
    drawing = network_view(table, scope or Scope(), options or Options())
    drawing.day = table.as_of
    return drawing


@pytest.fixture(scope="session")
def traps(table_of: Callable[..., EdgeTable]) -> EdgeTable:
    """Hold an edge table with each of the things that other writers get wrong."""
    return table_of(
        [
            ("a", "x", {"evidence": ()}),
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
        region=[("a", "South East")],
        as_of=date(2014, 1, 1),
        called={"b": 'Bell\x07 & "Sons" \N{GRINNING FACE}\n\ttab <b>', "c": "O'Neil; \u200fעברית"},
    )
