"""A register of public bodies as `registers.yaml` describes it: its rows by code, and the tables of names beside it."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

from civicgraph.graph.records.types import Rejection
from civicgraph.seeds_loader.faults import SourceFileError
from civicgraph.seeds_loader.registers.rows import Row, header_of, read_rows
from civicgraph.seeds_loader.yaml_lines import own_yaml

_DAMAGED: Final = ("\ufffd", "\u00ef\u00bf\u00bd", "\u00ef\u00be", "ï¿")
"""What is left of letters that a wrong decoding destroyed."""

REGISTERS: Final = "registers/registers.yaml"
"""What the registers of public bodies leave to their readers."""

Check = Callable[[Row, Mapping[str, Row]], Rejection | None]
"""Returns the rejection of a row for what it says of others, given the rows of the register."""


Kind = Mapping[str, Any]
"""A kind of register, as `registers.yaml` has it."""


def kind_of(name: str) -> Kind:
    """Return a kind of register by its name: `authorities` or `organisations`."""
    found: Kind = own_yaml(REGISTERS)["registers"][name]
    return found


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
        if kind["mark"] in (header := header_of(path)):
            return path, []
        reason = f"not a register: it has {', '.join(header)[:300]}" if header else "empty"
        more = "; a table of names is loaded with the folder that holds it and its register" if kind["names"] else ""
        raise SourceFileError(path.name, 1, reason, f"a register has the columns {', '.join(kind['columns'])}{more}")
    files = sorted({*path.glob("*.csv"), *path.glob("*.tsv")}, key=lambda file: (len(file.name), file.name))
    headers = {file: _header(file) for file in files}
    register = next((file for file, header in headers.items() if kind["mark"] in header), None)
    if register is None:
        raise SourceFileError(path.name, None, "no register in it", f"name a folder with {kind['file']}")
    others = {file: {*header} for file, header in headers.items() if kind["mark"] not in header}
    return register, [(file, name) for name in kind["names"] for file in others if {name, kind["code"]} <= others[file]]


def _header(path: Path) -> tuple[str, ...]:
    try:
        return header_of(path)
    except SourceFileError:
        return ()


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
    for row in read_rows(path, kind["columns"]):
        fault = row if isinstance(row, Rejection) else _fault(row, kind, rows)
        if fault is not None:
            faults.append(fault)
        elif isinstance(row, Row):
            rows[row.cells[kind["code"]]] = row
    # What a row names may stand below it, or in a row that was rejected: then that one goes as well.
    while lost := {code: fault for code, row in rows.items() if (fault := check(row, rows))}:
        faults += lost.values()
        rows = {code: row for code, row in rows.items() if code not in lost}
    return rows, faults


def _fault(row: Row, kind: Kind, rows: Mapping[str, Row]) -> Rejection | None:
    cells = row.cells
    for column, (pattern, remedy) in kind["cells"].items():
        is_day = len(cells[column]) == len("2023-04-01") and column.endswith("-date")
        if (
            not re.fullmatch(pattern, cells[column])
            or damaged(cells[column])
            or (is_day and not _is_day(cells[column]))
        ):
            return row.fault(column, f"{cells[column]!r} will not do", remedy)
    starts, ends = cells["start-date"], cells["end-date"]
    if starts and ends and ends < starts[: len(ends)]:
        return row.fault("end-date", "before start-date", "correct one of them")
    if (first := rows.get(cells[kind["code"]])) is not None:
        reason = f"{cells[kind['code']]!r} stands in line {first.line} already"
        return row.fault(kind["code"], reason, "keep one of the rows")
    return None


def damaged(name: str) -> bool:
    """Return whether letters of a name were lost for good.

    >>> damaged("sir ynys m\u00ef\u00bf\u00bdn"), damaged("Ynys Môn")
    (True, False)
    """
    return any(mark in name for mark in _DAMAGED)


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
