"""The rows that tables are made of: what a query answers, and who depends on whom."""

import csv
import io
import math
import tempfile
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final

from civicgraph.api.tables.flat import Cell, TableRow
from civicgraph.api.tables.headers import Column
from civicgraph.graph.edges.network import evidence_of_edges
from civicgraph.graph.edges.ties.arrays import CERTAINTIES, KINDS, NO_DAY, NOBODY, Ties
from civicgraph.graph.engine.interface import Engine, ResultFormat, ResultKind
from civicgraph.ontology.terms import CG

_AS_CSV: Final[Mapping[ResultKind, ResultFormat]] = {"solutions": "csv", "boolean": "json", "graph": "ntriples"}


def asked_rows(engine: Engine, sparql: str, columns: Mapping[str, Column]) -> Iterator[TableRow]:
    """Yield what a SELECT query answers, one row at a time; an unbound or empty value is None.

    Parameters
    ----------
    engine
        What answers.
    sparql
        The query, which has all the columns among its variables.
    columns
        The columns with the type of each.
    """
    with tempfile.TemporaryFile() as file:
        # A million rows as terms would take gigabytes; as text they wait on disk.
        engine.write_results(sparql, _AS_CSV, lambda _: file)
        file.seek(0)
        reader = csv.reader(io.TextIOWrapper(file, encoding="utf-8", newline=""))
        places = {name: place for place, name in enumerate(next(reader))}
        wanted = [(name, places[name], columns[name].type) for name in columns]
        for row in reader:
            yield {name: _cell(row[place], kind) for name, place, kind in wanted}


def dependence_rows(engine: Engine, ties: Ties) -> Iterator[TableRow]:
    """Yield a row for each buyer, supplier, service type and place of what is established, values split evenly."""
    evidence = {edge: " ".join(claim for claim, _, _ in found) for edge, found in _evidence(engine).items()}
    edges, names, iris = list(ties.edges), list(ties.parties.names), list(ties.parties.iris)
    labels = [ties.label(thing) for thing in ties.things]
    days = {day: None if day == NO_DAY else date.fromordinal(day).isoformat() for day in _days(ties)}
    columns = (ties.edge, ties.kind, ties.buyer, ties.supplier, ties.start, ties.end, ties.value, ties.currency)
    more = (ties.split, ties.certainty, ties.planned)
    rows = zip(*(column.tolist() for column in (*columns, *more)), strict=True)
    services, places = ties.services, ties.places
    service_ends, place_ends = services.offsets.tolist(), places.offsets.tolist()
    for number, row in enumerate(rows):
        edge, kind, buyer, supplier, start, end, value, currency, split, certainty, planned = row
        if planned or supplier == NOBODY:
            continue
        of_services = services.codes[service_ends[number] : service_ends[number + 1]].tolist() or [None]
        of_places = places.codes[place_ends[number] : place_ends[number + 1]].tolist() or [None]
        part = None if math.isnan(value) else round(value * split / (len(of_services) * len(of_places)), 2)
        tie = edges[edge]
        for service in of_services:
            for place in of_places:
                yield {
                    "buyer": names[buyer],
                    "supplier": names[supplier],
                    "service": None if service is None else labels[service],
                    "place": None if place is None else labels[place],
                    "from": days[start],
                    "to": days[end],
                    "value": part,
                    "currency": None if currency < 0 else ties.currencies[currency],
                    "certainty": CERTAINTIES[certainty],
                    "evidence": evidence.get(tie, ""),
                    "kind": KINDS[kind],
                    "tie": tie,
                    "buyer_iri": iris[buyer],
                    "supplier_iri": iris[supplier],
                    "service_iri": None if service is None else ties.things[service],
                    "place_iri": None if place is None else ties.things[place],
                }


def _evidence(engine: Engine) -> Mapping[str, list[tuple[str, str, str]]]:
    return evidence_of_edges(engine, (CG.established,))


def _days(ties: Ties) -> set[int]:
    return {*ties.start.tolist(), *ties.end.tolist()}


def _cell(text: str, kind: str) -> Cell:
    if not text:
        return None
    if kind not in ("number", "integer"):
        return text
    try:
        number = int(text) if kind == "integer" else float(text)
    except ValueError:
        return text
    return number if math.isfinite(number) else text  # JSON has no infinity
