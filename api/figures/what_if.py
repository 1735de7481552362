"""What-if over HTTP: a supplier fails, or two merge."""

from dataclasses import asdict
from datetime import date
from typing import Annotated

import orjson
from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from civicgraph.api.dependencies import ServingDependency
from civicgraph.api.figures.asked import Asked
from civicgraph.api.figures.questions import failure_of, failure_rows, merger_of, merger_rows
from civicgraph.api.figures.routes import Place, Service
from civicgraph.api.tables.flat import etag_response
from civicgraph.api.tables.routes import refuse_parameters
from civicgraph.graph.edges.scope import Basis

router = APIRouter(prefix="/what-if", tags=["What if"])

Day = Annotated[date | None, Query(description="On which day; by default the as-of date, or the eve of what happened")]


@router.get("/fails/{supplier:path}")
def fails(request: Request, serving: ServingDependency, supplier: str, *, as_of: Day = None) -> Response:
    """Say who is hit if a supplier, named by slug, name or IRI, fails, and who else provides what it did."""
    refuse_parameters(request, ("as_of",))
    with serving.snapshot() as snapshot:

        def answer() -> bytes:
            said = failure_of(snapshot.engine, snapshot.ties, supplier, as_of)
            knocked = [asdict(one) | {"name": said.names.get(one.iri, one.iri)} for one in said.found.knocked]
            more = {"name": said.name, "alike": said.alike, "knocked": knocked, "hits": failure_rows(said.found)}
            return _json(asdict(said.found) | more)

        return etag_response(request, snapshot.version, answer, "application/json")


@router.get("/merge")
def merge(  # noqa: PLR0913 - one argument a query parameter
    request: Request,
    serving: ServingDependency,
    a: Annotated[str, Query(description="One supplier, by slug, name or IRI")],
    b: Annotated[str, Query(description="The other")],
    *,
    basis: Basis = "customers",
    service: Service = None,
    place: Place = None,
    as_of: Day = None,
) -> Response:
    """Say what a merger does to HHI in each market that both are in, and which bands it crosses."""
    refuse_parameters(request, ("a", "b", "basis", "service", "place", "as_of"))
    with serving.snapshot() as snapshot:

        def answer() -> bytes:
            scope = Asked(basis=basis, service=service, place=place).scope(snapshot.ties)
            found = merger_of(snapshot.engine, snapshot.ties, scope, (a, b), as_of)
            return _json(asdict(found) | {"markets": merger_rows(found)})

        return etag_response(request, snapshot.version, answer, "application/json")


def _json(content: dict[str, object]) -> bytes:
    return orjson.dumps(content)
