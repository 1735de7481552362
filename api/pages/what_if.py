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
from civicgraph.api.serving import Snapshot, SnapshotDependency
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
    if fails:
        return HTMLResponse(_failure_page(snapshot, fails, as_of))
    day = optional_day("as_of", as_of)
    if a and b:
        return HTMLResponse(_merger_page(snapshot, (a, b), Filters(basis=basis, as_of=day)))
    return HTMLResponse(_page(asked={"fails": "", "a": a, "b": b, "as_of": as_of}))


@router.get("/fails/{supplier:path}", response_class=Response, responses=gives(*_OFFERED), dependencies=_STRICT)
def fails(
    request: Request,
    snapshot: SnapshotDependency,
    supplier: Annotated[str, Path(description="The supplier by slug, name or IRI")],
    *,
    as_of: Day = "",
) -> Response:
    """Say who is hit if a supplier fails, and who else provides what it did."""
    if _wants_page(request):
        return HTMLResponse(_failure_page(snapshot, supplier, as_of), headers={"Vary": "Accept"})
    content = orjson.dumps(failure_of(snapshot.edges, supplier, optional_day("as_of", as_of)))
    return versioned(snapshot.version, content, "application/json")


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
    if _wants_page(request):
        return HTMLResponse(_merger_page(snapshot, (a, b), filters), headers={"Vary": "Accept"})
    content = orjson.dumps(merger_of(snapshot.engine, snapshot.edges, filters.scope(snapshot.edges), (a, b)))
    return versioned(snapshot.version, content, "application/json")


def _wants_page(request: Request) -> bool:
    return negotiate(request.headers.get("accept", ""), _OFFERED) or False


def _failure_page(snapshot: Snapshot, supplier: str, as_of: str) -> str:
    failure = failure_of(snapshot.edges, supplier, optional_day("as_of", as_of))
    return _page(failure=failure, asked={"fails": supplier, "a": "", "b": "", "as_of": as_of})


def _merger_page(snapshot: Snapshot, suppliers: tuple[str, str], filters: Filters) -> str:
    merger = merger_of(snapshot.engine, snapshot.edges, filters.scope(snapshot.edges), suppliers)
    asked = {"fails": "", "a": suppliers[0], "b": suppliers[1], "as_of": filters.as_of or ""}
    return _page(merger=merger, basis=filters.basis, asked=asked)


def _page(**values: object) -> str:
    return render("what-if.html", **{"failure": None, "merger": None, "basis": "customers", "size": SIZE, **values})
