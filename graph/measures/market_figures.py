"""How concentrated a market is: its figure, and those of the service types under it."""

from collections.abc import Mapping
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from civicgraph.graph.edges.account import SCALE, UNSURE, Account, Left, pounds
from civicgraph.graph.edges.scope import MONEY, Scope
from civicgraph.graph.edges.table import WHOLE, EdgeTable, Scoped
from civicgraph.graph.measures.bands import EC_2004, US_2023, band
from civicgraph.graph.measures.bounds import hhi_bounds
from civicgraph.graph.measures.concentration import (
    Floats,
    concentration_ratio,
    effective_number,
    fractions_of,
    gini,
    hhi,
    winner_concentration,
)
from civicgraph.graph.measures.figure_columns import Figure
from civicgraph.graph.measures.party_figures import query, unit_of
from civicgraph.graph.measures.periods import scope_before

Held = tuple[npt.NDArray[np.int64], Floats]
"""The numbers of suppliers, and what each has."""
Totals = dict[int, Held]

IDENTITIES: Final = ("written", "refused", "taken")
"""How else parties could be told apart; see `market_totals.sql`."""
_EMPTY: Final = (None, None, None, 0, 0, False)
"""The row of `market_counts.sql` of a scope in which nothing lies."""
NOTHING: Final = (np.zeros(0, dtype=np.int64), np.zeros(0))


def market_figures(
    table: EdgeTable, found: Scoped, *, cap: float | None = None, narrower: bool = True, structure: bool = False
) -> list[Figure]:
    """Return the figure of a scope, then of each narrower service type in it, the most concentrated first.

    Parameters
    ----------
    table
        The edge table.
    found
        The rows of the scope.
    cap
        The most, in the currency's units, that an amount that is not known is taken for; by default the largest known.
    narrower
        Whether narrower service types are wanted too.
    structure
        Whether to work out the share of the core, which takes longer.
    """
    markets = _Markets(table, found, cap, narrower=narrower)
    whole, *others = [markets.figure(row, structure=structure) for row in markets.counts]
    return [whole, *sorted(others, key=lambda one: (-(one["hhi"] or 0), -one["suppliers"], one["market"]))]


class _Markets:
    """The sums of all markets of a scope, each read once; a market is numbered, the whole by `WHOLE`."""

    def __init__(self, table: EdgeTable, found: Scoped, cap: float | None, *, narrower: bool) -> None:
        self._table, self._found, self._scope, self._cap = table, found, found.scope, cap
        scope = self._scope
        before = scope_before(scope)
        self._then: Totals | None = None
        if before is not None:
            with table.scoped(before) as then:
                make_markets(then, narrower=narrower)
                self._then = totals_of(then)
        make_markets(found, narrower=narrower)
        self.counts = found.rows(query("market_counts")) or [_EMPTY]
        self._accounts = found.accounts("marketed")
        self._totals = totals_of(found)
        deals = found.rows(query("market_deals"), {"customers": scope.basis == "customers"})
        self._deals = {market: sums for market, *sums in deals}
        self._missing, self._largest = self._unknown()
        # A row that names nobody says nothing of how many customers anybody has.
        asked = {"money": scope.is_money, "currency": scope.currency}
        self._hidden: Mapping[int, float] = (
            {} if scope.basis == "customers" else dict(found.rows(query("market_hidden"), asked))
        )
        self._otherwise: dict[str, Totals] = {}
        doubt = "SELECT 1 FROM party WHERE party <> if_refused OR party <> if_taken LIMIT 1"
        if scope.level != "group" and found.rows(doubt):
            (differs,) = found.rows(query("market_doubts"))
            self._otherwise = {
                one: totals_of(found, one) for one, is_other in zip(IDENTITIES, differs, strict=True) if is_other
            }

    def figure(self, counted: tuple[Any, ...], *, structure: bool) -> Figure:
        """Return the figure of one market, given its row of `market_counts.sql`."""
        number, service, name, buyers, contracts, has_unknown = counted
        market = WHOLE if number is None else number
        scope, unit = self._scope, unit_of(self._scope)
        account = self._accounts.get(market, Account(Left(0, 0, pounds(0)), {}))
        _, totals = known = self._totals.get(market, NOTHING)
        fractions = fractions_of(totals)
        missing = self._missing.get(market, NOTHING)
        bounds = hhi_bounds(*_with_missing(known, missing), self._hidden.get(market, 0.0))
        index = hhi(fractions)
        may_count = account.counted.rows + sum(left.rows for why, left in account.left_out.items() if why in UNSURE)
        then = None if self._then is None else self._then.get(market, NOTHING)[0]
        cap = None
        if scope.is_money and has_unknown:
            cap = self._cap if self._cap is not None else float(pounds(self._largest.get(market) or SCALE))
        return {
            "market": self._found.title if name is None else market_name(self._table, scope, name),
            "service": service if service is not None else ", ".join(scope.services) or None,
            "place": ", ".join(scope.places) or None,
            "from": None if scope.start is None else scope.start.isoformat(),
            "to": None if scope.end is None else scope.end.isoformat(),
            "basis": scope.basis,
            "level": scope.level,
            "hhi": index,
            "hhi_low": None if bounds is None else bounds[0],
            "hhi_high": None if bounds is None else bounds[1],
            "cr1": concentration_ratio(fractions, 1),
            "cr4": concentration_ratio(fractions, 4),
            "cr5": concentration_ratio(fractions, 5),
            "effective_suppliers": effective_number(fractions),
            "gini": gini(totals),
            "suppliers": len(totals),
            "buyers": buyers,
            "contracts": contracts,
            "total": round(float(totals.sum()) / unit, 6),
            "coverage": account.coverage,
            "excluded": account.text(),
            "weight_coverage": account.counted.rows / may_count if may_count else None,
            "records": account.records,
            "cap": cap,
            "hhi_unresolved": self._index("written", market, index),
            "hhi_if_refused": self._index("refused", market, index),
            "hhi_if_taken": self._index("taken", market, index),
            "winner_concentration": winner_concentration(totals, *self._deals.get(market, (0, 0.0, 0.0))),
            "newcomers": None if then is None else len(np.setdiff1d(known[0], then)),
            "leavers": None if then is None else len(np.setdiff1d(then, known[0])),
            "core_share": self._core_share(market) if structure else None,
            "band_us_2023": band(US_2023, index),
            "band_ec_2004": band(EC_2004, index),
            "currency": scope.currency if scope.basis in MONEY else None,
            "coverage_money": account.coverage_money,
            "rows": account.rows,
            "classified": self._found.classified[0],
            "classified_money": self._found.classified[1] if scope.is_money else None,
            "notes": " ".join(self._found.notes),
        }

    def _unknown(self) -> tuple[Totals, Mapping[int, int]]:
        """Return the most that suppliers may have beyond what is known, and the largest amount known, by market."""
        if not any(reason in account.left_out for account in self._accounts.values() for reason in UNSURE):
            return {}, {}
        scope = self._scope
        asked = {
            "customers": scope.basis == "customers",
            "money": scope.is_money,
            "currency": scope.currency,
            "cap_e4": None if self._cap is None else self._cap * SCALE,
        }
        self._found.rows(query("market_largest"))
        largest: dict[int, int] = dict(self._found.rows("SELECT market, largest_e4 FROM largest"))
        return _grouped(self._found.arrays(query("market_missing"), asked)), largest

    def _index(self, identity: str, market: int, decided: float | None) -> float | None:
        if self._scope.level == "group":
            return None
        other = self._otherwise.get(identity)
        return decided if other is None else hhi(fractions_of(other.get(market, NOTHING)[1]))

    def _core_share(self, market: int) -> float | None:
        from civicgraph.graph.measures.structure import core_share  # noqa: PLC0415 - networkx takes a while

        asked = {"market": market, "customers": self._scope.basis == "customers"}
        return core_share(self._found.rows(query("pairs"), asked))


def market_name(table: EdgeTable, scope: Scope, service: str) -> str:
    """Return what a service type is called as a market of a scope: where, too."""
    places = ", ".join(map(table.label, scope.places))
    return f"{service} in {places}" if places else service


def make_markets(found: Scoped, *, narrower: bool) -> None:
    """Make the view `marketed` of the rows of a scope by market, for queries over them."""
    scope = found.scope
    found.rows(query("markets"), {"narrower": narrower, "services": list(scope.services)})
    found.rows(query("marketed"))
    if scope.basis == "customers":
        found.rows(query("market_customers"))


def totals_of(found: Scoped, identity: str = "decided") -> Totals:
    """Return what each supplier has in each market, by their numbers; see `market_totals.sql` for other identities."""
    customers, decided = found.scope.basis == "customers", identity == "decided"
    asked = {"customers": customers, "pairs": customers and decided, "other_pairs": customers and not decided}
    return _grouped(found.arrays(query("market_totals"), {**asked, identity: True}))


def _grouped(columns: Mapping[str, Any]) -> Totals:
    """Return suppliers and what they have by market, from columns in the order of markets."""
    markets = np.asarray(columns["market"], dtype=np.int64)
    totals = np.asarray(columns["total"], dtype=np.float64)
    suppliers = np.asarray(columns["supplier"], dtype=np.int64)
    names, starts = np.unique(markets, return_index=True)
    ends = [*starts[1:].tolist(), len(markets)] if len(starts) else []
    return {
        int(name): (suppliers[start:end], totals[start:end])
        for name, start, end in zip(names.tolist(), starts.tolist(), ends, strict=True)
    }


def _with_missing(known: Held, missing: Held) -> tuple[Floats, Floats]:
    """Return what each supplier of a market is known to have, and the most that it may have beyond that."""
    there = np.union1d(known[0], missing[0])
    low, most = np.zeros(len(there)), np.zeros(len(there))
    low[np.searchsorted(there, known[0])] = np.maximum(known[1], 0)
    most[np.searchsorted(there, missing[0])] = missing[1]
    return low, most
