"""Pages that look at the whole: the first, markets, the network, the map, what is doubtful or disputed, what is loaded.

At /embed are a claim, a market and a network for a frame in the pages of others; each leads to its own page.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Final, Literal
from urllib.parse import urlencode

import orjson
from fastapi import APIRouter, Depends, Query, Request
from fastapi import Path as InPath
from fastapi.responses import HTMLResponse
from pyoxigraph import NamedNode
from starlette.background import BackgroundTask
from starlette.responses import Response

from civicgraph.api.own_queries import about, query, questions, sql
from civicgraph.api.pages.claims import claim_lines, disputes
from civicgraph.api.pages.claims import doubtful as claims_in
from civicgraph.api.pages.dealings import IT
from civicgraph.api.pages.markets import BANDS, address_of, band_of, dependants_in, market_of, names_in, worked_out
from civicgraph.api.pages.neighbours import DOUBTFUL, neighbourhood
from civicgraph.api.pages.organisations import SIZE
from civicgraph.api.pages.rendering import day, render
from civicgraph.api.pages.search import unknown
from civicgraph.api.pages.ties import MOST, completed, labels_of, ties_about, ties_between, ties_of
from civicgraph.api.pages.values import Node, is_iri, text_of, told
from civicgraph.api.pages.words import measures
from civicgraph.api.parameters import OF_ANY_BASIS, from_query
from civicgraph.api.server.common_headers import FRAMED
from civicgraph.api.serving import Serving, ServingDependency, Snapshot, SnapshotDependency
from civicgraph.api.tables.catalog import stored_queries
from civicgraph.api.tables.flat import versioned
from civicgraph.api.tables.table_routes import refuse_undeclared, refuse_unmeant
from civicgraph.graph.edges.filters import Filters
from civicgraph.graph.edges.scope import BASES, Scope
from civicgraph.graph.engine.interface import Row
from civicgraph.graph.measures.figures import figures_of
from civicgraph.graph.measures.market_figures import market_figures
from civicgraph.graph.measures.party_figures import party_figures
from civicgraph.graph.records.iris import BASE
from civicgraph.graph.snapshot.manifest import LoadedSource
from civicgraph.ontology.read import PREFIXES
from civicgraph.ontology.terms import SERVICES_NS

router = APIRouter(tags=["Pages"])

NEIGHBOURS = 150
"""How many neighbours the network shows before it is asked for more."""
MOST_NEIGHBOURS = 5_000
"""How many a program may ask for; a drawing stops earlier, and puts the rest into one node."""
LISTED = 300
"""How many lines the list under the drawing has; a CSV has them all."""

_NEIGHBOURS: Final = 12
"""How many neighbours are named under the drawing of a network."""
Slug = Annotated[str, InPath(max_length=100, pattern=r"^[a-z0-9-]+$", description="The slug of a claim")]
_NOTHING: Final = {"buyers": 0, "suppliers": 0, "paid": None, "awarded": None, "hhi": None}
_LARGEST: Final = 6
"""How many bodies and suppliers the first page names."""
Skip = Annotated[int, Query(ge=0, le=10_000_000, description="How many are on the pages before this one")]
Key = Annotated[str, Query(max_length=300, pattern=r"^[a-z]+/[a-z0-9-]+$", description="kind/slug")]
Limit = Annotated[int, Query(ge=1, le=MOST_NEIGHBOURS, description="How many at most, the largest first")]
_OF_A_MARKET: Final = ("basis", "service", "place", "from", "to", "level")
ChosenMarket = Annotated[Filters, Depends(from_query(Filters, OF_ANY_BASIS, _OF_A_MARKET))]


@router.get("/", response_class=HTMLResponse)
def home(serving: ServingDependency, snapshot: SnapshotDependency) -> HTMLResponse:
    """Say what is loaded and where everything is."""
    in_it = snapshot.records(Scope(services=IT), "home", buys=False, most=_LARGEST)
    found = {
        "kinds": snapshot.records(Scope(), "loaded"),
        "buyers": snapshot.records(Scope(), "home", buys=True, most=_LARGEST),
        "suppliers": in_it or snapshot.records(Scope(), "home", buys=False, most=_LARGEST),
        "is_it": bool(in_it),
    }
    values = {**_loaded(snapshot), "found": found, "sources": _named_sources(snapshot)}
    # Whoever begins here searches next: what makes that quick is made meanwhile.
    return HTMLResponse(render("home.html", **values), background=BackgroundTask(_make_ready, serving))


def _make_ready(serving: Serving) -> None:
    with serving.snapshot() as snapshot:
        snapshot.names.find("")


@router.get("/network", response_class=HTMLResponse)
def network(snapshot: SnapshotDependency, node: Key | None = None, limit: Limit = NEIGHBOURS) -> HTMLResponse:
    """Show the network around one organisation, to be grown by a click."""
    if node is None:
        return HTMLResponse(render("network.html", found=None))
    found = neighbourhood(snapshot, node, limit)
    return HTMLResponse(render("network.html", found=found, limit=limit, listed=LISTED))


@router.get("/network/neighbours.json")
def neighbours(snapshot: SnapshotDependency, node: Key, limit: Limit = NEIGHBOURS) -> Response:
    """Return an organisation's neighbours and what ties it to each, added up, in every view."""
    return versioned(snapshot.version, orjson.dumps(neighbourhood(snapshot, node, limit)), "application/json")


@router.get("/ties", response_class=HTMLResponse)
def ties(snapshot: SnapshotDependency, buyer: Key, supplier: Key) -> HTMLResponse:
    """Show what ties a buyer to a supplier, with the words or records that say so."""
    engine = snapshot.engine
    parties = BASE + buyer, BASE + supplier
    names = labels_of(engine, parties)
    missing = next((key for key, iri in zip((buyer, supplier), parties, strict=True) if iri not in names), None)
    if missing is not None:
        raise unknown(snapshot, missing)
    views = {"established": completed(snapshot, ties_of(snapshot.edges, *parties))}
    for name, view in DOUBTFUL.items():
        views[name] = completed(snapshot, ties_between(engine, *parties, view), view)
    months = snapshot.edges.rows(sql("months_between"), {"buyer": parties[0], "supplier": parties[1], "size": MOST})
    page = render(
        "ties.html",
        parties=[(iri, names[iri]) for iri in parties],
        views=views,
        money=[told(row) for row in about(engine, "spends", (record for (record,) in months))],
    )
    return HTMLResponse(page)


@router.get("/service/{service_type}", response_class=HTMLResponse)
def service(snapshot: SnapshotDependency, service_type: str, skip: Skip = 0) -> HTMLResponse:
    """Show a service type: what it is, who has it from whom, and how concentrated its market is."""
    iri = SERVICES_NS + service_type
    found: dict[str, list[Node]] = defaultdict(list)
    if is_iri(iri):
        for row in snapshot.engine.select(query("service-type"), bind={"type": NamedNode(iri)}):
            found[text_of(row, "relation")].append(Node(text_of(row, "label"), text_of(row, "other") or None))
    if "label" not in found:
        raise unknown(snapshot, f"service type/{service_type}")
    lines = ties_about(snapshot.engine, snapshot.edges, iri, size=SIZE + 1, skip=skip)
    return HTMLResponse(render("service.html", type=found, slug=service_type, lines=lines, skip=skip, size=SIZE))


@router.get("/markets", response_class=HTMLResponse, dependencies=[Depends(refuse_unmeant)])
def markets(snapshot: SnapshotDependency, given: ChosenMarket) -> HTMLResponse:
    """Show how concentrated markets are, and which suppliers lead them."""
    edges = snapshot.edges
    chosen = market_of(edges, given)
    with edges.scoped(chosen.scope(edges)) as found:
        whole, *within = market_figures(edges, found)
        page = render(
            "markets.html",
            chosen=chosen,
            bases=BASES,
            bands=BANDS,
            whole=whole,
            within=sorted(within, key=lambda one: (-one["total"], one["market"])),
            band_of=band_of,
            suppliers=party_figures(edges, found, "supplier", structure=None),
            dependants=dependants_in(found),
            buyers=party_figures(edges, found, "buyer", structure=None),
            names=names_in(edges),
            worked=worked_out(edges, found, address_of(chosen, by="market")),
            address_of=address_of,
            size=SIZE,
        )
    return HTMLResponse(page, headers={"ETag": f'W/"{snapshot.version}"'})


@router.get("/map", response_class=HTMLResponse)
def place_map(snapshot: SnapshotDependency) -> HTMLResponse:
    """Show the places that have coordinates, and how many suppliers the bodies of each have."""
    rows: dict[str, Row] = {}
    for row in snapshot.answer("map"):
        rows.setdefault(text_of(row, "place"), row)
    lie_in = snapshot.edges.rows(sql("regions_of"), {"places": list(rows)})
    region_of = {place: Node(name, iri) for place, iri, name in lie_in}
    bought, bought_within = (
        {one["iri"]: one for one in snapshot.records(Scope(), "bought_by_place", within=within)}
        for within in (False, True)
    )
    places = [{**told(row), "region": region_of.get(iri), **bought.get(iri, _NOTHING)} for iri, row in rows.items()]
    regions = [
        {"region": region, "places": number, **bought_within.get(region.iri, _NOTHING)}
        for region, number in Counter(region_of.values()).items()
    ]
    return HTMLResponse(
        render("map.html", places=sorted(places, key=_largest_first), regions=sorted(regions, key=_largest_first))
    )


def _largest_first(one: Mapping[str, Any]) -> tuple[float, int, int]:
    return -max(one["paid"] or 0, one["awarded"] or 0), -one["suppliers"], -one.get("places", 0)


@router.get("/doubtful", response_class=HTMLResponse)
def doubtful(
    snapshot: SnapshotDependency, view: Annotated[Literal["plans", "rumours"] | None, Query()] = None, skip: Skip = 0
) -> HTMLResponse:
    """Show what was planned and what is only rumoured, apart from all that is established."""
    views = {
        name: claims_in(snapshot.engine, snapshot.documents, DOUBTFUL[name], size=SIZE + 1, skip=skip)
        for name in ("plans", "rumours")
        if view in (None, name)
    }
    return HTMLResponse(render("doubtful.html", views=views, skip=skip, size=SIZE))


@router.get("/contradictions", response_class=HTMLResponse)
def contradictions(snapshot: SnapshotDependency) -> HTMLResponse:
    """Show claims that cannot both hold, side by side."""
    found = disputes(snapshot.engine, snapshot.documents)
    return HTMLResponse(render("contradictions.html", disputes=found))


@router.get("/data", response_class=HTMLResponse)
def data(snapshot: SnapshotDependency) -> HTMLResponse:
    """Show what is loaded, from where, and what became of each record."""
    return HTMLResponse(render("data.html", **_loaded(snapshot)))


@router.get("/method", response_class=HTMLResponse)
def method() -> HTMLResponse:
    """Say what each figure means, how it is worked out, and where its formula is from."""
    return HTMLResponse(render("method.html", measures=measures()))


def sparql_form(queries: Path | None, query: str | None, fault: str) -> str:
    """Return the page on which a person asks in SPARQL.

    Parameters
    ----------
    queries
        A folder of stored queries of the user's own.
    query
        What was asked; None for the one to begin with.
    fault
        What is wrong with it; empty for nothing.
    """
    stored = stored_queries(queries)
    return render(
        "sparql.html", prefixes=PREFIXES, stored=stored, query=query or next(iter(questions().values())), fault=fault
    )


@router.get("/embed/claim/{claim}", response_class=HTMLResponse)
def embedded_claim(snapshot: SnapshotDependency, claim: Slug) -> HTMLResponse:
    """Show a claim with its words."""
    iri = f"{BASE}claim/{claim}"
    found = claim_lines(snapshot.engine, snapshot.documents, [iri])
    if not found:
        raise unknown(snapshot, f"claim/{claim}")
    return _framed("claim", snapshot.version, f"/id/claim/{claim}", claim=found[0])


@router.get("/embed/market", response_class=HTMLResponse, dependencies=[Depends(refuse_undeclared)])
def embedded_market(
    request: Request, snapshot: SnapshotDependency, filters: Annotated[Filters, Depends(from_query(Filters))]
) -> HTMLResponse:
    """Show a market's largest suppliers as bars, with its HHI, what that rests on and what is left out."""
    with snapshot.edges.scoped(filters.scope(snapshot.edges)) as found:
        whole = figures_of(snapshot.edges, found, "market")[0]
        asked = urlencode(request.query_params.multi_items())
        return _framed(
            "market",
            snapshot.version,
            f"/markets?{asked}",
            whole=whole,
            asked=asked,
            worked=worked_out(snapshot.edges, found, f"by=market&{asked}"),
        )


@router.get("/embed/network", response_class=HTMLResponse)
def embedded_network(snapshot: SnapshotDependency, node: Key) -> HTMLResponse:
    """Show the network around an organisation as a picture, with its largest neighbours by name."""
    found = neighbourhood(snapshot, node, _NEIGHBOURS)
    return _framed("network", snapshot.version, f"/network?{urlencode({'node': node})}", found=found)


def _framed(shown: str, version: str, page: str, **values: object) -> HTMLResponse:
    content = render("embed.html", shown=shown, version=version, page=page, **values)
    return HTMLResponse(content, headers={"ETag": f'W/"{version}"', **FRAMED})


def _loaded(snapshot: Snapshot) -> dict[str, Any]:
    """Return what is loaded, as of which day, and how much of each kind there is."""
    found = next(iter(snapshot.answer("as-of")), None)
    return {
        "manifest": snapshot.manifest,
        "as_of": "" if found is None else text_of(found, "asOf"),
        "counts": snapshot.answer("counts"),
    }


def _named_sources(snapshot: Snapshot) -> list[Node]:
    """Return what people call the sources: those of one publisher are one, with the months that they are of."""
    payers: dict[str, str] = dict(snapshot.recent("payers", lambda: snapshot.edges.rows(sql("payers"))))
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
