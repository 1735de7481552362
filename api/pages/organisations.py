"""An organisation as buyer and as supplier: its services, contracts and money, and who depends on whom."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from civicgraph.api.own_queries import sql
from civicgraph.api.pages.dealings import Dealings, DealingsChoice, dealings_of
from civicgraph.api.pages.listing import Address
from civicgraph.api.pages.recent import recent
from civicgraph.api.pages.ties import SIDES, Kind, Side, completed, ties_of
from civicgraph.graph.edges.account import Left
from civicgraph.graph.edges.scope import KIND_OF_BASIS, MONEY, Basis, Scope
from civicgraph.graph.edges.table import EdgeTable
from civicgraph.graph.engine.interface import Engine
from civicgraph.graph.measures.concentration import hhi
from civicgraph.graph.measures.partners import (
    LEAST_COVERAGE,
    Ground,
    Partner,
    ground_of,
    market_parts,
    partners,
)
from civicgraph.seeds_loader.claims.documents import Documents

SIZE: Final = 50
"""How many lines a table on a page has before there is a next page."""

FLOOR_PAYMENTS: Final = 12
FLOOR_DAYS: Final = 61
"""How many payments of how many days a sentence about dependence rests on at least: always of more than one month."""

KINDS: Final[tuple[Kind, ...]] = ("service", "contract")
_BASES: Final[tuple[Basis, ...]] = ("services", "contracts", "value", "spend")


@dataclass(frozen=True, slots=True)
class Dependence:
    """What an organisation has with all others on a basis: how much, how concentrated, and what is left out.

    `dependants` are the others of whose own whole half or more is with it, if enough of that is known; `mainstays`
    those with whom half or more of its own is; `left_out` has what is in no share, by the reason why. `ground` is what
    sentences rest on: so many `records` of so many `days`.
    """

    basis: Basis
    others: int
    total: float
    hhi: float | None
    dependants: tuple[Partner, ...]
    mainstays: tuple[Partner, ...]
    left_out: Mapping[str, Left]
    records: int
    days: int
    ground: Ground

    @property
    def is_enough(self) -> bool:
        """Whether it is enough to say who depends on whom: a few payments of one month are not."""
        few = self.basis == "spend" and (self.records < FLOOR_PAYMENTS or self.days < FLOOR_DAYS)
        return self.ground.is_enough and not few

    @property
    def is_money(self) -> bool:
        """Whether its sums are pounds."""
        return self.basis in MONEY


def roles_of(
    engine: Engine,
    documents: Documents,
    table: EdgeTable,
    iri: str,
    choice: DealingsChoice,
    address: Address,
    skip: int = 0,
) -> list[Mapping[str, Any]]:
    """Return the roles that an organisation plays: buyer, supplier, both or neither.

    `counts` are of all its ties, `ties` those of one page; `dealings` its suppliers or customers, as they were chosen;
    `parts` a supplier's shares of markets, by the bases that there is something of.

    Parameters
    ----------
    engine
        The snapshot.
    documents
        The articles at hand, for the quotations.
    table
        The snapshot's edge table.
    iri
        The organisation.
    choice
        Which of its suppliers or customers, in which order.
    address
        Where the page is.
    skip
        How many of each kind of ties are on the pages before this one.
    """
    roles = []
    for side in SIDES:
        counts: dict[str, int] = dict(table.rows(sql("records_by_kind"), {"party": iri, "side": side}))
        if counts:
            dealings = dealings_of(engine, table, (iri, side), choice, address)
            roles.append(_role(engine, documents, table, (iri, side), counts, skip, dealings))
    return roles


def _role(
    engine: Engine,
    documents: Documents,
    table: EdgeTable,
    who: tuple[str, Side],
    counts: Mapping[str, int],
    skip: int,
    dealings: Dealings | None,
) -> Mapping[str, Any]:
    iri, side = who
    buyer, supplier = (iri, None) if side == "buyer" else (None, iri)
    bases = [basis for basis in _BASES if counts.get(KIND_OF_BASIS[basis] or "")]
    dependence = recent(table, ("dependence", *who), lambda: [_dependence(table, iri, side, one) for one in bases])
    supplied = bases if side == "supplier" else []
    parts = {one: recent(table, ("parts", iri, one), partial(market_parts, table, iri, one)) for one in supplied}
    return {
        "side": side,
        "ties": {
            kind: completed(engine, documents, ties_of(table, buyer, supplier, (kind,), size=SIZE, skip=skip))
            for kind in KINDS
        },
        "counts": {kind: counts.get(kind, 0) for kind in KINDS},
        "dependence": [one for one in dependence if one is not None],
        "parts": {basis: found for basis, found in parts.items() if found},
        "dealings": dealings,
    }


def _dependence(table: EdgeTable, iri: str, side: Side, basis: Basis) -> Dependence | None:
    found = partners(table, iri, side, basis)
    scope = Scope(buyers=(iri,), basis=basis) if side == "buyer" else Scope(suppliers=(iri,), basis=basis)
    with table.scoped(scope) as scoped:
        account = scoped.account
    if not found and not account.left_out:
        return None
    days = [day for partner in found for day in (partner.starts, partner.ends) if day is not None]
    return Dependence(
        basis=basis,
        others=len(found),
        total=sum(partner.total for partner in found),
        hhi=hhi(partner.of_own for partner in found),
        dependants=tuple(one for one in found if one.depends and one.their_coverage >= LEAST_COVERAGE),
        mainstays=tuple(partner for partner in found if partner.is_depended_on),
        left_out=account.left_out,
        records=sum(partner.records for partner in found),
        days=(max(days) - min(days)).days + 1 if days else 0,
        ground=ground_of(account, basis),
    )
