"""Flat tables for dashboards at /tables: columns that never change their order or meaning."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from fastapi import APIRouter, HTTPException, Request
from starlette.responses import Response

from civicgraph.api.dependencies import ServingDependency
from civicgraph.api.flat import TableFormat, TableRow, table_response
from civicgraph.api.problems import Problem
from civicgraph.api.serving import Snapshot
from civicgraph.graph.network import Network

router = APIRouter(prefix="/tables", tags=["Tables"], responses={400: {"model": Problem}, 404: {"model": Problem}})


@dataclass(frozen=True, slots=True)
class Table:
    """A table: what it holds, its columns with what each means, and how its rows are made."""

    description: str
    columns: Mapping[str, str]
    rows: Callable[[Snapshot], Iterator[TableRow]]


@router.get("")
def list_tables() -> list[dict[str, object]]:
    """List the tables with their columns."""
    return [
        {"name": name, "description": table.description, "columns": dict(table.columns)}
        for name, table in TABLES.items()
    ]


@router.get("/{name}.{form}")
def read_table(request: Request, serving: ServingDependency, name: str, form: str) -> Response:
    """Return a table as JSON (an array of objects), CSV, or JSON lines."""
    table = TABLES.get(name)
    if table is None:
        raise HTTPException(404, f"there is no table {name!r}; there are: {', '.join(TABLES)}")
    known: dict[str, TableFormat] = {"json": "json", "csv": "csv", "ndjson": "ndjson"}
    if form not in known:
        raise HTTPException(404, f"a table ends in .json, .csv or .ndjson, not in .{form}")
    refuse_parameters(request, ())
    with serving.snapshot() as snapshot:
        return table_response(request, snapshot.version, list(table.columns), table.rows(snapshot), known[form])


def refuse_parameters(request: Request, known: Sequence[str]) -> None:
    """Refuse a request with a parameter that is not known: a misspelt filter must not go unnoticed."""
    unknown = [name for name in request.query_params if name not in known]
    if unknown:
        raise HTTPException(400, f"unknown parameter {unknown[0]!r}; known are: {', '.join(known) or 'none yet'}")


def _dependencies(snapshot: Snapshot) -> Iterator[TableRow]:
    network = snapshot.network
    ties = sorted(network.edges(keys=True, data=True), key=lambda tie: (_name(network, tie[0]), tie[2], tie[1]))
    for buyer, supplier, key, data in ties:
        services, places = data["services"] or (None,), data["places"] or (None,)
        for service in services:
            for place in places:
                value = data["value"]
                if value is not None:
                    value = round(float(value * Decimal(data["split"])) / (len(services) * len(places)), 2)
                yield {
                    "buyer": _name(network, buyer),
                    "supplier": _name(network, supplier),
                    "service": _label(network, service),
                    "place": _label(network, place),
                    "from": None if data["start"] is None else data["start"].isoformat(),
                    "to": None if data["end"] is None else data["end"].isoformat(),
                    "value": value,
                    "currency": data["currency"],
                    "certainty": data["certainty"],
                    "evidence": " ".join(data["evidence"]),
                    "kind": data["kind"],
                    "tie": key,
                    "buyer_iri": buyer,
                    "supplier_iri": supplier,
                    "service_iri": service,
                    "place_iri": place,
                }


def _name(network: Network, iri: str) -> str:
    return str(network.nodes[iri]["label"])


def _label(network: Network, iri: str | None) -> str | None:
    return None if iri is None else str(network.graph["labels"].get(iri, iri))


TABLES: Final[Mapping[str, Table]] = {
    "dependencies": Table(
        description="Who depends on whom: a row for each buyer, supplier, service type and place of a service or "
        "contract that is established. Values are split evenly over the rows of one tie, so that sums hold.",
        columns={
            "buyer": "Name of the buyer or customer",
            "supplier": "Name of the supplier or provider",
            "service": "Name of the service type; empty where none is stated",
            "place": "Name of the area served; empty where none is stated or derived",
            "from": "Earliest day on which the tie may have begun; empty where unknown",
            "to": "Latest day on which it may have ended or is to end; empty where unknown",
            "value": "This row's part of the awarded value; empty where none is known",
            "currency": "ISO 4217 code of the value",
            "certainty": "asserted, reported or speculative: of the least certain claim behind the tie",
            "evidence": "IRIs of the claims that the tie rests on, set off by spaces",
            "kind": "service or contract",
            "tie": "IRI of the service or contract",
            "buyer_iri": "IRI of the buyer",
            "supplier_iri": "IRI of the supplier",
            "service_iri": "IRI of the service type",
            "place_iri": "IRI of the place",
        },
        rows=_dependencies,
    ),
}
