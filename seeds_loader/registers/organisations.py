"""Government organisations, from the register of 2017 and the tables of their names beside it.

An organisation is identified as org-id.guide has it: GB-GOR with the register's code.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final

import yaml

from civicgraph.graph.records.register_types import Authority
from civicgraph.graph.records.types import Rejection
from civicgraph.seeds_loader.faults import SourceFileError
from civicgraph.seeds_loader.registers.aliases import Names, damaged
from civicgraph.seeds_loader.registers.rows import Row, count_rows, header_of, read_rows

CODE: Final = "government-organisation"
COLUMNS: Final = (CODE, "name", "website", "start-date", "end-date")
"""The columns that a register must have."""

_ALIAS_COLUMNS: Final = ("name", "abbreviation")
_DATE: Final = re.compile(r"\d{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?")
"""A day, a month or a year: the register knows some ends only by the year."""


@dataclass(frozen=True, slots=True)
class _Department:
    code: re.Pattern[str]
    name: re.Pattern[str]
    but_not: re.Pattern[str]


def read_organisations(path: Path) -> Iterator[Authority | Rejection]:
    """Yield government organisations, and what was rejected.

    Parameters
    ----------
    path
        A folder: its register and the tables of names. A register: that alone. A table: its organisations, as the
        register beside it has them, with the names of that table. A name that the table gives to no organisation is
        rejected: it may be anybody's.

    Yields
    ------
    Authority | Rejection
        Departments and other public bodies, in the register's order, after what was rejected.

    Raises
    ------
    SourceFileError
        A file cannot be read as a register or a table of one.
    """
    register_file, tables, whole = _find(path)
    register: dict[str, Row] = {}
    for row in read_rows(register_file, COLUMNS):
        fault = row if isinstance(row, Rejection) else _fault(row, register)
        if fault is None and isinstance(row, Row):
            register[row.cells[CODE]] = row
        elif fault is not None and whole:
            yield fault
    names = Names({row.cells["name"].casefold(): code for code, row in register.items()})
    accepted: list[tuple[Row, str]] = []
    for table, column in tables:
        for row in read_rows(table, (column, CODE)):
            fault = row if isinstance(row, Rejection) else _alias_fault(row, column, register, names)
            if fault is not None:
                yield fault
            elif isinstance(row, Row):
                names.give(row.cells[CODE], row.cells[column])
                accepted.append((row, column))
    for row, column in accepted:
        owners = names.owners(row.cells[column])
        if len(owners) > 1:
            reason = f"{row.cells[column]!r} is given to {', '.join(sorted(owners))}"
            yield row.fault(column, reason, "leave it to one of them, or out")
    aliases = names.of()
    wanted = register.keys() if whole else {row.cells[CODE] for row, _column in accepted}
    yield from (_organisation(row, aliases.get(code, ())) for code, row in register.items() if code in wanted)


def count_organisation_rows(path: Path) -> int:
    """Return how many rows the files have that `read_organisations` reads for a path: loaded and rejected ones."""
    register, tables, whole = _find(path)
    return sum(count_rows(file) for file in ([register] if whole else []) + [table for table, _column in tables])


def class_of(code: str, name: str) -> str:
    """Return the class of a government organisation.

    >>> class_of("D17", "Ministry of Defence"), class_of("OT1175", "Department of Health (Northern Ireland)")
    ('Department', 'Department')
    >>> class_of("EA66", "HM Passport Office")
    'PublicBody'
    """
    rule = _department()
    named = rule.name.fullmatch(name) and not rule.but_not.fullmatch(name)
    return "Department" if rule.code.fullmatch(code) or named else "PublicBody"


@cache
def _department() -> _Department:
    text = files("civicgraph.seeds_loader.registers").joinpath("registers.yaml").read_text(encoding="utf-8")
    rule: Mapping[str, str] = yaml.safe_load(text)["departments"]
    return _Department(*(re.compile(rule[part].replace("| ", "|")) for part in ("code", "name", "but_not")))


def _find(path: Path) -> tuple[Path, list[tuple[Path, str]], bool]:
    folder = path if path.is_dir() else path.parent
    around = sorted({*folder.glob("*.tsv"), *folder.glob("*.csv")})
    if path.is_dir():
        register = next((file for file in around if _is_register(file)), None)
        if register is None:
            raise SourceFileError(
                path.name, None, "no register in it", "name a folder with government-organisation.tsv"
            )
        return register, [found for file in around for found in _table(file)], True
    header = header_of(path)
    if "website" in header or not header:
        return path, [], True
    tables = _table(path)
    if not tables:
        found = ", ".join(header)[:300]
        remedy = f"a register has {', '.join(COLUMNS)}; a table has name or abbreviation, and {CODE}"
        raise SourceFileError(path.name, 1, f"neither a register nor a table of its names: it has {found}", remedy)
    register = next((file for file in around if _is_register(file)), None)
    if register is None:
        raise SourceFileError(path.name, None, "no register beside it", "put government-organisation.tsv beside it")
    return register, tables, False


def _is_register(path: Path) -> bool:
    return set(COLUMNS) <= set(_header(path))


def _table(path: Path) -> list[tuple[Path, str]]:
    header = _header(path)
    if len(header) != 2 or CODE not in header:  # noqa: PLR2004 - a name and a code
        return []
    return [(path, column) for column in _ALIAS_COLUMNS if column in header]


def _header(path: Path) -> tuple[str, ...]:
    try:
        return header_of(path)
    except SourceFileError:
        return ()


def _fault(row: Row, register: Mapping[str, Row]) -> Rejection | None:
    cells = row.cells
    if not re.fullmatch(r"[A-Z]{1,3}\d{1,5}", cells[CODE]):
        return row.fault(CODE, f"{cells[CODE]!r} is no code", "capital letters and a number, such as D17")
    if cells[CODE] in register:
        reason = f"{cells[CODE]!r} stands in line {register[cells[CODE]].line} already"
        return row.fault(CODE, reason, "keep one of the rows")
    if not cells["name"] or damaged(cells["name"]):
        return row.fault("name", f"{cells['name']!r} is no name", "give the organisation's name")
    for field in ("start-date", "end-date"):
        if cells[field] and not _DATE.fullmatch(cells[field]):
            return row.fault(field, f"{cells[field]!r} is no date", "YYYY-MM-DD, YYYY-MM, YYYY, or nothing")
    return None


def _alias_fault(row: Row, column: str, register: Mapping[str, Row], names: Names) -> Rejection | None:
    name, code = row.cells[column], row.cells[CODE]
    if not code:
        return row.fault(CODE, "no organisation is given for this name", "give a code, or leave it: it is no alias")
    if code not in register:
        return row.fault(CODE, f"{code!r} is no code of the register", "give a code that the register has")
    if not name or damaged(name):
        return row.fault(column, f"{name!r} is no name", "give the name that the code stands for")
    owner = names.official.get(name.casefold(), code)
    if owner != code:
        return row.fault(column, f"{name!r} is the name of {owner}", "give it to that organisation")
    return None


def _organisation(row: Row, aliases: tuple[str, ...]) -> Authority:
    cells = row.cells
    return Authority(
        identifier=f"GB-GOR-{cells[CODE]}",
        name=cells["name"],
        cls=class_of(cells[CODE], cells["name"]),
        record=row.place,
        aliases=aliases,
        starts=cells["start-date"] or None,
        ends=cells["end-date"] or None,
        website=cells["website"] or None,
    )
