"""Pictures: the same figures give the same bytes, of the kind that was asked for."""

from datetime import date

import pytest

from civicgraph.graph.edges.scope import Scope
from civicgraph.graph.edges.table import EdgeTable
from civicgraph.graph.exports.plots import PlotError, draw
from civicgraph.graph.measures.figure_columns import By
from civicgraph.graph.measures.figures import figures_over_time
from tests.figures import figures


@pytest.mark.parametrize("by", ["market", "supplier", "buyer"])
@pytest.mark.parametrize(("ending", "begins"), [(".png", b"\x89PNG"), (".SVG", b"<?xml")])
def test_the_same_figures_are_the_same_picture(seeds_table: EdgeTable, by: By, ending: str, begins: bytes) -> None:
    found = figures(seeds_table, Scope(), by)
    with seeds_table.scoped(Scope()) as rows:
        picture = draw(rows, found, ending)
        assert picture.startswith(begins)
        assert picture == draw(rows, found, ending)


def test_hhi_over_time_is_drawn_with_the_bands(seeds_table: EdgeTable) -> None:
    scope = Scope(start=date(2015, 1, 1), end=date(2019, 12, 31))
    found = figures_over_time(seeds_table, scope, "market", "year")
    assert len(found) == 5
    with seeds_table.scoped(scope) as rows:
        svg = draw(rows, found, ".svg", over_time=True).decode()
    assert "U.S. Merger Guidelines 2023" in svg
    assert "EC guidelines 2004/C 31/03" in svg


def test_what_cannot_be_drawn_is_said(seeds_table: EdgeTable) -> None:
    with seeds_table.scoped(Scope()) as rows, pytest.raises(PlotError, match=r"a .png or a .svg"):
        draw(rows, figures(seeds_table, Scope(), "market"), ".pdf")
    nothing = Scope(basis="spend")
    for by in ("market", "supplier"):
        with seeds_table.scoped(nothing) as rows, pytest.raises(PlotError, match="nothing to draw"):
            draw(rows, figures(seeds_table, nothing, by), ".png")
