"""Government organisations, from the register of 2017 and the tables of their names; and lists of companies.

A government organisation is identified as org-id.guide has it: GB-GOR with the register's code. A company number is an
official identifier, and decides.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from civicgraph.graph.records.register_types import Authority
from civicgraph.graph.records.types import Party, Rejection
from civicgraph.seeds_loader.faults import ValueFault
from civicgraph.seeds_loader.identifiers import company_identifier
from civicgraph.seeds_loader.registers.bodies import REGISTERS, damaged, find, kind_of, read_register
from civicgraph.seeds_loader.registers.rows import Row, header_of, read_records, read_rows
from civicgraph.seeds_loader.yaml_lines import own_yaml

_CODE: Final = "government-organisation"
_COMPANIES: Final = (("company_number", "supplier_name"), ("CompanyNumber", "CompanyName"))
"""The columns of a list of suppliers with their company numbers, and of the register of Companies House."""

_FORMER: Final = re.compile(r"PreviousName_\d+\.CompanyName")


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
    register, tables = find(path, kind_of("organisations"))
    rows, faults = read_register(register, kind_of("organisations"))
    yield from faults
    aliases: dict[str, dict[str, str]] = defaultdict(dict)
    for table, column in tables:
        for row in read_rows(table, (column, _CODE)):
            fault = row if isinstance(row, Rejection) else _fault_of_name(row, column, rows)
            if fault is not None:
                yield fault
            elif isinstance(row, Row):
                name = row.cells[column]
                aliases[row.cells[_CODE]].setdefault(name.casefold(), name)
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


def _fault_of_name(row: Row, column: str, rows: Mapping[str, Row]) -> Rejection | None:
    name, code = row.cells[column], row.cells[_CODE]
    if not code:
        return row.fault(_CODE, "no body is given for this name", "give a code, or leave it: it is not an alias")
    if not name or damaged(name):
        return row.fault(column, f"{name!r} is not a name", "give the name that the code stands for")
    if code not in rows:
        return row.fault(_CODE, f"{code!r} is not a code of the register", "give a code that the register has")
    return None


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
    header = () if path.is_dir() else header_of(path)
    return next((columns for columns in _COMPANIES if {*columns} <= {*header}), None)


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

    return read_records(path, columns, company)
