"""Contracts registers, as the Local Government Transparency Code 2015 asks for them, in any shape that councils use."""

import html
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, NamedTuple

import yaml

from civicgraph.graph.records.iris import short_hash, slugify
from civicgraph.graph.records.types import ContractRecord, Party, RegisterEntry, Rejection
from civicgraph.seeds_loader.currencies import currency_code
from civicgraph.seeds_loader.faults import SourceFileError, ValueFault
from civicgraph.seeds_loader.guards.rules import of_name, rules
from civicgraph.seeds_loader.identifiers import charity_identifier, company_identifier
from civicgraph.seeds_loader.services.classify import services_of_contract
from civicgraph.seeds_loader.tables.cells import (
    is_written_amount,
    read_amount,
    read_day,
)
from civicgraph.seeds_loader.tables.columns import DATE_ORDER, UNIT, factor, find_register_columns, vat_basis
from civicgraph.seeds_loader.tables.date_order import DateOrder, find_order
from civicgraph.seeds_loader.tables.spending import buyer_from_name
from civicgraph.seeds_loader.tables.table import Table, as_record
from civicgraph.seeds_loader.text import clean_text

_TITLE: Final = 300
_CPV: Final = re.compile(r"(?<!\d)(\d{8})(?:-\d)?(?!\d)")
_ANY_OF: Final = re.compile(r"\s*[;|\n]\s*")
_PUBLISHED: Final = re.compile(r"(?<!\d)(20\d\d)[-_.](0[1-9]|1[0-2])(?:[-_.]([0-2]\d|3[01]))?(?!\d)")
_TERM: Final = re.compile(
    r"(?:(?P<times>\d{1,2})\s*(?:x|no\.?|lots? of)\s*)?(?P<number>\d{1,3}|one|two|three|four|five)\s*\+?\s*"
    r"(?:-|\()?\s*(?P<unit>year|yr|month|mth|week|day)s?\b",
    re.IGNORECASE,
)
_PLUS: Final = re.compile(r"\d{1,2}(?:\s*\+\s*\d{1,2})+")
_NUMBERS: Final = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5}
_MONTHS: Final = {"year": 12, "yr": 12, "month": 1, "mth": 1}
_SUM: Final = re.compile(r"(.*?\d)\s*([a-z]+)?\.?", re.IGNORECASE)
_LONGEST: Final = 600
_REMEMBERED: Final = 50_000
_read_day: Final = lru_cache(maxsize=_REMEMBERED)(read_day)
_COMMA: Final = re.compile(r",(?=[^\s\d])")
"""Joins names, where a comma within a name has a space after it."""

_NOT_LETTERS: Final = re.compile(r"[\W\d_]+")


@dataclass(frozen=True, slots=True)
class Register:
    """A contracts register, its columns known.

    `published` is when it was, as far as its file's name says: of two registers the later one counts.
    """

    table: Table
    columns: Mapping[str, int]
    order: DateOrder
    buyer: Party | None
    published: date | None
    factors: Mapping[str, Decimal]

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
        lines: dict[tuple[str, str], dict[str, list[ContractRecord]]] = {}
        for row in self.table.rows():
            if isinstance(row, Rejection):
                yield row
                continue
            number, line, cells = row
            entry = _Line(self, number, line, cells)
            try:
                found = entry.contract()
            except ValueFault as fault:
                yield Rejection(self.table.file, line, entry.field, fault.reason, fault.remedy, as_record(cells))
                continue
            yield from entry.faults
            reference = found.entry.reference if found.entry else ""
            titles = lines.setdefault((found.buyers[0].name.casefold(), reference or f"#{found.id}"), {})
            titles.setdefault(_NOT_LETTERS.sub("", found.title.casefold()), []).append(found)
        for titles in lines.values():
            for title, same in titles.items():
                # A reference over several titles names no one contract: a lot, a category, a department.
                own = "" if len(titles) == 1 else f"-{short_hash(title)}"
                yield from (one._replace(id=f"{one.id}{own}") for one in _contracts(same))


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
    table, columns = find_register_columns(path, given)
    buyer = buyer_from_name(path)
    if buyer is None and "buyer" not in columns:
        remedy = "add a column with the body's name, or call the file body__period.csv"
        raise SourceFileError(table.file, None, "no column says whose contracts they are", remedy)
    money = [role for role in ("value", "yearly_value") if role in columns]
    factors = {str(role): factor(table, columns[role], given.get(UNIT)) for role in money}
    told = _PUBLISHED.search(path.stem)
    published = None if told is None else date(int(told[1]), int(told[2]), min(int(told[3] or 1), 28))
    return Register(table, columns, find_order(table, columns.get("start"), order), buyer, published, factors)


class _Money(NamedTuple):
    amount: Decimal | None
    yearly: bool


class _Line:
    """One row of a register as it is read; `faults` are fields that were lost, `field` the one that is looked at."""

    def __init__(self, register: Register, number: int, line: int, cells: Sequence[str]) -> None:
        self.register = register
        self.number = number
        self.line = line
        self.cells = cells
        self.field = "title"
        self.faults: list[Rejection] = []

    def contract(self) -> ContractRecord:
        """Return the row as a contract."""
        register, headers = self.register, self.register.table.headers
        title, description = self._text("title"), self._text("description")
        title = title or description
        if not title:
            raise ValueFault("empty", "say what the contract is for")
        suppliers = self._suppliers()
        self.field = "buyer"
        buyer = Party(self._text("buyer")) if self._text("buyer") else register.buyer
        if buyer is None:
            raise ValueFault("empty", "say whose contract it is")
        start, end = self._day("start"), self._day("end")
        value, yearly = self._value()
        reference = self._text("reference")
        if reference.casefold() in _words()["unknown"]:
            reference = ""
        kind = self._text("type")
        cpv = tuple(dict.fromkeys(_CPV.findall(self._cell("cpv"))))
        money = self._at("value") if value is not None else self._at("yearly_value")
        framework = _words()["framework"].search(kind) and not _words()["call_off"].search(kind)
        own = short_hash(buyer.name.casefold(), reference or title, *([] if reference else [s.name for s in suppliers]))
        return ContractRecord(
            id=f"{slugify(buyer.name)[:40]}-{slugify(reference)[:40] if reference else 'register'}-{own}",
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
            vat="" if money is None else vat_basis(headers[money]),
            guard="framework-ceiling" if framework else None,
            published=register.published,
            latest_end=self._extension(end),
            entry=RegisterEntry(
                reference=reference,
                department=self._text("department"),
                review=self._day("review"),
                notice_months=_months(self._cell("notice"), bare=True),
                yearly_value=yearly,
                procedure=self._text("process"),
                sme=_truth(self._cell("sme")),
                vcse=_truth(self._cell("vcse")),
            ),
        )

    def _at(self, role: str) -> int | None:
        return self.register.columns.get(role)

    def _cell(self, role: str) -> str:
        at = self.register.columns.get(role)
        return "" if at is None else self.cells[at].strip()

    def _text(self, role: str) -> str:
        text = self._cell(role)
        if not text:
            return ""
        return clean_text(html.unescape(text) if "&" in text else text)

    def _suppliers(self) -> tuple[Party, ...]:
        names = _names(self._cell("supplier"))
        numbers = (company_identifier(self._cell("company_number")), charity_identifier(self._cell("charity_number")))
        identifiers = tuple(number for number in numbers if number) if len(names) == 1 else ()
        return tuple(Party(name, identifiers) for name in names)

    def _day(self, role: str) -> date | None:
        text = self._cell(role)
        if not text or _plain(text) in _words()["unknown"]:
            return None
        if role == "start" and self.number in self.register.order.days:
            return self.register.order.days[self.number]
        try:
            return _read_day(text, month_first=self.register.order.month_first)
        except ValueFault as fault:
            self._lose(role, fault)
            return None

    def _value(self) -> tuple[Decimal | None, Decimal | None]:
        """Return the value of the whole contract and that of a year."""
        whole, year = self._money("value"), self._money("yearly_value")
        if whole.amount is not None and (whole.yearly or "ann" in self._cell("value_basis").casefold()):
            return None, whole.amount
        return whole.amount, year.amount

    def _money(self, role: str) -> _Money:
        text = self._cell(role)
        is_plain = is_written_amount(text) is not None
        if not is_plain and (not text or _plain(text) in _words()["unknown"]):
            return _Money(None, yearly=False)
        yearly = not is_plain and _words()["yearly"].search(text) is not None
        try:
            amount = read_amount(text) if is_plain else _amount(_words()["yearly"].sub(" ", text))
            amount *= self.register.factors[role]
        except ValueFault as fault:
            self._lose(role, fault)
            return _Money(None, yearly=False)
        return _Money(amount or None, yearly=yearly)

    def _currency(self) -> str | None:
        text = self._cell("currency")
        found = currency_code(text) if text else "GBP"
        if found is None:
            reason = f"{text!r} is a currency that is not known"
            self._lose("currency", ValueFault(reason, "write its code, such as GBP"))
        return found

    def _extension(self, end: date | None) -> date | None:
        """Return the last day to which the contract can be extended: a day, or so many months after its end."""
        text = self._cell("extension")
        if not text or _plain(text) in _words()["unknown"]:
            return None
        if (months := _months(text)) is not None:
            return None if end is None else _later(end, months)
        try:
            day = _read_day(text, month_first=self.register.order.month_first)
        except ValueFault:
            # Many write here in whole sentences what the options are.
            return None
        return day if end is None or day > end else None

    def _lose(self, role: str, fault: ValueFault) -> None:
        reason = fault.reason if "'" in fault.reason else f"{self._cell(role)[:60]!r}: {fault.reason}"
        file = self.register.table.file
        self.faults.append(Rejection(file, self.line, role, reason, fault.remedy, as_record(self.cells), partial=True))


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


@lru_cache(maxsize=_REMEMBERED)
def _names(text: str) -> tuple[str, ...]:
    """Return the suppliers that a cell names, each once.

    >>> _names("Alpha Ltd, Beta plc; Smith, Jones & Co"), _names("A E Yates,B & C Groundworks")
    (('Alpha Ltd', 'Beta plc', 'Smith, Jones & Co'), ('A E Yates', 'B & C Groundworks'))
    """
    names: dict[str, None] = {}
    for part in _ANY_OF.split(html.unescape(text)):
        pieces = _COMMA.split(part)
        firms = part.split(",")
        if len(pieces) == 1 and all(rules().legal_form.search(piece) for piece in firms):
            pieces = firms
        names.update((name, None) for name in map(clean_text, pieces) if name and of_name(name) != "blank")
    return tuple(names)


def _amount(text: str) -> Decimal:
    """Return a sum that may be written as people do.

    >>> _amount("c. £1.2m"), _amount("£50k"), _amount("1,250.50")
    (Decimal('1200000.0'), Decimal('50000'), Decimal('1250.50'))
    """
    bare = " ".join(_words()["about"].sub(" ", text).split())
    if (match := _SUM.fullmatch(bare)) is not None and match[2]:
        times = _words()["factors"].get(match[2].casefold())
        if times is not None:
            return read_amount(match[1]) * Decimal(times)
    return read_amount(bare or text)


@lru_cache(maxsize=_REMEMBERED)
def _months(text: str, *, bare: bool = False) -> int | None:
    """Return for how many months something is, where a text says so; a number alone is of months if it may be `bare`.

    >>> (
    ...     _months("2 x 12 months"),
    ...     _months("Yes - up to 2 years"),
    ...     _months("1+1"),
    ...     _months("31/03/2027"),
    ...     _months("3", bare=True),
    ... )
    (24, 24, 24, None, 3)
    """
    if bare and text.strip().isdigit():
        months = int(text)
    elif _PLUS.fullmatch(text.strip()):
        months = 12 * sum(map(int, text.split("+")))
    else:
        found = [match for match in _TERM.finditer(text) if match["unit"].casefold() in _MONTHS]
        months = sum(
            int(match["times"] or 1)
            * (_NUMBERS.get(match["number"].casefold()) or int(match["number"]))
            * _MONTHS[match["unit"].casefold()]
            for match in found
        )
    return months if 0 < months <= _LONGEST else None


@lru_cache(maxsize=_REMEMBERED)
def _later(day: date, months: int) -> date:
    """Return the day so many months later: the end of a month stays one.

    >>> _later(date(2026, 2, 28), 12), _later(date(2026, 3, 31), 24)
    (datetime.date(2027, 2, 28), datetime.date(2028, 3, 31))
    """
    following = day + timedelta(days=1)
    year, month = divmod(following.year * 12 + following.month - 1 + months, 12)
    last = (date(year + (month == 11), (month + 1) % 12 + 1, 1) - timedelta(days=1)).day  # noqa: PLR2004 - December
    return date(year, month + 1, min(following.day, last)) - timedelta(days=1)


@lru_cache(maxsize=_REMEMBERED)
def _truth(text: str) -> bool | None:
    plain = _plain(text)
    return True if plain in _words()["yes"] else False if plain in _words()["no"] else None


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


@cache
def _words() -> Mapping[str, Any]:
    text = files("civicgraph.seeds_loader.tables").joinpath("register_words.yaml").read_text(encoding="utf-8")
    return {
        name: re.compile(value, re.IGNORECASE) if isinstance(value, str) else value
        for name, value in yaml.safe_load(text).items()
    }
