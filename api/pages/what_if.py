"""/what-if: a supplier fails, or two merge: a page for a browser, at the addresses of the data too, else JSON."""

from typing import Annotated, Final

import orjson
from fastapi import APIRouter, Depends, Path, Query, Request
from fastapi.responses import HTMLResponse
from starlette.responses import Response

from civicgraph.api.openapi import gives
from civicgraph.api.pages.organisations import SIZE
from civicgraph.api.pages.rendering import render
from civicgraph.api.parameters import from_query, optional_day
from civicgraph.api.serving import SnapshotDependency
from civicgraph.api.sparql.requests import negotiate
from civicgraph.api.tables.flat import versioned
from civicgraph.api.tables.table_routes import refuse_undeclared, refuse_unmeant
from civicgraph.graph.edges.filters import Filters
from civicgraph.graph.edges.scope import Basis
from civicgraph.graph.measures.failure import failure_of
from civicgraph.graph.measures.merger import merger_of

router = APIRouter(prefix="/what-if", tags=["What if"])

Day = Annotated[
    str,
    Query(
        description="On which day; by default the last of which anything is known of it",
        json_schema_extra={"format": "date"},
    ),
]
_OFFERED: Final = {"application/json": False, "text/html": True}
_STRICT: Final = [Depends(refuse_undeclared)]


@router.get("", response_class=HTMLResponse, dependencies=[Depends(refuse_unmeant)])
def what_if(
    snapshot: SnapshotDependency,
    *,
    fails: Annotated[str, Query(max_length=300, description="A supplier by slug, name or IRI")] = "",
    a: Annotated[str, Query(max_length=300, description="One supplier of two that merge")] = "",
    b: Annotated[str, Query(max_length=300, description="The other")] = "",
    basis: Basis = "customers",
    as_of: Day = "",
) -> Response:
    """Show who is hit if a supplier fails, or what a merger of two does to each market that both are in."""
    day = optional_day("as_of", as_of)
    if fails:
        return _page(failure=failure_of(snapshot.edges, fails, day), fails=fails, as_of=as_of)
    if a and b:
        scope = Filters(basis=basis, as_of=day).scope(snapshot.edges)
        merger = merger_of(snapshot.engine, snapshot.edges, scope, (a, b))
        return _page(merger=merger, basis=basis, a=a, b=b, as_of=as_of)
    return _page(a=a, b=b, as_of=as_of)


@router.get("/fails/{supplier:path}", response_class=Response, responses=gives(*_OFFERED), dependencies=_STRICT)
def fails(
    request: Request,
    snapshot: SnapshotDependency,
    supplier: Annotated[str, Path(description="The supplier by slug, name or IRI")],
    *,
    as_of: Day = "",
) -> Response:
    """Say who is hit if a supplier fails, and who else provides what it did."""
    failure = failure_of(snapshot.edges, supplier, optional_day("as_of", as_of))
    if negotiate(request.headers.get("accept", ""), _OFFERED):
        return _page(failure=failure, fails=supplier, as_of=as_of)
    return versioned(snapshot.version, orjson.dumps(failure), "application/json")


@router.get("/merge", response_class=Response, responses=gives(*_OFFERED), dependencies=_STRICT)
def merge(
    request: Request,
    snapshot: SnapshotDependency,
    a: Annotated[str, Query(description="One supplier, by slug, name or IRI")],
    b: Annotated[str, Query(description="The other")],
    filters: Annotated[Filters, Depends(from_query(Filters))],
) -> Response:
    """Say what a merger does to HHI in each market that both are in, and which bands it crosses.

    Without a day or a period it is that of the eve of what happened, where an acquisition of the two is known.
    """
    merger = merger_of(snapshot.engine, snapshot.edges, filters.scope(snapshot.edges), (a, b))
    if negotiate(request.headers.get("accept", ""), _OFFERED):
        return _page(merger=merger, basis=filters.basis, a=a, b=b, as_of=filters.as_of or "")
    return versioned(snapshot.version, orjson.dumps(merger), "application/json")


def _page(*, failure: object = None, merger: object = None, basis: Basis = "customers", **asked: object) -> Response:
    asked = {"fails": "", "a": "", "b": "", "as_of": "", **asked}
    page = render("what-if.html", failure=failure, merger=merger, basis=basis, size=SIZE, asked=asked)
    return HTMLResponse(page, headers={"Vary": "Accept"})
