"""What the first page says of the data: pounds and payments, the largest bodies and suppliers of IT, sources."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from civicgraph.api.own_queries import sql
from civicgraph.api.pages.dealings import IT
from civicgraph.api.pages.recent import recent
from civicgraph.api.pages.rendering import day
from civicgraph.api.pages.values import Node
from civicgraph.graph.edges.scope import Scope
from civicgraph.graph.edges.table import EdgeTable
from civicgraph.graph.records.iris import BASE
from civicgraph.graph.snapshot.manifest import LoadedSource, Manifest

_MOST: Final = 6


@dataclass(frozen=True, slots=True)
class Largest:
    """A party with the pounds that count of it; None where only records do."""

    party: Node
    pounds: float | None
    records: int


@dataclass(frozen=True, slots=True)
class Overview:
    """What there is: records and pounds by kind, the largest bodies, and the largest suppliers of IT."""

    kinds: Sequence[tuple[str, int, float]]
    buyers: Sequence[Largest]
    suppliers: Sequence[Largest]
    is_it: bool


def overview(table: EdgeTable) -> Overview:
    """Return what there is in an edge table; suppliers of anything, where nothing is known to be IT."""
    in_it = _largest(table, IT, buys=False)
    return Overview(
        kinds=recent(table, "loaded", lambda: table.in_scope(Scope(), sql("loaded"), {"money": None})),
        buyers=_largest(table, (), buys=True),
        suppliers=in_it or _largest(table, (), buys=False),
        is_it=bool(in_it),
    )


def _largest(table: EdgeTable, services: tuple[str, ...], *, buys: bool) -> Sequence[Largest]:
    asked = {"money": None, "buys": buys, "most": _MOST}
    found = recent(
        table, ("home", services, buys), lambda: table.in_scope(Scope(services=services), sql("home"), asked)
    )
    return [Largest(Node(name, iri), pounds or None, records) for iri, name, pounds, records in found]


def named_sources(manifest: Manifest) -> list[Node]:
    """Return what people call the sources: those of one publisher are one, with the months that they are of."""
    groups: dict[str, list[LoadedSource]] = defaultdict(list)
    for source in manifest.sources:
        groups[_name(source)].append(source)
    return [Node(f"{name}{_months(some)}", f"{BASE}source/{some[0].id}") for name, some in groups.items()]


def _name(source: LoadedSource) -> str:
    content = source.report.get("content")
    buyers = content.get("buyers", []) if isinstance(content, dict) else []
    words = source.id.replace("-", " ").strip().capitalize()
    if source.kind == "spend":
        is_sales = source.label.startswith("Table of sales")
        if len(buyers) == 1:
            return f"Payments of {str(buyers[0]).rpartition('/')[2].replace('-', ' ').title()}"
        return f"Sales: {words}" if is_sales else f"Payments: {words}"
    return f"Notices of {words}" if source.kind == "ocds" else source.label.removeprefix("Claims of ")


def _months(sources: Sequence[LoadedSource]) -> str:
    months = sorted(
        str(month)
        for source in sources
        if isinstance(content := source.report.get("content"), dict)
        for month in content.get("months", {})
    )
    if not months:
        return ""
    first, last = day(months[0]), day(months[-1])
    return f", {first}" if first == last else f", {first} to {last}"
