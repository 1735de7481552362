"""Ties out of the lines beside the sources, with identity applied as it is to their quads."""

import math
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from functools import cache
from itertools import chain

import numpy as np

from civicgraph.graph.edges.ties.arrays import NO_DAY
from civicgraph.graph.edges.ties.build import Row
from civicgraph.graph.edges.ties.lines import TieLine, merged
from civicgraph.graph.records.iris import BASE
from civicgraph.ontology.terms import SERVICES_NS

Lines = Callable[[], Iterable[str]]
"""Gives the lines of a source, from the first, each time it is called."""


def told_apart(
    stated: Iterable[Row], sources: Iterable[Lines], canonical: Mapping[str, str]
) -> tuple[list[Row], Iterator[Row]]:
    """Return the ties that were only stated, and those of records, their parties as resolved.

    A contract that several sources hold is one contract, as it is in the graph.

    Parameters
    ----------
    stated
        Ties out of sources that state triples.
    sources
        The lines of each source.
    canonical
        The decided key for each key that is to be replaced.
    """
    rows, readers = list(stated), list(sources)
    again = _met_again(chain((hash(edge) for edge in {row.edge for row in rows}), _hashes(readers)))
    both = [_line(row) for row in rows if hash(row.edge) in again]
    return [row for row in rows if hash(row.edge) not in again], _record_rows(readers, canonical, again, both)


def _record_rows(
    readers: Iterable[Lines], canonical: Mapping[str, str], again: frozenset[int], met: list[TieLine]
) -> Iterator[Row]:
    for text in chain.from_iterable(read() for read in readers):
        line = TieLine.read(text)
        if hash(_iri(line.key)) in again:
            met.append(line)
        else:
            yield from _rows(line, canonical)
    for line in merged(met):
        yield from _rows(line, canonical)


def _hashes(readers: Iterable[Lines]) -> Iterator[int]:
    # What a source adds up from its own rows has a key of its own; a contract may stand in two sources.
    for read in readers:
        for text in read():
            key, _, rest = text.partition("\t")
            if rest.startswith("contract\t"):
                yield hash(_iri(key))


def _met_again(hashes: Iterable[int]) -> frozenset[int]:
    """Return what comes twice; two keys of one hash are told apart later, by their texts."""
    ordered = np.frombuffer(array("q", hashes) or array("q", [0]), dtype=np.int64)
    ordered = np.sort(ordered)
    return frozenset(ordered[1:][ordered[1:] == ordered[:-1]].tolist())


def _rows(line: TieLine, canonical: Mapping[str, str]) -> Iterator[Row]:
    pairs: dict[tuple[str, str | None], tuple[str, str | None]] = {}
    for buyer in line.buyers:
        for supplier in line.suppliers or (None,):
            decided = None if supplier is None else canonical.get(supplier, supplier)
            pairs.setdefault((canonical.get(buyer, buyer), decided), (buyer, supplier))
    services = [_iri(slug, SERVICES_NS) for slug in line.services]
    places = [_iri(key) for key in line.places]
    for (buyer, supplier), (stated_buyer, stated_supplier) in pairs.items():
        yield Row(
            _iri(line.key),
            line.kind,
            _iri(buyer),
            None if supplier is None else _iri(supplier),
            _iri(stated_buyer),
            None if stated_supplier is None else _iri(stated_supplier),
            _ordinal(line.start),
            _ordinal(line.end),
            float(line.value) if line.value else math.nan,
            line.currency or None,
            1 / len(pairs),
            line.guard or None,
            "asserted",
            services,
            places,
        )


def _line(row: Row) -> TieLine:
    """Return a stated row as a line, so that it can be merged with what records say of the same thing."""
    return TieLine(
        row.edge.removeprefix(BASE),
        row.kind,
        (row.buyer.removeprefix(BASE),),
        () if row.supplier is None else (row.supplier.removeprefix(BASE),),
        _iso(row.start),
        _iso(row.end),
        "" if math.isnan(row.value) else repr(row.value),
        row.currency or "",
        row.guard or "",
        tuple(service.removeprefix(SERVICES_NS) for service in row.services),
        tuple(place.removeprefix(BASE) for place in row.places),
    )


def _iri(key: str, base: str = BASE) -> str:
    # What a source stated itself may bear an IRI of its own.
    return key if "://" in key else base + key


@cache
def _ordinal(day: str) -> int:
    return date.fromisoformat(day).toordinal() if day else NO_DAY


def _iso(day: int) -> str:
    return "" if day == NO_DAY else date.fromordinal(day).isoformat()
