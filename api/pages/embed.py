"""/embed: a claim, a market and a network for the pages of others, in a frame of theirs; each leads to its own page."""

from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Path, Request
from fastapi.responses import HTMLResponse

from civicgraph.api.pages.claims import claim_lines
from civicgraph.api.pages.markets import worked_out
from civicgraph.api.pages.neighbours import neighbourhood
from civicgraph.api.pages.rendering import render
from civicgraph.api.pages.search import unknown
from civicgraph.api.pages.views import Key
from civicgraph.api.parameters import from_query
from civicgraph.api.server.common_headers import FRAMED
from civicgraph.api.serving import SnapshotDependency
from civicgraph.api.tables.table_routes import refuse_undeclared
from civicgraph.graph.edges.filters import Filters
from civicgraph.graph.measures.figures import figures_of
from civicgraph.graph.records.iris import BASE

router = APIRouter(prefix="/embed", tags=["Embedded"])

_NEIGHBOURS: Final = 12
"""How many neighbours are named under the drawing of a network."""

Slug = Annotated[str, Path(max_length=100, pattern=r"^[a-z0-9-]+$", description="The slug of a claim")]


@router.get("/claim/{claim}", response_class=HTMLResponse)
def embedded_claim(snapshot: SnapshotDependency, claim: Slug) -> HTMLResponse:
    """Show a claim with its words."""
    iri = f"{BASE}claim/{claim}"
    found = claim_lines(snapshot.engine, snapshot.documents, [iri])
    if not found:
        raise unknown(snapshot, f"claim/{claim}")
    return _framed("claim", snapshot.version, f"/id/claim/{claim}", claim=found[0])


@router.get("/market", response_class=HTMLResponse, dependencies=[Depends(refuse_undeclared)])
def market(
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


@router.get("/network", response_class=HTMLResponse)
def network(snapshot: SnapshotDependency, node: Key) -> HTMLResponse:
    """Show the network around an organisation as a picture, with its largest neighbours by name."""
    found = neighbourhood(snapshot, node, _NEIGHBOURS)
    return _framed("network", snapshot.version, f"/network?{urlencode({'node': node})}", found=found)


def _framed(shown: str, version: str, page: str, **values: object) -> HTMLResponse:
    content = render("embed.html", shown=shown, version=version, page=page, **values)
    return HTMLResponse(content, headers={"ETag": f'W/"{version}"', **FRAMED})
