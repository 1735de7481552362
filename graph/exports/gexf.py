"""GEXF 1.3 as Gephi and Gephi Lite read it, written as a stream.

Parallel edges keep their `kind`; money is a double; spells are days, both ends included, and do not overlap;
the static attributes are the last block of a class, because Gephi Lite keeps only that one.
"""

from collections.abc import Iterable, Mapping
from typing import IO, TYPE_CHECKING, Any, Final

from lxml import etree

from civicgraph.graph.exports.rows import EdgeRow, NodeRow, Spell, edge_rows, node_rows, plain
from civicgraph.graph.network import Network

if TYPE_CHECKING:
    from datetime import date

_NS: Final = "http://gexf.net/1.3"
_VIZ: Final = "http://gexf.net/1.3/viz"
_NODE_ATTRIBUTES: Final = {
    "class": ("class", "string"),
    "role": ("role", "string"),
    "uri": ("uri", "string"),
    "buyers": ("number of buyers", "integer"),
    "suppliers": ("number of suppliers", "integer"),
}
_EDGE_ATTRIBUTES: Final = {
    "count": ("services or contracts", "integer"),
    "value": ("value in GBP", "double"),
    "services": ("services", "liststring"),
    "places": ("places", "liststring"),
    "certainty": ("certainty", "string"),
    "documents": ("documents", "integer"),
}
COLOURS: Final = {"buyer": (0, 114, 178), "supplier": (213, 94, 0), "both": (204, 121, 167)}
"""Red, green and blue of each role, from the palette of Okabe and Ito, which colour-blind readers tell apart."""


def write_gexf(network: Network, out: IO[bytes], title: str) -> None:
    """Write a network as GEXF 1.3.

    Parameters
    ----------
    network
        As `civicgraph.graph.network.build_network` returns it.
    out
        Written to as the file grows.
    title
        What the file says it holds.
    """
    as_of: date | None = network.graph["as_of"]
    with etree.xmlfile(out, encoding="utf-8") as file:
        file.write_declaration()
        with file.element(f"{{{_NS}}}gexf", {"version": "1.3"}, nsmap={None: _NS, "viz": _VIZ}):
            modified = {} if as_of is None else {"lastmodifieddate": as_of.isoformat()}
            with file.element(_tag("meta"), modified):
                _text(file, "creator", "civicgraph")
                _text(file, "title", plain(title))
            settings = {
                "defaultedgetype": "directed",
                "mode": "dynamic",
                "timeformat": "date",
                "timerepresentation": "interval",
            }
            with file.element(_tag("graph"), settings):
                _attributes(file, "node", _NODE_ATTRIBUTES)
                _attributes(file, "edge", _EDGE_ATTRIBUTES)
                with file.element(_tag("nodes")):
                    for node in node_rows(network):
                        _write_node(file, node)
                with file.element(_tag("edges")):
                    for edge in edge_rows(network):
                        _write_edge(file, edge)


def _tag(name: str) -> str:
    return f"{{{_NS}}}{name}"


def _text(file: Any, name: str, text: str) -> None:  # noqa: ANN401 - lxml's incremental writer has no public type
    with file.element(_tag(name)):
        file.write(text)


def _attributes(file: Any, cls: str, attributes: Mapping[str, tuple[str, str]]) -> None:  # noqa: ANN401
    with file.element(_tag("attributes"), {"class": cls, "mode": "static"}):
        for key, (title, kind) in attributes.items():
            with file.element(_tag("attribute"), {"id": key, "title": title, "type": kind}):
                pass


def _write_node(file: Any, row: NodeRow) -> None:  # noqa: ANN401
    with file.element(_tag("node"), {"id": row.id, "label": row.label}):
        values = {
            "class": row.cls,
            "role": row.role,
            "uri": row.uri,
            "buyers": str(row.buyers),
            "suppliers": str(row.suppliers),
        }
        _values(file, values)
        red, green, blue = COLOURS[row.role]
        with file.element(f"{{{_VIZ}}}color", {"r": str(red), "g": str(green), "b": str(blue)}):
            pass
        with file.element(f"{{{_VIZ}}}size", {"value": str(5 + row.buyers + row.suppliers)}):
            pass


def _write_edge(file: Any, row: EdgeRow) -> None:  # noqa: ANN401
    attributes = {
        "id": row.id,
        "source": row.source,
        "target": row.target,
        "kind": row.kind,
        "label": row.label,
        "weight": str(float(row.count)),
    }
    if len(row.spells) == 1:
        attributes |= _spell(row.spells[0])
    with file.element(_tag("edge"), attributes):
        values = {
            "count": str(row.count),
            "value": None if row.value is None else f"{row.value:.2f}",
            "services": _list(row.services),
            "places": _list(row.places),
            "certainty": row.certainty,
            "documents": str(row.documents),
        }
        _values(file, values)
        if len(row.spells) > 1:
            with file.element(_tag("spells")):
                for spell in row.spells:
                    with file.element(_tag("spell"), _spell(spell)):
                        pass


def _values(file: Any, values: Mapping[str, str | None]) -> None:  # noqa: ANN401
    with file.element(_tag("attvalues")):
        for key, value in values.items():
            if value is not None:
                with file.element(_tag("attvalue"), {"for": key, "value": value}):
                    pass


def _spell(spell: Spell) -> dict[str, str]:
    return {name: day.isoformat() for name, day in zip(("start", "end"), spell, strict=True) if day is not None}


def _list(items: Iterable[str]) -> str | None:
    quoted = ['"{}"'.format(item.replace("\\", "\\\\").replace('"', '\\"')) for item in items]
    return f"[{', '.join(quoted)}]" if quoted else None
