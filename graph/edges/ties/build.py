"""Ties row by row: texts become codes, and the rows columns."""

from array import array
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from civicgraph.graph.edges.surroundings import Named, Surroundings
from civicgraph.graph.edges.ties.arrays import CERTAINTIES, KINDS, NOBODY, Parties, Ragged, Texts, Ties

_T = TypeVar("_T", bound=np.generic)
_NONE: Final = -1


class Row(NamedTuple):
    """One tie in words: IRIs, days as ordinals, `NO_DAY` and not a number where unknown, no supplier where unnamed."""

    edge: str
    kind: str
    buyer: str
    supplier: str | None
    stated_buyer: str
    stated_supplier: str | None
    start: int
    end: int
    value: float
    currency: str | None
    split: float
    guard: str | None
    certainty: str
    services: Sequence[str]
    places: Sequence[str]
    planned: bool = False


class _Codes(dict[str, int]):
    """Numbers texts as they come."""

    def __missing__(self, text: str) -> int:
        number = self[text] = len(self)
        return number


def ties_of_rows(rows: Iterable[Row], around: Surroundings) -> Ties:
    """Return rows as columns, in their order.

    Parameters
    ----------
    rows
        The ties; rows of one edge follow one another or not.
    around
        What is known of the things that they name.
    """
    edges, parties, things, currencies, guards = (_Codes() for _ in range(5))
    kinds, certainties = ({text: n for n, text in enumerate(texts)} for texts in (KINDS, CERTAINTIES))
    ints = [array("i") for _ in range(9)]
    edge, buyer, supplier, stated_buyer, stated_supplier, start, end, currency, guard = (a.append for a in ints)
    bytes_ = [array("B"), array("B"), array("B")]
    doubles = [array("d"), array("d")]
    service_codes, place_codes = array("i"), array("i")
    service_ends, place_ends = array("q", [0]), array("q", [0])
    for row in rows:
        edge(edges[row.edge])
        bytes_[0].append(kinds[row.kind])
        buyer(parties[row.buyer])
        stated_buyer(parties[row.stated_buyer])
        supplier(NOBODY if row.supplier is None else parties[row.supplier])
        stated_supplier(NOBODY if row.stated_supplier is None else parties[row.stated_supplier])
        start(row.start)
        end(row.end)
        currency(_NONE if row.currency is None else currencies[row.currency])
        guard(_NONE if row.guard is None else guards[row.guard])
        doubles[0].append(row.value)
        doubles[1].append(row.split)
        bytes_[1].append(certainties[row.certainty])
        bytes_[2].append(row.planned)
        service_codes.extend([things[one] for one in row.services])
        place_codes.extend([things[one] for one in row.places or around.areas.get(row.buyer, ())])
        service_ends.append(len(service_codes))
        place_ends.append(len(place_codes))
    order, described = _described(parties, around)
    columns = [_array(column, np.int32) for column in ints]
    for position in range(1, 5):
        columns[position] = order[columns[position]]
    return Ties(
        edge=columns[0],
        kind=_array(bytes_[0], np.uint8),
        buyer=columns[1],
        supplier=columns[2],
        stated_buyer=columns[3],
        stated_supplier=columns[4],
        start=columns[5],
        end=columns[6],
        value=_array(doubles[0], np.float64),
        currency=columns[7],
        split=_array(doubles[1], np.float64),
        guard=columns[8],
        certainty=_array(bytes_[1], np.uint8),
        planned=_array(bytes_[2], np.uint8).astype(np.bool_),
        services=Ragged(_array(service_ends, np.int64), _array(service_codes, np.int32)),
        places=Ragged(_array(place_ends, np.int64), _array(place_codes, np.int32)),
        edges=Texts.of(edges),
        parties=described,
        things=tuple(things),
        currencies=tuple(currencies),
        guards=tuple(guards),
        labels=around.labels,
        broader=around.broader,
        as_of=around.as_of,
        version=around.version,
    )


def _array(column: "array[int] | array[float]", dtype: type[_T]) -> npt.NDArray[_T]:
    return np.frombuffer(column, dtype=dtype) if column else np.zeros(0, dtype=dtype)


def _described(codes: Mapping[str, int], around: Surroundings) -> tuple[npt.NDArray[np.int32], Parties]:
    """Return where each party goes in the order of IRIs, with `NOBODY` last for its code -1, and the parties."""
    iris = sorted(codes)
    order = np.full(len(iris) + 1, NOBODY, dtype=np.int32)
    order[[codes[iri] for iri in iris]] = np.arange(len(iris), dtype=np.int32)
    unknown = Named("")
    named = [around.named.get(iri, unknown) for iri in iris]
    classes = _Codes()
    return order, Parties(
        iris=Texts.of(iris),
        names=Texts.of(one.label or iri for iri, one in zip(iris, named, strict=True)),
        classes=np.array([classes[one.cls] for one in named], dtype=np.int32),
        class_names=tuple(classes),
        collective=np.array([one.is_collective for one in named], dtype=np.bool_),
        if_refused=_grouped(iris, around.refused),
        if_taken=_grouped(iris, around.taken),
    )


def _grouped(iris: Sequence[str], led: Mapping[str, str]) -> npt.NDArray[np.int32]:
    """Return for each party the number of the first one that leads to the same organisation."""
    groups: dict[str, int] = {}
    return np.array([groups.setdefault(led.get(iri, iri), n) for n, iri in enumerate(iris)], dtype=np.int32)
