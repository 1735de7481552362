"""What the first page says of the data: pounds and payments, the largest bodies and suppliers of IT, sources."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final

from civicgraph.api.own_queries import sql
from civicgraph.api.pages.dealings import IT
from civicgraph.api.pages.recent import recent, records_in
from civicgraph.api.pages.rendering import day
from civicgraph.api.pages.values import Node, text_of
from civicgraph.api.serving import Snapshot
from civicgraph.graph.edges.scope import Scope
from civicgraph.graph.edges.table import EdgeTable
from civicgraph.graph.records.iris import BASE
from civicgraph.graph.snapshot.manifest import LoadedSource

_MOST: Final = 6


def overview(table: EdgeTable) -> dict[str, Any]:
    """Return what counts by kind, the largest bodies, and the largest suppliers: of IT, if anything is known to be."""

    def largest(services: tuple[str, ...], *, buys: bool) -> Sequence[Mapping[str, Any]]:
        return records_in(table, Scope(services=services), "home", buys=buys, most=_MOST)

    in_it = largest(IT, buys=False)
    return {
        "kinds": records_in(table, Scope(), "loaded"),
        "buyers": largest((), buys=True),
        "suppliers": in_it or largest((), buys=False),
        "is_it": bool(in_it),
    }


def loaded(snapshot: Snapshot) -> dict[str, Any]:
    """Return what is loaded, as of which day, and how much of each kind there is."""
    found = next(iter(snapshot.told("as-of")), None)
    return {
        "manifest": snapshot.manifest,
        "as_of": "" if found is None else text_of(found, "asOf"),
        "counts": snapshot.told("counts"),
    }


def named_sources(snapshot: Snapshot) -> list[Node]:
    """Return what people call the sources: those of one publisher are one, with the months that they are of."""
    payers: dict[str, str] = dict(recent(snapshot.edges, "payers", lambda: snapshot.edges.rows(sql("payers"))))
    groups: dict[str, list[LoadedSource]] = defaultdict(list)
    for source in snapshot.manifest.sources:
        groups[_name(source, payers.get(source.id))].append(source)
    nodes = []
    for name, some in groups.items():
        contents = [found for source in some if isinstance(found := source.report.get("content"), dict)]
        months = sorted(str(month) for content in contents for month in content.get("months", {}))
        first, last = (day(months[0]), day(months[-1])) if months else ("", "")
        of = f", {first}" if first == last else f", {first} to {last}"
        nodes.append(Node(name + of if months else name, f"{BASE}source/{some[0].id}"))
    return nodes


def _name(source: LoadedSource, payer: str | None) -> str:
    words = source.id.replace("-", " ").strip().capitalize()
    if source.kind == "spend":
        called = "Sales" if source.label.startswith("Table of sales") else "Payments"
        return f"{called}: {words}" if payer is None else f"Payments of {payer}"
    if source.kind == "ocds":
        return f"Notices of {words}"
    if source.kind == "claims":
        return source.label.removeprefix("Claims of ")
    return source.label.replace("_", " ").rpartition(".")[0] or source.label
