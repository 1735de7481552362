"""Lists of organisations: buyers as procurement sites keep them, and suppliers with their company numbers.

A list of buyers has an id of the site's own, a name, and at best a sector.

Their ids are not an official identifiers, because one body has several, and their names are what buyers wrote. So a row
makes an organisation under its name, of no narrower class, and who that is is decided as for every other record. A
company number is an official identifier, and decides.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from civicgraph.graph.records.types import Rejection
from civicgraph.seeds_loader.faults import SourceFileError
from civicgraph.seeds_loader.identifiers import company_identifier
from civicgraph.seeds_loader.registers.bodies import damaged
from civicgraph.seeds_loader.registers.organisations import CODE
from civicgraph.seeds_loader.registers.rows import Row, header_of, read_rows

IDS: Final = ("cloudstore-buyer", "buyer-id")
"""Columns that a list is known by; it has a name, or the code of a government organisation, beside one of them."""

COMPANIES: Final = (("company_number", "supplier_name"), ("CompanyNumber", "CompanyName"))
"""The columns of a list of suppliers with their company numbers, and of the register of Companies House."""

_FORMER: Final = re.compile(r"PreviousName_\d+\.CompanyName")


@dataclass(frozen=True, slots=True)
class Buyer:
    """An organisation as a list names it; `code` is that of a government organisation, where the list has one.

    `former` are names that it had before.
    """

    name: str
    record: str
    sector: str = ""
    code: str = ""
    identifiers: tuple[str, ...] = ()
    former: tuple[str, ...] = ()


def is_list(path: Path) -> bool:
    """Return whether a file is a list of buyers or of companies, by its header."""
    header = set() if path.is_dir() else set(header_of(path))
    lists_buyers = not header.isdisjoint(IDS) and not header.isdisjoint({"name", CODE})
    return lists_buyers or any(map(header.issuperset, COMPANIES))


def read_buyers(path: Path) -> Iterator[Buyer | Rejection]:
    """Yield the buyers of a list, and what was rejected.

    Parameters
    ----------
    path
        A list with names, or one that leads from the ids of another beside it (`-buyers` where this has `-buyer_map`)
        to codes of government organisations. An id that leads to none is rejected: it may be anybody.

    Raises
    ------
    SourceFileError
        The file cannot be read, or the list of names is not beside it.
    """
    header = header_of(path)
    for columns in COMPANIES:
        if set(columns) <= set(header):
            yield from _companies(path, columns)
            return
    column = next(name for name in IDS if name in header)
    names = {} if "name" in header else _names(path, column)
    for row in read_rows(path, (column,)):
        if isinstance(row, Rejection):
            yield row
            continue
        name, code = row.cells.get("name") or names.get(row.cells[column], ""), row.cells.get(CODE, "")
        if names and not code:
            yield row.fault(
                CODE, "no organisation is given for this buyer", "give a code, or leave it: it is not a name"
            )
        elif not name or damaged(name):
            yield row.fault("name", f"{name!r} is not a name", f"give the name of buyer {row.cells[column]}")
        else:
            yield Buyer(name, row.place, row.cells.get("sector", ""), code)


def _companies(path: Path, columns: tuple[str, str]) -> Iterator[Buyer | Rejection]:
    number, named = columns
    for row in read_rows(path, columns):
        if isinstance(row, Rejection):
            yield row
            continue
        name, identifier = row.cells[named], company_identifier(row.cells[number])
        if not name or damaged(name):
            yield row.fault(named, f"{name!r} is not a name", "give the name of the company")
        elif identifier is None:
            yield row.fault(
                number, f"{row.cells[number]!r} is not a company number", "write it as Companies House does"
            )
        else:
            former = tuple(cell for column, cell in row.cells.items() if cell and _FORMER.fullmatch(column))
            yield Buyer(name, row.place, identifiers=(identifier,), former=former)


def _names(path: Path, column: str) -> dict[str, str]:
    beside = path.with_name(path.name.replace("-buyer_map", "-buyers"))
    if beside == path or not beside.exists():
        raise SourceFileError(path.name, None, "no list of names beside it", f"put {beside.name} with the names there")
    rows = (row for row in read_rows(beside, (column, "name")) if isinstance(row, Row))
    return {row.cells[column]: row.cells["name"] for row in rows}
