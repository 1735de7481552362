"""An organisation as buyer and as supplier: its services, contracts and money, and who depends on whom."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from civicgraph.api.own_queries import sql
from civicgraph.api.pages.ties import SIDES, Kind, Side, Tie, completed, ties_of
from civicgraph.graph.edges.scope import KIND_OF_BASIS, MONEY, Basis, Scope
from civicgraph.graph.edges.table import EdgeTable, Left
from civicgraph.graph.engine.interface import Engine
from civicgraph.graph.measures.concentration import hhi
from civicgraph.graph.measures.partners import (
    LEAST_COVERAGE,
    Ground,
    MarketPart,
    Partner,
    ground_of,
    market_parts,
    partners,
)
from civicgraph.seeds_loader.claims.documents import Documents

SIZE: Final = 50
"""How many lines a table on a page has before there is a next page."""

KINDS: Final[tuple[Kind, ...]] = ("service", "contract")
_BASES: Final[tuple[Basis, ...]] = ("services", "contracts", "value", "spend")


@dataclass(frozen=True, slots=True)
class Dependence:
    """What an organisation has with all others on a basis: the largest of them, how concentrated, and what is left out.

    `dependants` are the others of whose own whole half or more is with it, if enough of that is known; `mainstays`
    those with whom half or more of its own is; `left_out` has what is in no share, by the reason why. `ground` is what
    sentences rest on.
    """

    basis: Basis
    lines: tuple[Partner, ...]
    others: int
    total: float
    hhi: float | None
    dependants: tuple[Partner, ...]
    mainstays: tuple[Partner, ...]
    left_out: Mapping[str, Left]
    ground: Ground

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


def roles_of(engine: Engine, documents: Documents, table: EdgeTable, iri: str, skip: int = 0) -> list[Role]:
    """Return the roles that an organisation plays: buyer, supplier, both or neither.

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
    skip
        How many of each kind of ties are on the pages before this one.
    """
    return [role for side in SIDES if (role := _role(engine, documents, table, (iri, side), skip)) is not None]


def _role(engine: Engine, documents: Documents, table: EdgeTable, who: tuple[str, Side], skip: int) -> Role | None:
    iri, side = who
    counts: dict[str, int] = dict(table.rows(sql("records_by_kind"), {"party": iri, "side": side}))
    if not counts:
        return None
    buyer, supplier = (iri, None) if side == "buyer" else (None, iri)
    bare = {kind: ties_of(table, buyer, supplier, (kind,), size=SIZE, skip=skip) for kind in KINDS}
    bases = [basis for basis in _BASES if counts.get(KIND_OF_BASIS[basis] or "")]
    dependence = (_dependence(table, iri, side, basis) for basis in bases)
    parts = {basis: market_parts(table, iri, basis) for basis in bases if side == "supplier"}
    return Role(
        side=side,
        ties={kind: tuple(completed(engine, documents, found)) for kind, found in bare.items()},
        counts={kind: counts.get(kind, 0) for kind in KINDS},
        dependence=tuple(one for one in dependence if one is not None),
        parts={basis: found for basis, found in parts.items() if found},
    )


def _dependence(table: EdgeTable, iri: str, side: Side, basis: Basis) -> Dependence | None:
    found = partners(table, iri, side, basis)
    scope = Scope(buyers=(iri,), basis=basis) if side == "buyer" else Scope(suppliers=(iri,), basis=basis)
    with table.scoped(scope) as scoped:
        account = scoped.account
    if not found and not account.left_out:
        return None
    return Dependence(
        basis=basis,
        lines=tuple(found[:SIZE]),
        others=len(found),
        total=sum(partner.total for partner in found),
        hhi=hhi(partner.of_own for partner in found),
        dependants=tuple(one for one in found if one.depends and one.their_coverage >= LEAST_COVERAGE),
        mainstays=tuple(partner for partner in found if partner.is_depended_on),
        left_out=account.left_out,
        ground=ground_of(account, basis),
    )
