"""Spending and sales tables: rows as payments, by what many rows have alike; and what is wrong with the others."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from itertools import count
from operator import itemgetter
from pathlib import Path
from typing import Final, NamedTuple, TypeVar, cast

from civicgraph.graph.records.dates import last_of_month
from civicgraph.graph.records.types import SME, Party, PaymentMarks, Rejection
from civicgraph.seeds_loader.currencies import currency_code
from civicgraph.seeds_loader.faults import SourceFileError, ValueFault
from civicgraph.seeds_loader.guards.rules import MILLIONTHS, sums_others
from civicgraph.seeds_loader.identifiers import charity_identifier, company_identifier
from civicgraph.seeds_loader.tables.cells import (
    names_month,
    read_amount,
    read_day,
)
from civicgraph.seeds_loader.tables.columns import DATE_ORDER, Columns, find_columns, is_register, known_headers
from civicgraph.seeds_loader.tables.date_order import DateOrder, find_order
from civicgraph.seeds_loader.tables.table import Block, Table, as_record, read_table
from civicgraph.seeds_loader.text import clean_text

_K = TypeVar("_K")
_V = TypeVar("_V")
_REMEMBERED: Final = 50_000
_TOTAL: Final = Party("Total")
_SHARED: Final = frozenset({
    *("supplier", "company_number", "charity_number", "buyer", "department", "reference"),
    *("sector", "size", "lot", "currency"),
})  # fmt: skip
"""Roles of columns that many rows have alike."""
_SME: Final = re.compile(r"(?:sme|micro|small|medium|y|yes|true|1)\b", re.IGNORECASE)
_LARGE: Final = re.compile(r"(?:large|non.?sme|not (?:an )?sme|n|no|false|0)\b", re.IGNORECASE)


class Purchase(NamedTuple):
    """Who paid whom for what: what many rows of a table have alike, numbered as it is met.

    `department` is the part of the buyer that paid; `reference` that of the contract or the purchase order that was
    paid for. A blank supplier is a party without a name.
    """

    number: int
    buyer: Party
    supplier: Party
    what: str = ""
    department: str = ""
    marks: PaymentMarks = PaymentMarks()
    reference: str = ""


Days = tuple[date, date]
"""The first and the last day on which a payment may have been made: one day, where it is known."""


@dataclass(slots=True)
class Payments:
    """Rows that follow one another, by column: their numbers, days, amounts in millionths of a pound, and purchases.

    `new` are the purchases that were not met before. `faults` are what is wrong with other rows, in the order of their
    lines. `undated` are rows, by their place here, that have the days of the row before them, for their own cannot be
    read, with the fault that is to be told: a row that sums others often has none, and the guards know whether it does.
    `line` is where the last row stands.
    """

    rows: Sequence[int]
    days: list[Days]
    amounts: list[int]
    purchases: list[Purchase]
    new: list[Purchase] = field(default_factory=list)
    faults: list[Rejection] = field(default_factory=list)
    undated: dict[int, Rejection] = field(default_factory=dict)
    line: int = 0

    def leave_out(self, place: int) -> int:
        """Take a row out that turns out to be of no use, and return its amount."""
        self.rows = [*self.rows[:place], *self.rows[place + 1 :]]
        del self.days[place], self.purchases[place]
        return self.amounts.pop(place)


@dataclass(frozen=True, slots=True)
class SpendingTable:
    """A table of payments or sales, its columns known.

    `buyer` is who pays, for the rows that do not say so themselves; `order` how dates of digits are read.
    """

    table: Table
    columns: Columns
    order: DateOrder
    buyer: Party | None

    def payments(self) -> Iterator[Payments]:
        """Yield the records as payments, many at a time. Nothing is guarded and nobody resolved here.

        Raises
        ------
        SourceFileError
            The file as a whole cannot be read: what was yielded before must not be used.
        """
        yield Payments((), [], [], [], faults=list(self.order.warnings))
        reader = _Reader(self)
        for block in self.table.blocks():
            found = reader.payments(block)
            found.line = block.lines[-1] if block.lines else 0
            yield found


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
    if default is None and "buyer" not in columns.places:
        remedy = "name the body whose spending it is, or call the file body__period.csv"
        raise SourceFileError(table.file, None, "no column says who pays", remedy)
    return SpendingTable(table, columns, find_order(table, columns.places.get("date"), order), default)


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


class _Fault(NamedTuple):
    """Why a text could not be read: the field at fault, what is wrong with it, and what would be right."""

    field: str
    reason: str
    remedy: str


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


def _or_fault(field: str, make: Callable[[_K], _V]) -> Callable[[_K], _V | _Fault]:
    """Return a function that gives the fault of a field where another raises it."""

    def made(key: _K) -> _V | _Fault:
        try:
            return make(key)
        except ValueFault as fault:
            return _Fault(field, fault.reason, fault.remedy)

    return made


class _Cells:
    """The cells of some columns of a row as one key, each known by its role; a column that a table lacks is empty.

    >>> cells = _Cells({"supplier": 1})
    >>> cells.text(cells.key(["a", "b"]), "supplier"), cells.text(cells.key(["a", "b"]), "buyer")
    ('b', '')
    """

    def __init__(self, places: Mapping[str, int]) -> None:
        self._at = {role: at for at, role in enumerate(places)}
        first, *others = places.values()
        # The first stands in it twice, for of one place alone it would be no tuple.
        self.key: Callable[[Sequence[str]], tuple[str, ...]] = itemgetter(first, *others, first)

    def text(self, key: tuple[str, ...], role: str) -> str:
        at = self._at.get(role)
        return "" if at is None else key[at]


class _Reader:
    """Reads the rows of one table; the work that a row takes is kept to look-ups."""

    def __init__(self, given: SpendingTable) -> None:
        columns = given.columns
        self._given = given
        self._numbers = count()
        self._new: list[Purchase] = []
        self._before: Days | None = None
        whats = {f"what {at}": place for at, place in enumerate(columns.description)}
        self._whats = list(whats)
        self._shared = _Cells({role: at for role, at in columns.places.items() if role in _SHARED} | whats)
        self._money = _Cells({role: at for role, at in columns.places.items() if role in ("amount", "vat")})
        self._dates = _Cells({role: at for role, at in columns.places.items() if role in ("date", "month")})
        self._purchases, self._texts = _Memory(self._purchase), _Memory(clean_text)
        self._amounts = _Memory(_or_fault("amount", self._amount))
        self._days = _Memory(_or_fault("date", self._day))
        self._marks = _Memory(_or_fault("amount", partial(_marks, columns.vat_basis)))
        self._buyers = _Memory(_or_fault("buyer", partial(_buyer, given.buyer)))
        self._suppliers = _Memory(_supplier)

    def payments(self, block: Block) -> Payments:
        """Return the records of a block as payments."""
        rows, apart = block.rows, self._given.order.days
        amounts = list(map(self._amounts.__getitem__, map(self._money.key, rows)))
        purchases = list(map(self._purchases.__getitem__, map(self._shared.key, rows)))
        days = list(map(self._days.__getitem__, map(self._dates.key, rows)))
        if apart:
            by_number = zip(block.numbers, days, strict=True)
            days = [(apart[number], apart[number]) if number in apart else one for number, one in by_number]
        if _Fault in {*map(type, amounts), *map(type, purchases), *map(type, days)}:
            found = self._sorted_out(block, zip(amounts, purchases, days, strict=True))
        else:
            read = cast("list[Days]", days)
            self._before = read[-1] if read else self._before
            bought = cast("list[Purchase]", purchases)
            found = Payments(block.numbers, read, cast("list[int]", amounts), bought, faults=list(block.faults))
        found.new, self._new = self._new, []
        return found

    def _sorted_out(
        self, block: Block, read: Iterable[tuple[int | _Fault, Purchase | _Fault, Days | _Fault]]
    ) -> Payments:
        """Return those rows that can be read, with the faults of the others."""
        numbers: list[int] = []
        found = Payments(numbers, [], [], [], faults=list(block.faults))
        rows = zip(block.numbers, block.lines, block.rows, strict=True)
        for (number, line, cells), (amount, purchase, days) in zip(rows, read, strict=True):
            when = self._before if isinstance(days, _Fault) else days
            if isinstance(amount, _Fault) or isinstance(purchase, _Fault) or when is None:
                wrong = next(one for one in (amount, purchase, days) if isinstance(one, _Fault))
                found.faults.append(Rejection(self._given.table.file, line, *wrong, as_record(cells)))
                continue
            bought = purchase
            if isinstance(days, _Fault):
                wrong = days._replace(remedy=f"{days.remedy}; or leave the row out, if it sums others")
                found.undated[len(numbers)] = Rejection(self._given.table.file, line, *wrong, as_record(cells))
                bought = self._named_total(purchase, self._dates.key(cells))
            self._before = when
            numbers.append(number)
            found.amounts.append(amount)
            found.purchases.append(bought)
            found.days.append(when)
        found.faults.sort(key=lambda fault: fault.line)
        return found

    def _named_total(self, purchase: Purchase, dates: tuple[str, ...]) -> Purchase:
        """Return the purchase of a row without a day, as one of a total where it names nobody and says that it sums."""
        said = (*dates, purchase.what, purchase.department)
        if purchase.supplier.name or not any(map(sums_others, said)):
            return purchase
        self._new.append(purchase._replace(number=next(self._numbers), supplier=_TOTAL))
        return self._new[-1]

    def _amount(self, key: tuple[str, ...]) -> int:
        """Return an amount in millionths of a pound, without the tax that has a column of its own."""
        amount, vat = read_amount(self._money.text(key, "amount")), self._money.text(key, "vat")
        if vat.strip():
            amount -= read_amount(vat)
        return int(amount * self._given.columns.factor * MILLIONTHS)

    def _day(self, key: tuple[str, ...]) -> Days:
        own = self._dates.text(key, "date")
        # Without a day of its own a row has the month of another column.
        day = read_day(own or self._dates.text(key, "month"), month_first=self._given.order.month_first)
        return day, last_of_month(day) if not own or names_month(own) else day

    def _purchase(self, key: tuple[str, ...]) -> Purchase | _Fault:
        cell = partial(self._shared.text, key)
        marks = self._marks[cell("sector"), cell("size"), cell("lot"), cell("currency")]
        buyer = self._buyers[cell("buyer")]
        if isinstance(marks, _Fault):
            return marks
        if isinstance(buyer, _Fault):
            return buyer
        supplier = self._suppliers[cell("supplier"), cell("company_number"), cell("charity_number")]
        what = " / ".join(dict.fromkeys(filter(None, (self._texts[cell(role)] for role in self._whats))))
        department, number = self._texts[cell("department")], next(self._numbers)
        made = Purchase(number, buyer, supplier, what, department, marks, cell("reference"))
        self._new.append(made)
        return made


def _supplier(key: tuple[str, ...]) -> Party:
    name, company, charity = key
    numbers = (company_identifier(company), charity_identifier(charity))
    return Party(clean_text(name), tuple(number for number in numbers if number))


def _buyer(default: Party | None, text: str) -> Party:
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
