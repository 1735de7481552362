"""An organisation as buyer and as supplier: its services, contracts and money, and who depends on whom."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt

from civicgraph.api.pages.ties import SIDES, Kind, Side, Tie, completed
from civicgraph.api.pages.values import Node
from civicgraph.graph.edges.scope import KIND_OF_BASIS, MONEY, Basis, Scope
from civicgraph.graph.edges.selection import select
from civicgraph.graph.edges.ties.arrays import NO_DAY, NOBODY, Ties
from civicgraph.graph.engine.interface import Engine
from civicgraph.graph.measures.concentration import hhi
from civicgraph.graph.measures.dealings import Dealings, MarketPart, Partner
from civicgraph.seeds_loader.claims.documents import Documents

SIZE: Final = 50
"""How many lines a table on a page has before there is a next page."""

KINDS: Final[tuple[Kind, ...]] = ("service", "contract")
_BASES: Final[tuple[Basis, ...]] = ("services", "contracts", "value", "spend")


@dataclass(frozen=True, slots=True)
class Line:
    """A partner of a table: how many services, contracts or months of payments, and between which days."""

    partner: Partner
    ties: int
    start: date | None
    end: date | None


@dataclass(frozen=True, slots=True)
class Dependence:
    """What an organisation has with all others on a basis: the largest of them, how concentrated, and what is left out.

    `dependants` are the others of whose own whole half or more is with it, `mainstays` those with whom half or more of
    its own is; `excluded` counts ties by the reason why they are in no share.
    """

    basis: Basis
    lines: tuple[Line, ...]
    others: int
    total: float
    hhi: float | None
    dependants: tuple[Partner, ...]
    mainstays: tuple[Partner, ...]
    excluded: Mapping[str, int]

    @property
    def is_money(self) -> bool:
        """Whether its sums are pounds."""
        return self.basis in MONEY


@dataclass(frozen=True, slots=True)
class Role:
    """An organisation as buyer or as supplier. `counts` is of all its ties, `ties` holds those of one page.

    `parts` are a supplier's shares of markets, by the bases that there is something of.
    """

    side: Side
    ties: Mapping[Kind, tuple[Tie, ...]]
    counts: Mapping[Kind, int]
    dependence: tuple[Dependence, ...]
    parts: Mapping[Basis, Sequence[MarketPart]]

    def has(self, basis: Basis) -> bool:
        """Whether there are sums on a basis."""
        return any(one.basis == basis and one.others for one in self.dependence)


def roles_of(engine: Engine, documents: Documents, dealings: Dealings, iri: str, skip: int = 0) -> list[Role]:
    """Return the roles that an organisation plays: buyer, supplier, both or neither.

    Parameters
    ----------
    engine
        The snapshot.
    documents
        The articles at hand, for the quotations.
    dealings
        The sums of the snapshot's ties.
    iri
        The organisation.
    skip
        How many of each kind of ties are on the pages before this one.
    """
    party = dealings.number(iri)
    if party is None:
        return []
    found = []
    for side in SIDES:
        if not len(dealings.rows(party, side)):
            continue
        rows = {kind: dealings.rows(party, side, kind) for kind in KINDS}
        found.append(
            Role(
                side=side,
                ties={kind: _page(engine, documents, dealings.ties, (side, kind), rows[kind], skip) for kind in KINDS},
                counts={kind: len(rows[kind]) for kind in KINDS},
                dependence=tuple(
                    one for basis in _BASES if (one := _dependence(dealings, party, side, basis)) is not None
                ),
                parts={
                    basis: parts for basis in _BASES if side == "supplier" and (parts := dealings.parts(party, basis))
                },
            )
        )
    return found


def _page(
    engine: Engine,
    documents: Documents,
    ties: Ties,
    which: tuple[Side, Kind],
    rows: npt.NDArray[np.int64],
    skip: int,
) -> tuple[Tie, ...]:
    """Return some of an organisation's ties, those that end last first, each with what it rests on."""
    side, kind = which
    other = (ties.supplier if side == "buyer" else ties.buyer)[rows]
    chosen = np.lexsort((ties.edge[rows], other, -ties.end[rows].astype(np.int64)))[skip : skip + SIZE]
    bare = [
        Tie(ties.edges[edge], kind, "", _party(ties, number))
        for edge, number in zip(ties.edge[rows[chosen]].tolist(), other[chosen].tolist(), strict=True)
    ]
    return tuple(completed(engine, documents, bare))


def _party(ties: Ties, number: int) -> Node:
    if number == NOBODY:
        return Node("not named")
    return Node(ties.parties.names[number], ties.parties.iris[number])


def _dependence(dealings: Dealings, party: int, side: Side, basis: Basis) -> Dependence | None:
    rows = dealings.rows(party, side, KIND_OF_BASIS[basis])
    if not len(rows):
        return None
    partners = dealings.partners(party, side, basis)
    ties = dealings.ties.take(rows)
    excluded = select(ties, Scope(basis=basis)).excluded
    if not partners and not excluded:
        return None
    return Dependence(
        basis=basis,
        lines=tuple(_line(dealings, ties, side, partner) for partner in partners[:SIZE]),
        others=len(partners),
        total=sum(partner.total for partner in partners),
        hhi=hhi(partner.of_own for partner in partners),
        dependants=tuple(partner for partner in partners if partner.depends),
        mainstays=tuple(partner for partner in partners if partner.is_depended_on),
        excluded=excluded,
    )


def _line(dealings: Dealings, ties: Ties, side: Side, partner: Partner) -> Line:
    """Return a partner's line, given the party's own ties of one kind."""
    mine = (ties.supplier if side == "buyer" else ties.buyer) == dealings.number(partner.iri)
    mine &= ties.guard < 0
    starts, ends = ties.start[mine], ties.end[mine]
    starts, ends = starts[starts != NO_DAY], ends[ends != NO_DAY]
    return Line(
        partner,
        int(np.count_nonzero(mine)),
        date.fromordinal(int(starts.min())) if len(starts) else None,
        date.fromordinal(int(ends.max())) if len(ends) else None,
    )
