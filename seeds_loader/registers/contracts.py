"""Contracts registers, as the Local Government Transparency Code 2015 asks for them, in any shape that councils use."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Final

from civicgraph.graph.records.iris import short_hash, slugify
from civicgraph.graph.records.types import ContractRecord, Party, RegisterEntry, Rejection
from civicgraph.seeds_loader.currencies import currency_code
from civicgraph.seeds_loader.faults import SourceFileError, ValueFault
from civicgraph.seeds_loader.guards.rules import sums_others
from civicgraph.seeds_loader.registers.register_cells import (
    cleaned,
    day_in,
    has_no_day,
    is_unknown,
    months_in,
    months_later,
    parts_of_period,
    sum_in,
    suppliers_in,
    truth_of,
    words,
)
from civicgraph.seeds_loader.services.classify import services_of_contract
from civicgraph.seeds_loader.tables.cells import is_written_amount, read_amount
from civicgraph.seeds_loader.tables.columns import DATE_ORDER, UNIT, factor, find_columns, vat_basis
from civicgraph.seeds_loader.tables.date_order import DateOrder, find_order
from civicgraph.seeds_loader.tables.spending import buyer_from_name
from civicgraph.seeds_loader.tables.table import Table, as_record

_CPV: Final = re.compile(r"(?<!\d)(\d{8})(?:-\d)?(?!\d)")
_NOT_LETTERS: Final = re.compile(r"[\W\d_]+")
_TITLE: Final = 300
_MONEY: Final[Sequence[str]] = ("value", "yearly_value")
_UNIT: Final = re.compile(r"years?|months?", re.IGNORECASE)
_ONE_DAY: Final = 12
"""Characters of a cell that may well hold one day and not several."""

_DAYS: Final = ("start", "end", "review")
_PUBLISHED: Final = re.compile(r"(?<!\d)(20\d\d)[-_.](0[1-9]|1[0-2])(?:[-_.]([0-2]\d|3[01]))?(?!\d)")
_REMEMBERED: Final = 50_000
_slug: Final = lru_cache(maxsize=1_000)(slugify)


@dataclass(frozen=True, slots=True)
class Register:
    """A contracts register, its columns known by role; one may have several, as directorate and section do.

    `published` is when it was, as far as its file's name says: of two registers the later one counts.
    """

    table: Table
    columns: Mapping[str, Sequence[int]]
    order: DateOrder
    buyer: Party | None
    published: date | None
    factors: Mapping[str, Decimal]
    vat: Mapping[str, str]
    warnings: Sequence[Rejection]

    def contracts(self) -> Iterator[ContractRecord | Rejection]:
        """Yield each contract, and what could not be used; a contract of several suppliers may have several rows.

        Rows of one buyer, reference and title are one contract where their dates are the same; of renewals the last
        counts, and those before it are guarded as `superseded-award`, and so are those of an earlier sheet that a later
        one has anew. Sums of rows are added, unless all are one sum. A row that sums others is guarded as `total`.

        Raises
        ------
        SourceFileError
            The file as a whole cannot be read: what was yielded before must not be used.
        """
        yield from self.warnings
        found: dict[tuple[str, str], dict[str, list[ContractRecord]]] = {}
        buyer = self.buyer
        for row in self.table.rows():
            if isinstance(row, Rejection):
                yield row
                continue
            number, line, cells = row
            entry = _Line(self, number, line, cells, buyer)
            try:
                contract = entry.contract()
            except ValueFault as fault:
                yield Rejection(self.table.file, line, entry.field, fault.reason, fault.remedy, as_record(cells))
                continue
            yield from entry.faults
            buyer = contract.buyers[0]
            reference = contract.entry.reference if contract.entry else ""
            sheets = found.setdefault((buyer.name.casefold(), reference or contract.id), {})
            sheets.setdefault(self.table.sheet, []).append(contract)
        for sheets in found.values():
            yield from _of_one_reference(sheets)


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
    said = given.pop(DATE_ORDER, None)
    table, placed = find_columns(path, "contracts", given)
    # A cell that is empty may be told by another column of its role; money may not, for each has its own unit and tax.
    columns = {role: found[:1] if role in _MONEY else found for role, found in placed.items()}
    buyer = buyer_from_name(path)
    if buyer is None and "buyer" not in columns:
        remedy = "add a column with the body's name, or call the file body__period.csv"
        raise SourceFileError(table.file, None, "no column says whose contracts they are", remedy)
    money = {role: columns[role][0] for role in _MONEY if role in columns}
    factors = {role: factor(table, at, given.get(UNIT)) for role, at in money.items()}
    vat = {role: vat_basis(table.headers[at]) for role, at in money.items()}
    told = _PUBLISHED.search(path.stem)
    published = None if told is None else date(int(told[1]), int(told[2]), min(int(told[3] or 1), 28))
    order = find_order(table, [at for role in ("start", "end") for at in columns.get(role, ())[:1]], said, assumed=True)
    warnings = (*order.warnings, *_unplaced(table, columns))
    return Register(table, columns, order, buyer, published, factors, vat, warnings)


def _unplaced(table: Table, columns: Mapping[str, Sequence[int]]) -> Iterator[Rejection]:
    """Yield a warning where no column tells of values or of terms: there may be one that is called otherwise."""
    read = {at for places in columns.values() for at in places}
    others = ", ".join(repr(name) for at, name in enumerate(table.headers) if name and at not in read)
    for roles in (_MONEY, ("end", "period")):
        if others and columns.keys().isdisjoint(roles):
            reason = f"no column is known to be the {' or the '.join(roles)}; not read are {others}"
            remedy = f"if one is, name it in a mapping file ({roles[0]}: its header) and give that as --mapping"
            yield Rejection(table.file, table.line, "header", reason, remedy, partial=True)


class _Line:
    """One row of a register as it is read; `faults` are fields that were lost, `field` the one that is looked at."""

    def __init__(self, register: Register, number: int, line: int, cells: Sequence[str], buyer: Party | None) -> None:
        self.register = register
        self.number = number
        self.line = line
        self.cells = cells
        self.buyer = buyer
        # A role may have several columns: the first that says anything counts.
        self.texts = {
            role: next((text for at in places if (text := cells[at].strip())), "")
            for role, places in register.columns.items()
        }
        self.field = "title"
        self.faults: list[Rejection] = []

    def contract(self) -> ContractRecord:
        """Return the row as a contract."""
        register, cell = self.register, self.texts.get
        title, guard = self._text("title") or self._text("description"), None
        if (not title or not cell("supplier")) and (total := next(filter(sums_others, self.cells), "")):
            title, guard = cleaned(total), "total"
        if not title:
            raise ValueFault("empty", "say what the contract is for")
        suppliers = suppliers_in(cell("supplier", ""), cell("company_number", ""), cell("charity_number", ""))
        self.field = "buyer"
        # What sums others is of whoever they are of.
        buyer = Party(self._text("buyer")) if cell("buyer") else self.buyer if guard else register.buyer
        if buyer is None:
            raise ValueFault("empty", "say whose contract it is")
        start, end = self._term()
        value, yearly = self._value()
        reference = self._text("reference")
        if is_unknown(reference):
            reference = ""
        cpv = tuple(dict.fromkeys(_CPV.findall(cell("cpv", ""))))
        kind = cell("type", "")
        if not guard and words()["framework"].search(kind) and not words()["call_off"].search(kind):
            guard = "framework-ceiling"
        departments = (self.cells[at].strip() for at in sorted(register.columns.get("department", ())))
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
            guard=guard,
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

    def _term(self) -> tuple[date | None, date | None]:
        """Return the first and the last day, which may stand in one cell, or the first and for how long."""
        for role in ("period", "start"):
            text = self.texts.get(role, "")
            if len(text) > _ONE_DAY and (parts := parts_of_period(text)):
                self.texts |= {part: text for part, text in zip(_DAYS, parts, strict=False) if not self.texts.get(part)}
                self.texts["start"] = parts[0]
        start, end = self._day("start"), self._day("end")
        period = next((text for at in self.register.columns.get("period", ()) if (text := self._length(at))), "")
        months = None if has_no_day(period) else months_in(period)
        if end is None and start is not None and months is not None:
            end = months_later(start - timedelta(days=1), months)
        if start is None and end is None and not has_no_day(period or "-"):
            self._lose("period", ValueFault("two days cannot be told in it", "write it as 2024-04-01 to 2026-03-31"))
        return start, end

    def _day(self, role: str) -> date | None:
        text = self.texts.get(role)
        if not text or has_no_day(text):
            return None
        for at in self.register.columns.get(role, ())[:1]:
            if (day := self.register.order.days.get((self.number, at))) is not None:
                return day
        try:
            return day_in(text, month_first=self.register.order.month_first, last=role == "end")
        except ValueFault as fault:
            self._lose(role, fault)
            return None

    def _value(self) -> tuple[Decimal | None, Decimal | None]:
        """Return the value of the whole contract and that of a year."""
        (whole, is_yearly), (year, _) = self._money("value"), self._money("yearly_value")
        if whole is not None and (is_yearly or "ann" in self.texts.get("value_basis", "").casefold()):
            return None, whole
        return whole, year

    def _money(self, role: str) -> tuple[Decimal | None, bool]:
        """Return an amount, and whether its cell says that it is of a year."""
        text = self.texts.get(role)
        if not text:
            return None, False
        is_plain = is_written_amount(text) is not None
        if not is_plain and is_unknown(text):
            return None, False
        yearly = not is_plain and words()["yearly"].search(text) is not None
        try:
            amount = read_amount(text) if is_plain else sum_in(words()["yearly"].sub(" ", text))
            amount *= self.register.factors[role]
        except ValueFault as fault:
            self._lose(role, fault)
            return None, False
        return amount or None, yearly

    def _currency(self) -> str | None:
        text = self.texts.get("currency")
        found = currency_code(text) if text else "GBP"
        if found is None:
            reason = f"{text!r} is a currency that is not known"
            self._lose("currency", ValueFault(reason, "write its code, such as GBP"))
        return found

    def _extension(self, end: date | None) -> date | None:
        """Return the last day to which the contract can be extended: a day, or so many months after its end."""
        for at in self.register.columns.get("extension", ()):
            text = self._length(at)
            if not text or has_no_day(text):
                continue
            if (months := months_in(text)) is not None:
                return None if end is None else months_later(end, months)
            try:
                day = day_in(text, month_first=self.register.order.month_first, last=True)
            except ValueFault:
                # Many write here in whole sentences what the options are.
                continue
            if end is None or day > end:
                return day
        return None

    def _length(self, at: int) -> str:
        """Return a cell that says for how long, with the unit that its header has where it is a number alone."""
        text = self.cells[at].strip()
        unit = _UNIT.search(self.register.table.headers[at]) if text.isdigit() else None
        return text if unit is None else f"{text} {unit[0]}"

    def _lose(self, role: str, fault: ValueFault) -> None:
        reason = fault.reason if "'" in fault.reason else f"{self.texts[role][:60]!r}: {fault.reason}"
        file = self.register.table.file
        self.faults.append(Rejection(file, self.line, role, reason, fault.remedy, as_record(self.cells), partial=True))


def _of_one_reference(sheets: Mapping[str, Sequence[ContractRecord]]) -> Iterator[ContractRecord]:
    """Yield the contracts that rows of one reference are; over several titles it names a lot, a department, ..."""
    rows, *others = sheets.values()
    if len(rows) == 1 and not others:
        # As nearly all are.
        yield rows[0]
        return
    titles: dict[str, list[tuple[str, ContractRecord]]] = {}
    for sheet, rows in sheets.items():
        for row in rows:
            titles.setdefault(_NOT_LETTERS.sub("", row.title.casefold()), []).append((sheet, row))
    for title, same in titles.items():
        own = "" if len(titles) == 1 else f"-{short_hash(title)}"
        yield from (one._replace(id=f"{one.id}{own}") for one in _contracts(same))


def _contracts(rows: Sequence[tuple[str, ContractRecord]]) -> Iterator[ContractRecord]:
    """Yield the contract that rows of one reference are, and those that it renewed."""
    terms: dict[tuple[date | None, date | None], dict[str, list[ContractRecord]]] = {}
    for sheet, row in rows:
        terms.setdefault((row.start, row.end), {}).setdefault(sheet, []).append(row)
    ordered = sorted(terms.items(), key=lambda term: (term[0][1] or date.max, term[0][0] or date.min))
    for (start, end), earlier in ordered[:-1]:
        told = "-".join(day.isoformat() for day in (start, end) if day) or "undated"
        for one in _of_sheets(earlier):
            yield one._replace(id=f"{one.id}-{told}", guard="superseded-award")
    yield from _of_sheets(ordered[-1][1])


def _of_sheets(sheets: Mapping[str, Sequence[ContractRecord]]) -> Iterator[ContractRecord]:
    """Yield the contract that rows of one term are, and what earlier sheets have of it: many keep a sheet a month."""
    wholes = {sheet: _whole(rows) for sheet, rows in sheets.items()}
    last = list(wholes.values())[-1]
    if not all(set(one.suppliers) <= set(last.suppliers) for one in wholes.values()):
        # Each sheet has suppliers of its own, as where there is one a directorate.
        yield _whole([row for rows in sheets.values() for row in rows])
        return
    for sheet, one in list(wholes.items())[:-1]:
        if (one.suppliers, one.value) != (last.suppliers, last.value):
            yield one._replace(id=f"{one.id}-{short_hash(sheet)}", guard="superseded-award")
    yield last


def _whole(rows: Sequence[ContractRecord]) -> ContractRecord:
    """Return the contract of several suppliers that rows are, one each; a row that stands twice is one."""
    first = rows[0]
    if len(rows) == 1:
        return first
    entries = [row.entry and row.entry.yearly_value for row in rows]
    value = _sum_of((row.suppliers, row.value) for row in rows)
    yearly = _sum_of((row.suppliers, amount) for row, amount in zip(rows, entries, strict=True))
    suppliers = tuple(dict.fromkeys(party for row in rows for party in row.suppliers))
    numbers = ", ".join(row.record.rpartition(" ")[2] for row in rows)
    record = f"{first.record.partition(' row ')[0]} rows {numbers}"
    entry = first.entry and first.entry._replace(yearly_value=yearly)
    return first._replace(value=value, suppliers=suppliers, record=record, entry=entry)


def _sum_of(sums: Iterable[tuple[Sequence[Party], Decimal | None]]) -> Decimal | None:
    """Return what the sums of suppliers come to, each once; where all are one sum, it is that of the whole."""
    amounts = [amount for _, amount in dict.fromkeys(sums) if amount is not None]
    return None if not amounts else amounts[0] if len(set(amounts)) == 1 else sum(amounts, Decimal(0))
