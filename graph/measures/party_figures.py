"""How critical a supplier is, and how dependent a buyer: figures of all parties of a scope at once."""

from functools import partial
from typing import Final, Literal

from civicgraph.graph.edges.account import SCALE
from civicgraph.graph.edges.scope import Scope
from civicgraph.graph.edges.sql import sql
from civicgraph.graph.edges.table import EdgeTable, Scoped
from civicgraph.graph.measures.figure_columns import Figure
from civicgraph.graph.measures.periods import scope_before

Side = Literal["supplier", "buyer"]
query = partial(sql, folder="measures")
"""Returns one of the queries of this package by the name of its file."""

DEPENDENT_SHARE: Final = 0.5
"""A buyer depends on a supplier that has at least this share of the buyer's total."""
AT_ONCE: Final = 5_000
"""Buyers with suppliers whose places in the network are worked out unasked: that takes about a second."""
_PLACE: Final = ("degrees", "ranks", "between", "cores")
"""The parameters of `party_columns.sql` for what `civicgraph.graph.measures.structure.Place` has, in its order."""
DEPENDENT: Final = DEPENDENT_SHARE - 1e-12
"""The same for shares that were added up from parts: half of them is still a half."""


def party_figures(table: EdgeTable, found: Scoped, side: Side, *, structure: bool | None = False) -> list[Figure]:
    """Return the figures of all suppliers or buyers of a scope, the largest first, equal ones by IRI.

    Parameters
    ----------
    table
        The edge table, for the period before.
    found
        The rows of the scope.
    side
        Whose figures.
    structure
        Whether to work out their places in the network, betweenness included, however long it takes; without
        betweenness where that is soon done if False, not at all if None.
    """
    return list(found.records(f"FROM {select_parties(table, found, side, structure=structure)}"))


def select_parties(table: EdgeTable, found: Scoped, side: Side, *, structure: bool | None = False) -> str:
    """Put the rows of `party_figures` into a temporary table, and return its name; parameters are the same."""
    scope, of_suppliers = found.scope, {"of_suppliers": side == "supplier"}
    _add_up(found, side)
    given: dict[str, object] = {"places": None}
    pairs = found.rows("SELECT coalesce(sum(others), 0) FROM parties")[0][0]
    if structure or (structure is not None and pairs <= AT_ONCE):
        from civicgraph.graph.measures.structure import places_of  # noqa: PLC0415 - networkx takes a while to import

        places = places_of(found.rows(query("pairs")), betweenness=structure)
        columns = zip(*places.values(), strict=True) if places else ((), (), (), ())
        given = {"places": list(places), **dict(zip(_PLACE, map(list, columns), strict=True))}
    before = scope_before(scope)
    if before is not None:
        with table.scoped(before) as then:
            _add_up(then, side)
            shares = then.rows("SELECT iri, share FROM parties JOIN party USING (party)")
        given |= {"earlier": [iri for iri, _ in shares], "shares": [share for _, share in shares]}
    start, end = (None if day is None else day.isoformat() for day in (scope.start, scope.end))
    given |= {"basis": scope.basis, "level": scope.level, "start": start, "end": end, "notes": " ".join(found.notes)}
    given |= {"coverage": found.account.coverage, "coverage_money": found.account.coverage_money}
    found.rows(query("party_columns"), {**of_suppliers, **given})
    return "shown"


def unit_of(scope: Scope) -> int:
    """Return by what weights of a scope are divided: money is kept in parts of its unit."""
    return SCALE if scope.is_money else 1


def _add_up(found: Scoped, side: Side) -> None:
    asked = {
        "of_suppliers": side == "supplier",
        "customers": found.scope.basis == "customers",
        "unit": unit_of(found.scope),
        "dependent": DEPENDENT,
        # Money is whole already.
        "digits": 1 if found.scope.is_money else 10**9,
        "apart": 2**31,
    }
    found.rows(query("parties"), asked)
