"""Registers of public bodies: their rows by code, and the tables of names beside them; government; lists of companies.

A government organisation is identified as org-id.guide has it: GB-GOR with the register's code. A company number is an
official identifier, and decides.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

from civicgraph.graph.records.register_types import Authority
from civicgraph.graph.records.types import Party, Rejection
from civicgraph.seeds_loader.faults import SourceFileError, ValueFault
from civicgraph.seeds_loader.identifiers import company_identifier
from civicgraph.seeds_loader.registers.rows import REGISTERS, Kind, Row, damaged, kind_of, read_records
from civicgraph.seeds_loader.tables.table import read_table
from civicgraph.seeds_loader.yaml_lines import own_yaml

_FORMER: Final = re.compile(r"PreviousName_\d+\.CompanyName")

Check = Callable[[Row, Mapping[str, Row]], Rejection | None]
"""Returns the rejection of a row for what it says of others, given the rows of the register."""


def find(path: Path, kind: Kind) -> tuple[Path, list[tuple[Path, str]]]:
    """Return the register that a path stands for, and the tables of names beside it, each with its column of names.

    Parameters
    ----------
    path
        A register; or a folder: its register, the first by length of name where there are several editions, and all
        tables of its names.
    kind
        The kind of register.

    Raises
    ------
    SourceFileError
        The file is not a register, or there is none in the folder.
    """
    if not path.is_dir():
        if kind["mark"] in (header := read_table(path).headers):
            return path, []
        more = "; a table of names is loaded with the folder that holds it and its register" if kind["names"] else ""
        remedy = f"a register has the columns {', '.join(kind['columns'])}{more}"
        raise SourceFileError(path.name, 1, f"not a register: it has {', '.join(header)[:300]}", remedy)
    files = sorted({*path.glob("*.csv"), *path.glob("*.tsv")}, key=lambda file: (len(file.name), file.name))
    headers = {file: _header(file) for file in files}
    register = next((file for file, header in headers.items() if kind["mark"] in header), None)
    if register is None:
        raise SourceFileError(path.name, None, "no register in it", f"name a folder with {kind['file']}")
    others = {file: header for file, header in headers.items() if kind["mark"] not in header}
    return register, [(file, name) for name in kind["names"] for file in others if {name, kind["code"]} <= others[file]]


def _header(path: Path) -> set[str]:
    try:
        return {*read_table(path).headers}
    except SourceFileError:
        # What else stands in the folder is not asked for.
        return set()


def read_register(path: Path, kind: Kind, check: Check = lambda *_: None) -> tuple[dict[str, Row], list[Rejection]]:
    """Return the rows of a register by their codes, and what was rejected.

    Parameters
    ----------
    path, kind
        The register.
    check
        What a row must not say of others; it is asked again while rows fall out.
    """
    faults: list[Rejection] = []
    rows: dict[str, Row] = {}

    def body(row: Row) -> None:
        code, starts, ends = row.cells[kind["code"]], row.cells["start-date"], row.cells["end-date"]
        if starts and ends and ends < starts[: len(ends)]:
            raise ValueFault("before start-date", "correct one of them", "end-date")
        if code in rows:
            raise ValueFault(f"{code!r} stands in line {rows[code].line} already", "keep one of the rows", kind["code"])
        rows[code] = row

    faults += filter(None, read_records(path, kind, body))
    # What a row names may stand below it, or in a row that was rejected: then that one goes as well.
    while lost := {code: fault for code, row in rows.items() if (fault := check(row, rows))}:
        faults += lost.values()
        rows = {code: row for code, row in rows.items() if code not in lost}
    return rows, faults


def read_organisations(path: Path) -> Iterator[Authority | Rejection]:
    """Yield government organisations, and what was rejected.

    Parameters
    ----------
    path
        A register of government organisations, or a folder with it and tables of their names; see `find`. A name that a
        table gives to no organisation is rejected: it may be anybody's. One that several have leads to none of them,
        as is decided with all other names.

    Yields
    ------
    Authority | Rejection
        Departments and other public bodies, in the register's order, after what was rejected.

    Raises
    ------
    SourceFileError
        A file cannot be read as a register or a table of one.
    """
    kind = kind_of("organisations")
    register, tables = find(path, kind)
    rows, faults = read_register(register, kind)
    yield from faults
    aliases: dict[str, dict[str, str]] = defaultdict(dict)
    for table, column in tables:

        def alias(row: Row, column: str = column) -> None:
            name, code = row.cells[column], row.cells[kind["code"]]
            if not code:
                remedy = "give a code, or leave it: it is not an alias"
                raise ValueFault("no body is given for this name", remedy, kind["code"])
            if not name or damaged(name):
                raise ValueFault(f"{name!r} is not a name", "give the name that the code stands for", column)
            if code not in rows:
                reason = f"{code!r} is not a code of the register"
                raise ValueFault(reason, "give a code that the register has", kind["code"])
            aliases[code].setdefault(name.casefold(), name)

        yield from filter(None, read_records(table, {"columns": (column, kind["code"])}, alias))
    for code, row in rows.items():
        cells = row.cells
        yield Authority(
            identifier=f"GB-GOR-{code}",
            name=cells["name"],
            cls=class_of(code, cells["name"]),
            record=row.place,
            aliases=tuple(one for key, one in aliases[code].items() if key != cells["name"].casefold()),
            starts=cells["start-date"] or None,
            ends=cells["end-date"] or None,
            website=cells["website"] or None,
        )


def class_of(code: str, name: str) -> str:
    """Return the class of a government organisation.

    >>> class_of("D17", "Ministry of Defence"), class_of("OT1175", "Department of Health (Northern Ireland)")
    ('Department', 'Department')
    >>> class_of("EA66", "HM Passport Office")
    'PublicBody'
    """
    rule = own_yaml(REGISTERS)["departments"]
    named = re.fullmatch(rule["name"].replace("| ", "|"), name) and not re.fullmatch(rule["but_not"], name)
    return "Department" if named or re.fullmatch(rule["code"], code) else "PublicBody"


def columns_of_companies(path: Path) -> tuple[str, str] | None:
    """Return the columns of number and name where a file is a list of companies, by its header; else None."""
    header = () if path.is_dir() else read_table(path).headers
    listed = own_yaml(REGISTERS)["companies"]
    return next(((number, name) for number, name in listed if {number, name} <= {*header}), None)


def read_companies(path: Path, columns: tuple[str, str]) -> Iterator[list[Party] | Rejection]:
    """Yield each company of a list under its name and those that it had before, and what was rejected.

    Raises
    ------
    SourceFileError
        The file cannot be read.
    """
    number, named = columns

    def company(row: Row) -> list[Party]:
        name, identifier = row.cells[named], company_identifier(row.cells[number])
        if not name or damaged(name):
            raise ValueFault(f"{name!r} is not a name", "give the name of the company", named)
        if identifier is None:
            reason = f"{row.cells[number]!r} is not a company number"
            raise ValueFault(reason, "write it as Companies House does", number)
        former = [cell for column, cell in row.cells.items() if cell and _FORMER.fullmatch(column)]
        return [Party(one, (identifier,), "Company") for one in (name, *former)]

    return read_records(path, {"columns": columns}, company)
