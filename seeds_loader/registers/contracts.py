"""Contracts registers, as the Local Government Transparency Code 2015 asks for them, in any shape that councils use."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple

from civicgraph.graph.records.iris import short_hash, slugify
from civicgraph.graph.records.types import ContractRecord, Party, RegisterEntry, Rejection
from civicgraph.seeds_loader.currencies import currency_code
from civicgraph.seeds_loader.faults import SourceFileError, ValueFault
from civicgraph.seeds_loader.registers.register_cells import (
    cleaned,
    cpv_in,
    is_framework,
    is_unknown,
    months_in,
    months_later,
    sum_in,
    suppliers_in,
    truth_of,
    words,
)
from civicgraph.seeds_loader.services.classify import services_of_contract
from civicgraph.seeds_loader.tables.cells import is_written_amount, order_evidence, read_amount, read_day
from civicgraph.seeds_loader.tables.columns import DATE_ORDER, UNIT, factor, find_register_columns, vat_basis
from civicgraph.seeds_loader.tables.date_order import DateOrder, find_order
from civicgraph.seeds_loader.tables.spending import buyer_from_name
from civicgraph.seeds_loader.tables.table import Table, as_record

_TITLE: Final = 300
_PUBLISHED: Final = re.compile(r"(?<!\d)(20\d\d)[-_.](0[1-9]|1[0-2])(?:[-_.]([0-2]\d|3[01]))?(?!\d)")
_REMEMBERED: Final = 50_000
_read_day: Final = lru_cache(maxsize=_REMEMBERED)(read_day)
_slug: Final = lru_cache(maxsize=1_000)(slugify)
_NOT_LETTERS: Final = re.compile(r"[\W\d_]+")


@dataclass(frozen=True, slots=True)
class Register:
    """A contracts register, its columns known; a department may be split over several, such as directorate and section.

    `published` is when it was, as far as its file's name says: of two registers the later one counts.
    """

    table: Table
    columns: Mapping[str, int]
    departments: Sequence[int]
    order: DateOrder
    ordered: str
    buyer: Party | None
    published: date | None
    factors: Mapping[str, Decimal]
    vat: Mapping[str, str]

    def contracts(self) -> Iterator[ContractRecord | Rejection]:
        """Yield each contract, and what could not be used; a contract of several suppliers may have several rows.

        Rows of one buyer, reference and title are one contract where their dates are the same; of renewals the last
        counts, and those before it are guarded as `superseded-award`. Sums of rows are added, unless all are one sum.

        Raises
        ------
        SourceFileError
            The file as a whole cannot be read: what was yielded before must not be used.
        """
        yield from self.order.warnings
        found: dict[tuple[str, str], list[ContractRecord]] = {}
        for row in self.table.rows():
            if isinstance(row, Rejection):
                yield row
                continue
            number, line, cells = row
            entry = _Line(self, number, line, cells)
            try:
                contract = entry.contract()
            except ValueFault as fault:
                yield Rejection(self.table.file, line, entry.field, fault.reason, fault.remedy, as_record(cells))
                continue
            yield from entry.faults
            reference = contract.entry.reference if contract.entry else ""
            found.setdefault((contract.buyers[0].name.casefold(), reference or contract.id), []).append(contract)
        for same in found.values():
            yield from same if len(same) == 1 else _of_one_reference(same)


def open_register(path: Path, *, mapping: Mapping[str, str] | None = None) -> Register:
    """Open a contracts register.

    Parameters
    ----------
    path
        The table; see `civicgraph.seeds_loader.tables.table.read_table`.
    mapping
        Which header plays which role, where the names do not say.

    Raises
    ------
    SourceFileError
        The file as a whole cannot be read, is a table of payments, or has no column of titles or suppliers.
    """
    given = dict(mapping or {})
    order = given.pop(DATE_ORDER, None)
    table, placed = find_register_columns(path, given)
    columns = {role: found[0] for role, found in placed.items()}
    buyer = buyer_from_name(path)
    if buyer is None and "buyer" not in columns:
        remedy = "add a column with the body's name, or call the file body__period.csv"
        raise SourceFileError(table.file, None, "no column says whose contracts they are", remedy)
    money = [role for role in ("value", "yearly_value") if role in columns]
    factors = {str(role): factor(table, columns[role], given.get(UNIT)) for role in money}
    vat = {str(role): vat_basis(table.headers[columns[role]]) for role in money}
    told = _PUBLISHED.search(path.stem)
    published = None if told is None else date(int(told[1]), int(told[2]), min(int(told[3] or 1), 28))
    departments = tuple(sorted(placed.get("department", ())))
    dates = _date_order(table, {role: columns[role] for role in ("start", "end") if role in columns}, order)
    return Register(table, columns, departments, *dates, buyer, published, factors, vat)


def _date_order(table: Table, columns: Mapping[str, int], given: str | None) -> tuple[DateOrder, str]:
    """Return how dates are to be read, and the role of the column that has dates of both orders.

    Where all that tells puts the month first, so are the dates of a register read: few dates stand in two columns.
    """
    try:
        for role, column in columns.items():
            order = find_order(table, column, given)
            if order.month_first or order.days:
                return order, role
    except SourceFileError as fault:
        rows = (row for row in table.rows() if not isinstance(row, Rejection))
        told = {order_evidence(cells[at].strip()) for _, _, cells in rows for at in columns.values()} - {None}
        if told != {"month first"}:
            raise
        reason = "dates are read as month/day/year, which is all that some of them can be"
        remedy = "where that is not meant, write the days as 2019-10-31"
        warning = Rejection(table.file, fault.line or 1, "date", reason, remedy, partial=True)
        return DateOrder(month_first=True, warnings=(warning,)), ""
    return DateOrder(), ""


class _Money(NamedTuple):
    amount: Decimal | None
    yearly: bool


_NO_MONEY: Final = _Money(None, yearly=False)


class _Line:
    """One row of a register as it is read; `faults` are fields that were lost, `field` the one that is looked at."""

    def __init__(self, register: Register, number: int, line: int, cells: Sequence[str]) -> None:
        self.register = register
        self.number = number
        self.line = line
        self.cells = cells
        self.texts = {role: cells[at].strip() for role, at in register.columns.items()}
        self.field = "title"
        self.faults: list[Rejection] = []

    def contract(self) -> ContractRecord:
        """Return the row as a contract."""
        register, cell = self.register, self.texts.get
        title = self._text("title") or self._text("description")
        if not title:
            raise ValueFault("empty", "say what the contract is for")
        suppliers = suppliers_in(cell("supplier", ""), cell("company_number", ""), cell("charity_number", ""))
        self.field = "buyer"
        buyer = Party(self._text("buyer")) if cell("buyer") else register.buyer
        if buyer is None:
            raise ValueFault("empty", "say whose contract it is")
        start, end = self._day("start"), self._day("end")
        value, yearly = self._value()
        reference = self._text("reference")
        if is_unknown(reference):
            reference = ""
        cpv = cpv_in(cell("cpv", ""))
        departments = (self.cells[at].strip() for at in register.departments)
        told_apart = () if reference else [supplier.name for supplier in suppliers]
        own = short_hash(buyer.name.casefold(), reference or title, *told_apart)
        return ContractRecord(
            id=f"{_slug(buyer.name)[:40]}-{slugify(reference)[:40] if reference else 'register'}-{own}",
            title=title if len(title) <= _TITLE else f"{title[:_TITLE].rsplit(' ', 1)[0]} …",
            buyers=(buyer,),
            suppliers=suppliers,
            record=f"{reference or '-'} row {self.number}",
            process=self._text("ocid") or None,
            references=(self._text("order"), self._text("notice_number")),
            value=value,
            currency=self._currency(),
            awarded=self._day("awarded"),
            start=start,
            end=end,
            cpv=cpv,
            services=services_of_contract(cpv, title),
            vat=register.vat.get("yearly_value" if value is None else "value", ""),
            guard="framework-ceiling" if is_framework(cell("type", "")) else None,
            published=register.published,
            latest_end=self._extension(end),
            entry=RegisterEntry(
                reference=reference,
                department=", ".join(dict.fromkeys(filter(None, map(cleaned, departments)))),
                review=self._day("review"),
                notice_months=months_in(cell("notice", ""), bare=True),
                yearly_value=yearly,
                procedure=self._text("process"),
                sme=truth_of(cell("sme", "")),
                vcse=truth_of(cell("vcse", "")),
            ),
        )

    def _text(self, role: str) -> str:
        text = self.texts.get(role)
        return cleaned(text) if text else ""

    def _day(self, role: str) -> date | None:
        text = self.texts.get(role)
        if not text or is_unknown(text):
            return None
        if role == self.register.ordered and self.number in self.register.order.days:
            return self.register.order.days[self.number]
        try:
            return _read_day(text, month_first=self.register.order.month_first)
        except ValueFault as fault:
            self._lose(role, fault)
            return None

    def _value(self) -> tuple[Decimal | None, Decimal | None]:
        """Return the value of the whole contract and that of a year."""
        whole, year = self._money("value"), self._money("yearly_value")
        if whole.amount is not None and (whole.yearly or "ann" in self.texts.get("value_basis", "").casefold()):
            return None, whole.amount
        return whole.amount, year.amount

    def _money(self, role: str) -> _Money:
        text = self.texts.get(role)
        if not text:
            return _NO_MONEY
        is_plain = is_written_amount(text) is not None
        if not is_plain and is_unknown(text):
            return _NO_MONEY
        yearly = not is_plain and words()["yearly"].search(text) is not None
        try:
            amount = read_amount(text) if is_plain else sum_in(words()["yearly"].sub(" ", text))
            amount *= self.register.factors[role]
        except ValueFault as fault:
            self._lose(role, fault)
            return _NO_MONEY
        return _Money(amount or None, yearly=yearly)

    def _currency(self) -> str | None:
        text = self.texts.get("currency")
        found = currency_code(text) if text else "GBP"
        if found is None:
            reason = f"{text!r} is a currency that is not known"
            self._lose("currency", ValueFault(reason, "write its code, such as GBP"))
        return found

    def _extension(self, end: date | None) -> date | None:
        """Return the last day to which the contract can be extended: a day, or so many months after its end."""
        text = self.texts.get("extension")
        if not text or is_unknown(text):
            return None
        if (months := months_in(text)) is not None:
            return None if end is None else months_later(end, months)
        try:
            day = _read_day(text, month_first=self.register.order.month_first)
        except ValueFault:
            # Many write here in whole sentences what the options are.
            return None
        return day if end is None or day > end else None

    def _lose(self, role: str, fault: ValueFault) -> None:
        reason = fault.reason if "'" in fault.reason else f"{self.texts[role][:60]!r}: {fault.reason}"
        file = self.register.table.file
        self.faults.append(Rejection(file, self.line, role, reason, fault.remedy, as_record(self.cells), partial=True))


def _of_one_reference(rows: Sequence[ContractRecord]) -> Iterator[ContractRecord]:
    """Yield the contracts that rows of one reference are; over several titles it names a lot, a department, ..."""
    titles: dict[str, list[ContractRecord]] = {}
    for row in rows:
        titles.setdefault(_NOT_LETTERS.sub("", row.title.casefold()), []).append(row)
    for title, same in titles.items():
        own = "" if len(titles) == 1 else f"-{short_hash(title)}"
        yield from (one._replace(id=f"{one.id}{own}") for one in _contracts(same))


def _contracts(rows: Sequence[ContractRecord]) -> Iterator[ContractRecord]:
    """Yield the contract that rows of one reference are, and those that it renewed."""
    terms: dict[tuple[date | None, date | None], list[ContractRecord]] = {}
    for row in rows:
        terms.setdefault((row.start, row.end), []).append(row)
    ordered = sorted(terms.values(), key=lambda same: (same[0].end or date.max, same[0].start or date.min))
    for earlier in ordered[:-1]:
        whole = _whole(earlier)
        told = "-".join(day.isoformat() for day in (whole.start, whole.end) if day) or "undated"
        yield whole._replace(id=f"{whole.id}-{told}", guard="superseded-award")
    yield _whole(ordered[-1])


def _whole(rows: Sequence[ContractRecord]) -> ContractRecord:
    """Return the contract of several suppliers that rows are, one each."""
    first = rows[0]
    if len(rows) == 1:
        return first
    values = [row.value for row in rows if row.value is not None]
    total = None if not values else values[0] if len(set(values)) == 1 else sum(values, Decimal(0))
    suppliers = tuple(dict.fromkeys(party for row in rows for party in row.suppliers))
    numbers = ", ".join(row.record.rpartition(" ")[2] for row in rows)
    record = f"{first.record.partition(' row ')[0]} rows {numbers}"
    return first._replace(value=total, suppliers=suppliers, record=record)
