"""Nodes and edges as two CSV files with the headers that Gephi's spreadsheet import knows."""

import csv
import io
from collections.abc import Iterable
from typing import Final

from civicgraph.graph.exports.rows import Spell, edge_rows, node_rows
from civicgraph.graph.network import Network

_NODE_HEADER: Final = ("Id", "Label", "timeset", "class", "role", "uri", "buyers", "suppliers")
_EDGE_HEADER: Final = (
    *("Source", "Target", "Type", "Kind", "Id", "Label", "Weight", "timeset"),
    *("value", "services", "places", "certainty", "documents"),
)


def nodes_csv(network: Network) -> str:
    """Return the nodes of a network as CSV."""
    return _csv(
        _NODE_HEADER,
        ((n.id, n.label, "", n.cls, n.role, n.uri, n.buyers, n.suppliers) for n in node_rows(network)),
    )


def edges_csv(network: Network) -> str:
    """Return the edges of a network as CSV, one a buyer, supplier and kind."""
    rows = (
        (
            *(e.source, e.target, "Directed", e.kind, e.id, e.label, float(e.count), _timeset(e.spells)),
            "" if e.value is None else f"{e.value:.2f}",
            *("; ".join(e.services), "; ".join(e.places), e.certainty, e.documents),
        )
        for e in edge_rows(network)
    )
    return _csv(_EDGE_HEADER, rows)


def _csv(header: tuple[str, ...], rows: Iterable[tuple[str | int | float, ...]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows(rows)
    return out.getvalue()


def _timeset(spells: tuple[Spell, ...]) -> str:
    def bound(day: object, otherwise: str) -> str:
        return otherwise if day is None else str(day)

    inner = "; ".join(f"[{bound(start, '-Infinity')}, {bound(end, 'Infinity')}]" for start, end in spells)
    return f"<{inner}>" if inner else ""
