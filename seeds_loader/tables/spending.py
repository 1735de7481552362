"""Spending and sales tables: each row a payment, or what is wrong with it."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from operator import itemgetter
from pathlib import Path
from typing import Final, TypeVar

from civicgraph.graph.records.types import Party, PaymentRow, Rejection
from civicgraph.seeds_loader.faults import SourceFileError, ValueFault
from civicgraph.seeds_loader.tables.cells import (
    charity_identifier,
    company_identifier,
    order_evidence,
    read_amount,
    read_day,
)
from civicgraph.seeds_loader.tables.columns import (
    DATE_ORDER,
    Columns,
    basis_of,
    find_columns,
    known_headers,
    read_mapping,
)
from civicgraph.seeds_loader.tables.table import Table, as_record, read_table
from civicgraph.seeds_loader.text import clean_text

__all__ = ["basis_of", "buyer_from_name", "read_mapping", "read_spending"]

_K = TypeVar("_K")
_V = TypeVar("_V")
_REMEMBERED: Final = 50_000
_STERLING: Final = frozenset(("", "GBP", "£", "STERLING", "POUNDS", "POUND", "UKP", "GBP - POUNDS STERLING"))


def read_spending(
    path: Path,
    *,
    mapping: Mapping[str, str] | None = None,
    buyer: Party | None = None,
    reached: Callable[[int, int | None], None] = lambda _line, _lines: None,
) -> Iterator[PaymentRow | Rejection]:
    """Yield each record of a spending or sales table as a payment, or the fault that it cannot be used for.

    Parameters
    ----------
    path
        The table; see `civicgraph.seeds_loader.tables.table.read_table`.
    mapping
        Which header plays which role, where the names do not say; see `read_mapping`.
    buyer
        Who pays, for the rows that do not say so themselves. By default the name of the file says it, if it has
        the form `body__period.csv` (see `buyer_from_name`).
    reached
        Told the line of each record that is read, and how many lines there are, where that is known.

    Raises
    ------
    SourceFileError
        The file as a whole cannot be read: what was yielded before must not be used.

    Notes
    -----
    Nothing is guarded and nobody resolved here: a blank supplier is a party without a name.
    """
    table = read_table(path, known_headers(mapping))
    columns = find_columns(table, {role: name for role, name in (mapping or {}).items() if role != DATE_ORDER})
    month_first = _is_month_first(table, columns, (mapping or {}).get(DATE_ORDER))
    default = buyer or buyer_from_name(path)
    if default is None and columns.buyer is None:
        remedy = "name the body whose spending it is, or call the file body__period.csv"
        raise SourceFileError(table.file, None, "no column says who pays", remedy)
    yield from _payments(table, columns, default, reached, month_first=month_first)


def buyer_from_name(path: Path) -> Party | None:
    """Return the body that a file's name begins with, or None where the name says nothing.

    The rule: what stands before two underscores, hyphens and single underscores as spaces, words capitalised. The
    name is a hint for resolution (`Leeds`), not yet a body's own name (`Leeds City Council`).

    >>> buyer_from_name(Path("newcastle-upon-tyne__2019-10.csv")).name
    'Newcastle Upon Tyne'
    >>> buyer_from_name(Path("spending.csv")) is None
    True
    """
    body, mark, _ = path.name.partition("__")
    name = " ".join(body.replace("-", " ").replace("_", " ").split()).title()
    return Party(name, cls="PublicBody") if mark and name else None


def _is_month_first(table: Table, columns: Columns, given: str | None) -> bool:
    """Say whether dates of digits put the month first; days that no month has tell.

    A first look at the whole column, only where its first dates have strokes: rows that were read before an
    impossible day turns up would be wrong already.
    """
    if given is not None:
        return given == "month first"
    if columns.date is None or not _has_strokes(table, columns.date):
        return False
    seen: set[str] = set()
    month_first: int | None = None
    for row in table.rows():
        if isinstance(row, Rejection) or (text := row[2][columns.date]) in seen:
            continue
        order = order_evidence(text)
        if order == "day first":
            return False
        if order == "month first" and month_first is None:
            month_first = row[1]
        if len(seen) < _REMEMBERED:
            seen.add(text)
    if month_first is not None:
        remedy = "write a mapping file with the line date_order: month first, and give it as --mapping"
        raise SourceFileError(table.file, month_first, "dates are month/day/year, not day/month/year", remedy)
    return False


def _has_strokes(table: Table, column: int) -> bool:
    for at, row in enumerate(table.rows()):
        if not isinstance(row, Rejection) and (text := row[2][column].strip()):
            return not text[:4].isdigit()
        if at > _REMEMBERED:
            break
    return True


class _Memory(dict[_K, _V]):
    """What was made of texts that come again and again: made once, and never more than so many kept."""

    def __init__(self, make: Callable[[_K], _V]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, key: _K) -> _V:
        if len(self) >= _REMEMBERED:
            self.clear()
        made = self[key] = self._make(key)
        return made


def _payments(
    table: Table,
    columns: Columns,
    default: Party | None,
    reached: Callable[[int, int | None], None],
    *,
    month_first: bool,
) -> Iterator[PaymentRow | Rejection]:
    """Yield each row as a payment; the work a row takes is kept to look-ups."""
    supplier_of = _cells(columns.supplier, columns.company_number, columns.charity_number)
    buyer_of, date_of, month_of = _cell(columns.buyer), _cell(columns.date), _cell(columns.month)
    what_of, currency_of = _cells(*columns.description), _cell(columns.currency)
    sector_of, department_of, lot_of = _cell(columns.sector), _cell(columns.department), _cell(columns.lot)
    amount_at, lines = columns.amount, table.lines
    suppliers = _Memory(_supplier)
    buyers = _Memory[str, Party](lambda text: _buyer(text, default))
    days = _Memory[str, date](lambda text: read_day(text, month_first=month_first))
    currencies, texts, whats = _Memory(_check_currency), _Memory(clean_text), _Memory(_what)
    for row in table.rows():
        if isinstance(row, Rejection):
            yield row
            continue
        number, line, cells = row
        reached(line, lines)
        name = "amount"
        try:
            amount = read_amount(cells[amount_at])
            currencies[currency_of(cells)]
            name = "date"
            day = days[date_of(cells) or month_of(cells)]
            name = "buyer"
            buyer = buyers[buyer_of(cells)]
        except ValueFault as fault:
            yield Rejection(table.file, line, name, fault.reason, fault.remedy, as_record(cells))
            continue
        supplier, what = suppliers[supplier_of(cells)], whats[what_of(cells)]
        sector, department, lot = texts[sector_of(cells)], texts[department_of(cells)], texts[lot_of(cells)]
        yield PaymentRow(number, buyer, supplier, day, amount, what, (), None, sector, department, lot)


def _cell(place: int | None) -> Callable[[list[str]], str]:
    """Return a function from a row to one cell; a column that a table lacks is empty."""
    return (lambda _: "") if place is None else itemgetter(place)


def _cells(*places: int | None) -> Callable[[list[str]], tuple[str, ...]]:
    """Return a function from a row to some of its cells.

    >>> _cells(1, None)(["a", "b"]), _cells(0, 1)(["a", "b"]), _cells()(["a", "b"])
    (('b', ''), ('a', 'b'), ())
    """
    there = [place for place in places if place is not None]
    if len(there) == len(places) > 1:
        return itemgetter(*there)
    return lambda cells: tuple("" if place is None else cells[place] for place in places)


def _supplier(key: tuple[str, ...]) -> Party:
    name, company, charity = key
    numbers = (company_identifier(company), charity_identifier(charity))
    return Party(clean_text(name), tuple(number for number in numbers if number))


def _buyer(text: str, default: Party | None) -> Party:
    name = clean_text(text)
    found = Party(name) if name else default
    if found is None:
        raise ValueFault("empty", "say who pays")
    return found


def _check_currency(text: str) -> None:
    if text.strip().upper() not in _STERLING:
        raise ValueFault(f"in {text.strip()}", "give it in pounds")


def _what(texts: tuple[str, ...]) -> str:
    return " / ".join(part for part in dict.fromkeys(map(clean_text, texts)) if part)
