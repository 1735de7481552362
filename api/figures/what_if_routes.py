"""What-if over HTTP: a supplier fails, or two merge."""

from dataclasses import asdict
from typing import Annotated

import orjson
from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from civicgraph.api.parameters import NAMES, SEVERAL, from_query, optional_day
from civicgraph.api.serving import ServingDependency
from civicgraph.api.tables.flat import etag_response
from civicgraph.api.tables.table_routes import refuse_parameters
from civicgraph.graph.edges.filters import Filters
from civicgraph.graph.measures.failure import failure_of
from civicgraph.graph.measures.figure_columns import as_rows
from civicgraph.graph.measures.merger import merger_of

router = APIRouter(prefix="/what-if", tags=["What if"])

Day = Annotated[
    str,
    Query(
        description="On which day; by default the last of which anything is known of it",
        json_schema_extra={"format": "date"},
    ),
]


@router.get("/fails/{supplier:path}")
def fails(request: Request, serving: ServingDependency, supplier: str, *, as_of: Day = "") -> Response:
    """Say who is hit if a supplier, named by slug, name or IRI, fails, and who else provides what it did."""
    refuse_parameters(request, ("as_of",), ())
    on = optional_day("as_of", as_of)
    with serving.snapshot() as snapshot:

        def answer() -> bytes:
            said = failure_of(snapshot.edges, supplier, on)
            knocked = [asdict(one) | {"name": said.names.get(one.iri, one.iri)} for one in said.found.knocked]
            more = {"name": said.name, "alike": said.alike, "knocked": knocked, "hits": list(as_rows(said.found.hits))}
            return orjson.dumps(asdict(said.found) | more)

        return etag_response(request, snapshot.version, answer, "application/json")


@router.get("/merge")
def merge(
    request: Request,
    serving: ServingDependency,
    a: Annotated[str, Query(description="One supplier, by slug, name or IRI")],
    b: Annotated[str, Query(description="The other")],
    filters: Annotated[Filters, Depends(from_query(Filters))],
) -> Response:
    """Say what a merger does to HHI in each market that both are in, and which bands it crosses.

    Without a day or a period it is that of the eve of what happened, where an acquisition of the two is known.
    """
    refuse_parameters(request, ("a", "b", *NAMES), SEVERAL)
    with serving.snapshot() as snapshot:

        def answer() -> bytes:
            found = merger_of(snapshot.engine, snapshot.edges, filters.scope(snapshot.edges), (a, b))
            return orjson.dumps(asdict(found) | {"markets": list(as_rows(found.markets))})

        return etag_response(request, snapshot.version, answer, "application/json")
