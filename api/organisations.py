"""An organisation as buyer and as supplier: its services, contracts and money, and how concentrated each is."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from pyoxigraph import NamedNode

from civicgraph.api.own_queries import query
from civicgraph.api.ties import ROLES, SIDES, Kind, Side, Spending, Tie, count_ties, spending, ties_of
from civicgraph.api.values import text_of
from civicgraph.graph.measures.concentration import hhi, shares
from civicgraph.graph.store.engine import Engine
from civicgraph.seeds_loader.claims.documents import Documents

SIZE: Final = 50
"""How many lines a table on a page has before there is a next page."""


@dataclass(frozen=True, slots=True)
class Concentration:
    """How an organisation's ties spread over the others: on which basis, HHI 0 to 10,000, over how many others."""

    basis: str
    hhi: float
    others: int


@dataclass(frozen=True, slots=True)
class Role:
    """An organisation as buyer or as supplier. `counts` is of all its ties, `ties` holds those of one page."""

    side: Side
    ties: Mapping[Kind, tuple[Tie, ...]]
    counts: Mapping[Kind, int]
    spending: Spending
    concentration: tuple[Concentration, ...]


def roles_of(engine: Engine, documents: Documents, iri: str, skip: int = 0) -> list[Role]:
    """Return the roles that an organisation plays: buyer, supplier, both or neither.

    Parameters
    ----------
    engine
        The snapshot.
    documents
        The articles at hand, for the quotations.
    iri
        The organisation.
    skip
        How many of each kind of ties are on the pages before this one.
    """
    found = []
    for side in SIDES:
        counts = {kind: count_ties(engine, iri, side, kind) for kind in ROLES}
        money = spending(engine, iri, side, SIZE)
        if not any(counts.values()) and not money.others and not money.guarded:
            continue
        ties = {
            kind: ties_of(engine, documents, iri, side, kind, size=SIZE, skip=skip) if counts[kind] else ()
            for kind in ROLES
        }
        figures = [figure for kind in ROLES if counts[kind] for figure in _concentration(engine, iri, side, kind)]
        if money.hhi is not None:
            figures.append(Concentration("spend", money.hhi, money.others))
        found.append(Role(side, ties, counts, money, tuple(figures)))
    return found


def _concentration(engine: Engine, iri: str, side: Side, kind: Kind) -> list[Concentration]:
    cls, buyer, supplier = ROLES[kind]
    mine, theirs = (buyer, supplier) if side == "buyer" else (supplier, buyer)
    bind = {"party": iri, "mine": mine, "theirs": theirs, "class": cls}
    rows = list(engine.select(query("partners"), bind={key: NamedNode(value) for key, value in bind.items()}))
    by_number = {text_of(row, "other"): float(text_of(row, "ties")) for row in rows}
    by_value = {text_of(row, "other"): float(text_of(row, "value") or 0) for row in rows}
    found = []
    for basis, totals in ((f"{kind}s", by_number), ("value", by_value)):
        positive = {other: total for other, total in totals.items() if total > 0}
        index = hhi(shares(positive).values())
        if index is not None:
            found.append(Concentration(basis, index, len(positive)))
    return found
