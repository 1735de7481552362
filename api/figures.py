"""Concentration figures over HTTP: what the command line prints, at an address."""

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, HTTPException, Query, Request
from starlette.responses import Response

from civicgraph.api.dependencies import ServingDependency
from civicgraph.api.flat import TableFormat, table_response
from civicgraph.api.problems import Problem
from civicgraph.api.tables import refuse_parameters
from civicgraph.graph.measures.figures import By, as_row, columns, figures
from civicgraph.graph.scope import Basis, Scope, find

router = APIRouter(tags=["Concentration"], responses={400: {"model": Problem}})


@router.get("/concentration.{form}")
def concentration(  # noqa: PLR0913 - one argument a query parameter
    request: Request,
    serving: ServingDependency,
    form: Literal["json", "csv"],
    *,
    by: By = "market",
    basis: Basis = "customers",
    service: Annotated[str | None, Query(description="Slug, IRI or name of a service type, with all under it")] = None,
    place: Annotated[str | None, Query(description="Slug, IRI or name of a place, with all in it")] = None,
    start: Annotated[date | None, Query(alias="from", description="First day of the period")] = None,
    end: Annotated[date | None, Query(alias="to", description="Last day of the period")] = None,
) -> Response:
    """Return the concentration of markets, suppliers or buyers as a flat table."""
    refuse_parameters(request, ("by", "basis", "service", "place", "from", "to"))
    if start is not None and end is not None and start > end:
        raise HTTPException(400, f"the period ends ({end}) before it begins ({start})")
    with serving.snapshot() as snapshot:
        network = snapshot.network
        scope = Scope(
            service=None if service is None else find(network, service),
            place=None if place is None else find(network, place),
            start=start,
            end=end,
            basis=basis,
        )
        rows = map(as_row, figures(network, scope, by))
        chosen: TableFormat = form
        return table_response(request, snapshot.version, columns(by), rows, chosen)
