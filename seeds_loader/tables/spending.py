"""Spending and sales tables: each row a payment, or what is wrong with it."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from operator import itemgetter
from pathlib import Path
from typing import Final, NamedTuple, TypeVar

from civicgraph.graph.records.types import SME, Party, PaymentMarks, PaymentRow, Rejection
from civicgraph.seeds_loader.currencies import currency_code
from civicgraph.seeds_loader.faults import SourceFileError, ValueFault
from civicgraph.seeds_loader.guards.rules import sums_others
from civicgraph.seeds_loader.tables.cells import (
    charity_identifier,
    company_identifier,
    is_plain_amount,
    names_month,
    read_amount,
    read_day,
)
from civicgraph.seeds_loader.tables.columns import (
    DATE_ORDER,
    Columns,
    basis_of,
    find_columns,
    is_register,
    known_headers,
    read_mapping,
)
from civicgraph.seeds_loader.tables.date_order import DateOrder, find_order
from civicgraph.seeds_loader.tables.table import Table, as_record, read_table
from civicgraph.seeds_loader.text import clean_text

__all__ = ["Undated", "basis_of", "buyer_from_name", "open_spending", "read_mapping", "read_spending"]

_K = TypeVar("_K")
_V = TypeVar("_V")
_REMEMBERED: Final = 50_000
_TOTAL: Final = Party("Total")
_SME: Final = re.compile(r"(?:sme|micro|small|medium|y|yes|true|1)\b", re.IGNORECASE)
_LARGE: Final = re.compile(r"(?:large|non.?sme|not (?:an )?sme|n|no|false|0)\b", re.IGNORECASE)


class Undated(NamedTuple):
    """A payment whose day cannot be read, with the day of the row before it, and the fault.

    A row that sums others often has no day: whether it is one is known to the guards.
    """

    row: PaymentRow
    fault: Rejection


Read = PaymentRow | Undated | Rejection
"""What a record of a table comes to."""


@dataclass(frozen=True, slots=True)
class SpendingTable:
    """A table of payments or sales, its columns known.

    `buyer` is who pays, for the rows that do not say so themselves; `order` how dates of digits are read.
    """

    table: Table
    columns: Columns
    order: DateOrder
    buyer: Party | None

    def rows(self, reached: Callable[[int, int | None], None] = lambda _line, _lines: None) -> Iterator[Read]:
        """Yield each record as a payment, or the fault that it cannot be used for.

        Nothing is guarded and nobody resolved here: a blank supplier is a party without a name.

        Parameters
        ----------
        reached
            Told the line of each record that is read, and how many lines there are, where that is known.

        Raises
        ------
        SourceFileError
            The file as a whole cannot be read: what was yielded before must not be used.
        """
        yield from self.order.warnings
        yield from _payments(self, reached)


def open_spending(path: Path, *, mapping: Mapping[str, str] | None = None, buyer: Party | None = None) -> SpendingTable:
    """Open a spending or sales table.

    Parameters
    ----------
    path
        The table; see `civicgraph.seeds_loader.tables.table.read_table`.
    mapping
        Which header plays which role, where the names do not say; see `read_mapping`.
    buyer
        Who pays, for the rows that do not say so themselves. By default the name of the file says it, if it has
        the form `body__period.csv` (see `buyer_from_name`).

    Raises
    ------
    SourceFileError
        The file as a whole cannot be read, or is a register of contracts.
    """
    given = dict(mapping or {})
    table = read_table(path, known_headers(given))
    if not given and is_register(table.headers):
        reason = "a register of contracts, not a table of payments"
        raise SourceFileError(table.file, table.line, reason, f"load it by: civicgraph load contracts {path.name}")
    order = given.pop(DATE_ORDER, None)
    columns = find_columns(table, given)
    default = buyer or buyer_from_name(path)
    if default is None and columns.buyer is None:
        remedy = "name the body whose spending it is, or call the file body__period.csv"
        raise SourceFileError(table.file, None, "no column says who pays", remedy)
    return SpendingTable(table, columns, find_order(table, columns.date, order), default)


def read_spending(
    path: Path, *, mapping: Mapping[str, str] | None = None, buyer: Party | None = None
) -> Iterator[PaymentRow | Rejection]:
    """Yield each record of a spending or sales table as a payment, or the fault that it cannot be used for.

    Parameters and errors are those of `open_spending`.
    """
    for found in open_spending(path, mapping=mapping, buyer=buyer).rows():
        yield found.fault if isinstance(found, Undated) else found


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


def _payments(given: SpendingTable, reached: Callable[[int, int | None], None]) -> Iterator[Read]:
    """Yield each row as a payment; the work a row takes is kept to look-ups."""
    table, columns, month_first = given.table, given.columns, given.order.month_first
    supplier_of = _cells(columns.supplier, columns.company_number, columns.charity_number)
    buyer_of, date_of, month_of = _cell(columns.buyer), _cell(columns.date), _cell(columns.month)
    what_of, reference_of = _cells(*columns.description), _cell(columns.reference)
    department_of = _cell(columns.department)
    marks_of = _cells(columns.sector, columns.size, columns.lot, columns.currency)
    at, lines, apart, day = columns.amount, table.lines, given.order.days, None
    is_net = columns.vat is None and columns.factor == 1
    suppliers = _Memory(_supplier)
    buyers = _Memory[str, Party](lambda text: _buyer(text, given.buyer))
    days = _Memory[str, date](lambda text: read_day(text, month_first=month_first))
    # Without a day of its own a row has the month of another column.
    months = _Memory[str, bool](lambda text: not text or names_month(text))
    marked, texts, whats = _Memory(partial(_marks, columns.vat_basis)), _Memory(clean_text), _Memory(_what)
    for row in table.rows():
        if isinstance(row, Rejection):
            yield row
            continue
        number, line, cells = row
        reached(line, lines)
        name, undated = "amount", None
        try:
            text = cells[at]
            if is_net:
                amount = Decimal(text) if is_plain_amount(text) else read_amount(text)
            else:
                amount = _net_amount(columns, cells)
            marks = marked[marks_of(cells)]
            name = "buyer"
            buyer = buyers[buyer_of(cells)]
            name = "date"
            try:
                day = days[date_of(cells) or month_of(cells)] if not apart or number not in apart else apart[number]
            except ValueFault as fault:
                if day is None:
                    raise
                undated = fault
        except ValueFault as fault:
            yield Rejection(table.file, line, name, fault.reason, fault.remedy, as_record(cells))
            continue
        supplier, what = suppliers[supplier_of(cells)], whats[what_of(cells)]
        department, month_only = texts[department_of(cells)], months[date_of(cells)]
        found = PaymentRow(
            *(number, buyer, supplier, day, amount, what, (), None, marks, department, month_only),
            reference=reference_of(cells),
        )
        if undated is None:
            yield found
            continue
        remedy = f"{undated.remedy}; or leave the row out, if it sums others"
        wrong = Rejection(table.file, line, name, undated.reason, remedy, as_record(cells))
        is_total = not supplier.name and any(map(sums_others, (date_of(cells), month_of(cells), what, department)))
        yield Undated(found._replace(supplier=_TOTAL) if is_total else found, wrong)


def _net_amount(columns: Columns, cells: Sequence[str]) -> Decimal:
    """Return the amount of a row in pounds, without the tax that has a column of its own."""
    amount, vat = read_amount(cells[columns.amount]), columns.vat
    if vat is not None and cells[vat].strip():
        amount -= read_amount(cells[vat])
    return amount * columns.factor


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


def _marks(vat: str, texts: tuple[str, ...]) -> PaymentMarks:
    sector, size, lot, currency = map(clean_text, texts)
    code = currency_code(currency) if currency else "GBP"
    if code is None:
        raise ValueFault(f"in {currency}", "give the currency's code of three letters, such as EUR")
    return PaymentMarks(sector, _size(size), lot, vat, code)


def _size(text: str) -> str:
    """Return the size of a supplier as a file says it, in one of two words; nothing where it is something else.

    >>> _size("Yes"), _size("Small/Medium"), _size("large enterprise"), _size("Charity")
    ('SME', 'SME', 'Large', '')
    """
    if _SME.match(text):
        return SME
    return "Large" if _LARGE.match(text) else ""


def _what(texts: tuple[str, ...]) -> str:
    return " / ".join(part for part in dict.fromkeys(map(clean_text, texts)) if part)
