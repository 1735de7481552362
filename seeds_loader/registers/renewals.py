"""The rows of a register that are one contract: of several suppliers, lots and renewals, in a sheet a month."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from civicgraph.graph.records.iris import short_hash
from civicgraph.graph.records.types import ContractRecord, Party

_NOT_LETTERS: Final = re.compile(r"[\W\d_]+")


def of_one_reference(sheets: Mapping[str, Sequence[ContractRecord]]) -> Iterator[ContractRecord]:
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
