"""Pictures: the same figures give the same bytes, of the kind that was asked for."""

from datetime import date

import pytest

from civicgraph.graph.edges.network import Network
from civicgraph.graph.edges.scope import Scope
from civicgraph.graph.edges.selection import select
from civicgraph.graph.edges.ties.from_network import ties_of
from civicgraph.graph.exports.plots import PlotError, draw
from civicgraph.graph.measures.figures import By, figures, figures_over_time


@pytest.mark.parametrize("by", ["market", "supplier", "buyer"])
@pytest.mark.parametrize(("ending", "begins"), [(".png", b"\x89PNG"), (".SVG", b"<?xml")])
def test_the_same_figures_are_the_same_picture(seeds_network: Network, by: By, ending: str, begins: bytes) -> None:
    ties, scope = ties_of(seeds_network), Scope()
    found = figures(ties, scope, by)
    picture = draw(select(ties, scope), found, ending)
    assert picture.startswith(begins)
    assert picture == draw(select(ties, scope), found, ending)


def test_hhi_over_time_is_drawn_with_the_bands(seeds_network: Network) -> None:
    ties, scope = ties_of(seeds_network), Scope(start=date(2015, 1, 1), end=date(2019, 12, 31))
    found = figures_over_time(ties, scope, "market", "year")
    assert len(found) == 5
    svg = draw(select(ties, scope), found, ".svg", over_time=True).decode()
    assert "U.S. Merger Guidelines 2023" in svg
    assert "EC guidelines 2004/C 31/03" in svg


def test_what_cannot_be_drawn_is_said(seeds_network: Network) -> None:
    ties = ties_of(seeds_network)
    with pytest.raises(PlotError, match=r"a .png or a .svg"):
        draw(select(ties, Scope()), figures(ties, Scope(), "market"), ".pdf")
    nothing = Scope(basis="spend")
    for by in ("market", "supplier"):
        with pytest.raises(PlotError, match="nothing to draw"):
            draw(select(ties, nothing), figures(ties, nothing, by), ".png")
