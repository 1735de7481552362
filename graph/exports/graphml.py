"""GraphML as Gephi, yEd and networkx read it, written as a stream."""

from collections.abc import Mapping
from typing import IO, Any, Final

from lxml import etree

from civicgraph.graph.exports.rows import EdgeRow, NodeRow, Spell, edge_rows, node_rows
from civicgraph.graph.network import Network

_NS: Final = "http://graphml.graphdrawing.org/xmlns"
_KEYS: Final = {
    "node": {
        "label": "string",
        "class": "string",
        "role": "string",
        "uri": "string",
        "buyers": "int",
        "suppliers": "int",
    },
    "edge": {
        "kind": "string",
        "edgelabel": "string",
        "weight": "double",
        "value": "double",
        "services": "string",
        "places": "string",
        "certainty": "string",
        "documents": "int",
        "spells": "string",
    },
}


def write_graphml(network: Network, out: IO[bytes]) -> None:
    """Write a network as GraphML; what it has no form for, lists and spells, is text.

    Parameters
    ----------
    network
        As `civicgraph.graph.network.build_network` returns it.
    out
        Written to as the file grows.
    """
    with etree.xmlfile(out, encoding="utf-8") as file:
        file.write_declaration()
        with file.element(f"{{{_NS}}}graphml", nsmap={None: _NS}):
            for target, keys in _KEYS.items():
                for name, kind in keys.items():
                    attributes = {"id": f"{target}-{name}", "for": target, "attr.name": name, "attr.type": kind}
                    with file.element(f"{{{_NS}}}key", attributes):
                        pass
            with file.element(f"{{{_NS}}}graph", {"edgedefault": "directed"}):
                for node in node_rows(network):
                    with file.element(f"{{{_NS}}}node", {"id": node.id}):
                        _data(file, "node", _node(node))
                for edge in edge_rows(network):
                    ends = {"id": edge.id, "source": edge.source, "target": edge.target}
                    with file.element(f"{{{_NS}}}edge", ends):
                        _data(file, "edge", _edge(edge))


def _node(row: NodeRow) -> dict[str, str]:
    return {
        "label": row.label,
        "class": row.cls,
        "role": row.role,
        "uri": row.uri,
        "buyers": str(row.buyers),
        "suppliers": str(row.suppliers),
    }


def _edge(row: EdgeRow) -> dict[str, str]:
    values = {
        "kind": row.kind,
        "edgelabel": row.label,
        "weight": str(float(row.count)),
        "value": "" if row.value is None else f"{row.value:.2f}",
        "services": "; ".join(row.services),
        "places": "; ".join(row.places),
        "certainty": row.certainty,
        "documents": str(row.documents),
        "spells": "; ".join(map(spell_text, row.spells)),
    }
    return {name: value for name, value in values.items() if value}


def spell_text(spell: Spell) -> str:
    """Return a period as an ISO 8601 interval, `..` for an open end.

    >>> spell_text((None, None))
    '../..'
    """
    return "/".join(".." if day is None else day.isoformat() for day in spell)


def _data(file: Any, target: str, values: Mapping[str, str]) -> None:  # noqa: ANN401 - lxml's writer has no public type
    for name, value in values.items():
        with file.element(f"{{{_NS}}}data", {"key": f"{target}-{name}"}):
            file.write(value)
