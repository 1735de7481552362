"""The filters that a person can give, defined once: commands, addresses, exports, tables and Python all take these.

A new filter is a field of `Filters` with its help, and a line in `Filters.scope`.
"""

import re
from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from civicgraph.graph.edges.finding import find_party, find_thing
from civicgraph.graph.edges.scope import Basis, Certainty, Level, Scope, ScopeError
from civicgraph.graph.edges.table import EdgeTable

Names = tuple[str, ...]
"""Names of things, any of them; none for all."""
_SEVERAL: Final = "; several mean any of them"
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def _about(told: str, name: str | None = None) -> dict[str, str | None]:
    return {"help": told, "name": name}


@dataclass(frozen=True, slots=True)
class Filters:
    """What a person asks for; things are named by slug, IRI or name, in upper or lower case."""

    service: Names = field(
        default=(), metadata=_about(f"A service type by slug, IRI or name, with all under it{_SEVERAL}")
    )
    place: Names = field(default=(), metadata=_about(f"A place by slug, IRI or name, with all in it{_SEVERAL}"))
    buyer: Names = field(default=(), metadata=_about(f"A buyer by slug, IRI, name or identifier{_SEVERAL}"))
    supplier: Names = field(default=(), metadata=_about(f"A supplier by slug, IRI, name or identifier{_SEVERAL}"))
    start: date | None = field(default=None, metadata=_about("First day of the period, such as 2019-04-01", "from"))
    end: date | None = field(default=None, metadata=_about("Last day of the period, such as 2020-03-31", "to"))
    as_of: date | None = field(default=None, metadata=_about("One day, in place of a period"))
    basis: Basis = field(default="customers", metadata=_about("What a share is a share of"))
    level: Level = field(default="entity", metadata=_about("Legal entities, or the groups that own them"))
    certainty: Certainty | None = field(default=None, metadata=_about("The least certain that counts"))
    currency: str = field(default="GBP", metadata=_about("The only currency in which money counts"))
    minimum: str | None = field(
        default=None, metadata=_about("The least sum between a buyer and a supplier, such as 100,000")
    )
    plans: bool = field(default=False, metadata=_about("Take in what is planned"))
    sector: Names = field(default=(), metadata=_about(f"A buyer's sector, as files of sales say it{_SEVERAL}"))
    size: Names = field(default=(), metadata=_about("A supplier's size where a file says it: SME or Large"))
    lot: Names = field(default=(), metadata=_about(f"A framework's lot, as files of sales say it{_SEVERAL}"))
    vat: Names = field(
        default=(), metadata=_about("net or gross: only money that a file says is without, or with, VAT")
    )

    def scope(self, table: EdgeTable) -> Scope:
        """Return the scope that is meant.

        Raises
        ------
        ScopeError
            A name is not in the data, and the nearest names are in the message; the period ends before it begins, or
            a day and a period were both given; the minimum is not a sum of money.
        """
        start, end = period_of(self.start, self.end, self.as_of)
        return Scope(
            services=tuple(find_thing(table.services, name, "service type") for name in self.service),
            places=tuple(find_thing(table.places, name, "place") for name in self.place),
            buyers=tuple(find_party(table, name, "buyer") for name in self.buyer),
            suppliers=tuple(find_party(table, name, "supplier") for name in self.supplier),
            start=start,
            end=end,
            basis=self.basis,
            level=self.level,
            certainty=self.certainty,
            currency=self.currency.upper(),
            minimum=amount(self.minimum),
            plans=self.plans,
            sectors=_known(table, "sector", self.sector),
            sizes=_known(table, "size", self.size),
            lots=_known(table, "lot", self.lot),
            vat=_known(table, "vat", self.vat),
        )


FILTERS: Final[Mapping[str, Field[Any]]] = {one.metadata["name"] or one.name: one for one in fields(Filters)}
"""All filters, by their public names: those of a query string; an option has hyphens for underscores."""


def _known(table: EdgeTable, column: str, asked: Names) -> Names:
    """Return words of the files, of which some record of the table must have each."""
    if asked:
        query = f"SELECT DISTINCT {column} FROM mark WHERE {column} IS NOT NULL ORDER BY ALL"  # noqa: S608 - own names
        known = [row[0] for row in table.rows(query)]
        missing = [one for one in asked if one.casefold() not in map(str.casefold, known)]
        if missing:
            msg = f"no record has the {column} {missing[0]!r}; there are: {', '.join(known) or 'none'}"
            raise ScopeError(msg)
    return asked


def period_of(start: date | None, end: date | None, as_of: date | None = None) -> tuple[date | None, date | None]:
    """Return the first and the last day that are asked for, by a period or by one day.

    Raises
    ------
    ScopeError
        Both are given, or the period ends before it begins.
    """
    if as_of is not None and (start or end):
        msg = "a day (as-of) and a period (from, to) were both given; choose one"
        raise ScopeError(msg)
    if start is not None and end is not None and start > end:
        msg = f"the period ends ({end}) before it begins ({start}); exchange the two"
        raise ScopeError(msg)
    return as_of or start, as_of or end


def day(name: str, text: str) -> date:
    """Return the day that a text is, written as 2019-04-01 and in no other way.

    Parameters
    ----------
    name
        What the day is given as, for the message.
    text
        The text. A bare number is not a day, nor is a month.

    Raises
    ------
    ScopeError
        It is not a day.

    Examples
    --------
    >>> day("from", "2019-04-01")
    datetime.date(2019, 4, 1)
    """
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass  # it looks like one, as the 31st of February does
    msg = f"{name} is a day such as 2019-04-01, not {text[:80]!r}"
    raise ScopeError(msg)


def amount(text: str | None) -> Decimal | None:
    """Return a sum of money as it was typed, with or without thousands set off by commas.

    Raises
    ------
    ScopeError
        It is not a number.

    Examples
    --------
    >>> amount("1,000,000.50")
    Decimal('1000000.50')
    """
    if text is None:
        return None
    try:
        number = Decimal(text.replace(",", "").removeprefix("£"))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        msg = f"the minimum {text!r} is not a sum of money; write pounds in figures, such as 100000"
        raise ScopeError(msg)
    return number
