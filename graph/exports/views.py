"""How a view becomes a drawing: positions, sizes, communities, core numbers."""

import math
from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from civicgraph.graph.edges.network import Network
from civicgraph.graph.edges.surroundings import rows
from civicgraph.graph.engine.interface import Engine
from civicgraph.graph.exports.claims_view import claims_parts
from civicgraph.graph.exports.contracts_view import contracts_parts
from civicgraph.graph.exports.drawing import Drawing, NodeRow, Value
from civicgraph.graph.exports.layout import layout
from civicgraph.graph.exports.network_view import network_parts
from civicgraph.graph.exports.parts import NODE_COLUMNS, Parts
from civicgraph.graph.exports.selection import Selection, View
from civicgraph.graph.exports.structure import communities, core_numbers, degrees
from civicgraph.graph.exports.suppliers_view import suppliers_parts
from civicgraph.graph.identity.ownership import groups

SOURCE: Final = "civicgraph, from the sources that the data folder holds (civicgraph sources lists them)"
LICENCE: Final = "Facts of UK public records are under the Open Government Licence v3.0; ask each source for the others"

SMALLEST: Final = 4.0
LARGEST: Final = 40.0


def draw(engine: Engine, network: Network, view: View, selection: Selection) -> Drawing:
    """Return a view of a store, ready to be written.

    Parameters
    ----------
    engine
        The store.
    network
        Its established network, as `civicgraph.graph.edges.network.build_network` returns it.
    view
        Which view.
    selection
        What of it.

    Raises
    ------
    ScopeError
        The selection names what is not there.
    TooLargeError
        The view would be too large to be of use.
    """
    if view == "claims":
        parts = claims_parts(engine, selection)
    else:
        make = {"network": network_parts, "contracts": contracts_parts, "suppliers": suppliers_parts}[view]
        parts = make(network, selection, regions(engine), _groups(engine, network, selection))
    return drawn(parts, network)


def regions(engine: Engine) -> dict[str, str]:
    """Return the name of the region of each organisation whose area is known, else that of the country, by IRI."""
    found: dict[str, str] = {}
    for row in rows(engine, "regions"):
        organisation, level, region = (row[name] for name in ("organisation", "level", "region"))
        if organisation is None or level is None or region is None:
            continue  # the query binds all three
        # Rows come with the countries first, so that a region takes their place.
        if level.value == "region" or organisation.value not in found:
            found[organisation.value] = region.value
    return found


def drawn(parts: Parts, network: Network) -> Drawing:
    """Return a view with positions, sizes and structure worked out; the same for the same view."""
    count, sources, targets = len(parts.nodes), parts.sources, parts.targets
    sizes = _sizes(np.array([float(node.value or 0) for node in parts.nodes]))
    structure = (
        degrees(count, sources, targets),
        communities(count, sources, targets),
        core_numbers(count, sources, targets),
    )
    positions = layout(count, sources, targets, sizes).round(2)

    def nodes() -> Iterator[NodeRow]:
        for at, node in enumerate(parts.nodes):
            value: Value = node.value
            values: tuple[Value, ...] = (
                *(node.kind, node.cls, node.iri, node.region),
                float(value) if isinstance(value, float | int) else value,
                *(node.share, node.hhi, node.buyers, node.suppliers),
                *(int(numbers[at]) for numbers in structure),
            )
            x, y = (float(number) for number in positions[at])
            yield NodeRow(node.id, node.label, node.kind, node.spells, values, x, y, float(sizes[at]))

    day = network.graph.get("as_of")
    notes = tuple(f"{number:,} left out: {reason}" for reason, number in parts.left_out.items())
    return Drawing(
        title=f"civicgraph: {parts.title[0].lower()}{parts.title[1:]}",
        description=". ".join((f"Sizes go by {parts.weighed_by}; colours by kind", *notes)),
        source=SOURCE,
        licence=LICENCE,
        day=day,
        node_columns=NODE_COLUMNS,
        edge_columns=parts.edge_columns,
        nodes=nodes,
        edges=parts.edges,
        node_count=count,
        edge_count=len(sources),
        weighed_by=parts.weighed_by,
        notes=notes,
    )


def _sizes(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return radii whose areas go by the values, between the smallest and the largest that are drawn."""
    positive = np.sqrt(np.maximum(values, 0))
    largest = float(positive.max(initial=0))
    # Many nodes get less each, so that they do not cover each other.
    most = min(LARGEST, SMALLEST + 400 / math.sqrt(max(len(values), 1)))
    if not largest:
        return np.full(len(values), SMALLEST)
    return np.asarray((SMALLEST + (most - SMALLEST) * positive / largest).round(2))


def _groups(engine: Engine, network: Network, selection: Selection) -> Mapping[str, str]:
    if selection.level == "entity":
        return {}
    day = selection.as_of or selection.end or network.graph.get("as_of")
    return {} if day is None else groups(engine, day)
