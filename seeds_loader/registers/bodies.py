"""A register of public bodies with the tables of their names beside it, as `registers.yaml` describes it."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Final

from civicgraph.graph.records.types import Rejection
from civicgraph.seeds_loader.faults import SourceFileError
from civicgraph.seeds_loader.registers.rows import Row, count_rows, header_of, read_rows
from civicgraph.seeds_loader.yaml_lines import own_yaml

_DAMAGED: Final = ("\ufffd", "\u00ef\u00bf\u00bd", "\u00ef\u00be", "ï¿")
"""What is left of letters that a wrong decoding destroyed."""

REGISTERS: Final = "registers/registers.yaml"
"""What the registers of public bodies leave to their readers."""

Check = Callable[[Row, Mapping[str, Row]], Rejection | None]
"""Returns the rejection of a row for what it says of others, given the rows of the register."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of register; see `registers.yaml`."""

    mark: str
    code: str
    name: str
    columns: tuple[str, ...]
    file: str
    names: Mapping[str, str]
    numbers: Mapping[str, str]
    cells: Mapping[str, Sequence[str]]


Table = tuple[Path, str, str]
"""A table beside a register, with its column of names or numbers and that of codes."""


@dataclass(frozen=True, slots=True)
class Found:
    """The register and the tables that a path stands for; `whole` says that the register itself is asked for."""

    register: Path
    names: tuple[Table, ...]
    numbers: tuple[Table, ...]
    whole: bool

    def count(self) -> int:
        """Return how many rows the files have: loaded and rejected ones."""
        register = [self.register] if self.whole else []
        return sum(map(count_rows, [*register, *(table for table, *_ in (*self.names, *self.numbers))]))


@dataclass(slots=True)
class Names:
    """Which bodies each name is given to; names are compared without regard to case.

    `official` names belong to their body whatever another table says.
    """

    official: dict[str, str]
    given: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))

    def give(self, code: str, name: str) -> None:
        """Note a name of a body, in the first spelling that is met."""
        self.given[name.casefold()].setdefault(code, name)

    def owners(self, name: str) -> frozenset[str]:
        """Return the codes of the bodies that a name is given to."""
        key = name.casefold()
        return frozenset({self.official[key]}) if key in self.official else frozenset(self.given.get(key, ()))

    def of(self) -> Mapping[str, tuple[str, ...]]:
        """Return the names that one body alone has, by its code, in the order met."""
        by_code: dict[str, list[str]] = defaultdict(list)
        for key, owners in self.given.items():
            if key not in self.official and len(owners) == 1:
                ((code, name),) = owners.items()
                by_code[code].append(name)
        return {code: tuple(names) for code, names in by_code.items()}


@cache
def kind_of(name: str) -> Kind:
    """Return a kind of register by its name: `authorities` or `organisations`."""
    data = own_yaml(REGISTERS)["registers"][name]
    return Kind(**{**data, "columns": tuple(data["columns"])})


def find(path: Path, kind: Kind) -> Found:
    """Tell a register and its tables apart by their columns.

    Parameters
    ----------
    path
        A folder: its register, the first by length of name where there are several editions, and all tables. A
        register: that alone. A table: that, and the register beside it.
    kind
        The kind of register.

    Raises
    ------
    SourceFileError
        There is no register, or the file is neither one nor a table of one.
    """
    folder = path if path.is_dir() else path.parent
    around = sorted({*folder.glob("*.csv"), *folder.glob("*.tsv")}, key=lambda file: (len(file.name), file.name))
    header = () if path.is_dir() else header_of(path)
    if not header and not path.is_dir():
        raise SourceFileError(path.name, None, "empty", f"a register has the columns {', '.join(kind.columns)}")
    if kind.mark in header:
        return Found(path, (), (), whole=True)
    names, numbers = _tables(around if path.is_dir() else [path], kind)
    if header and not names and not numbers:
        reason = f"neither a register nor a table of its names: it has {', '.join(header)[:300]}"
        tables = " or ".join((*kind.names, *kind.numbers))
        remedy = f"a register has {', '.join(kind.columns)}; a table has {tables}, and {kind.code}"
        raise SourceFileError(path.name, 1, reason, remedy)
    register = next((file for file in around if kind.mark in _header(file)), None)
    if register is None:
        where, what = ("in it", "name a folder with") if path.is_dir() else ("beside it", "put it beside")
        raise SourceFileError(path.name, None, f"no register {where}", f"{what} {kind.file}")
    return Found(register, names, numbers, whole=path.is_dir())


def _header(path: Path) -> tuple[str, ...]:
    try:
        return header_of(path)
    except SourceFileError:
        return ()


def _tables(paths: Sequence[Path], kind: Kind) -> tuple[tuple[Table, ...], tuple[Table, ...]]:
    """Pick the tables of names and of numbers, the newer edition's first: older codes are read by its names."""
    headers = [(path, header) for path in paths if kind.mark not in (header := _header(path))]
    numbers = [
        (path, column, code)
        for column, code in kind.numbers.items()
        for path, header in headers
        if {column, code} <= {*header}
    ]
    of_numbers = {path for path, *_ in numbers}
    names = [
        (path, column, code)
        for column, code in kind.names.items()
        for path, header in headers
        if {column, code} <= {*header} and (path not in of_numbers or column != "name")
    ]
    return tuple(names), tuple(numbers)


def read_register(path: Path, kind: Kind, check: Check) -> tuple[dict[str, Row], list[Rejection]]:
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
    for row in read_rows(path, kind.columns):
        fault = row if isinstance(row, Rejection) else _fault(row, kind, rows)
        if fault is not None:
            faults.append(fault)
        elif isinstance(row, Row):
            rows[row.cells[kind.code]] = row
    # What a row names may stand below it, or in a row that was rejected: then that one goes as well.
    while lost := {code: fault for code, row in rows.items() if (fault := check(row, rows))}:
        faults += lost.values()
        rows = {code: row for code, row in rows.items() if code not in lost}
    return rows, faults


def _fault(row: Row, kind: Kind, rows: Mapping[str, Row]) -> Rejection | None:
    cells = row.cells
    for column, (pattern, remedy) in kind.cells.items():
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
    if (first := rows.get(cells[kind.code])) is not None:
        reason = f"{cells[kind.code]!r} stands in line {first.line} already"
        return row.fault(kind.code, reason, "keep one of the rows")
    return None


def damaged(name: str) -> bool:
    """Return whether letters of a name were lost for good.

    >>> damaged("sir ynys m\u00ef\u00bf\u00bdn"), damaged("Ynys Môn")
    (True, False)
    """
    return any(mark in name for mark in _DAMAGED)


def add_tables(
    names: Names, tables: Sequence[Table], rows: Mapping[str, Row], touched: set[str]
) -> Iterator[Rejection]:
    """Add tables of names; yield their rows that name no body, and those whose name more than one body has.

    Parameters
    ----------
    names
        What is known so far; the names of the tables are added.
    tables
        The tables.
    rows
        The register.
    touched
        The codes of the bodies that the tables name are added to it.
    """
    accepted: list[tuple[Row, str]] = []
    for path, name_column, code_column in tables:
        # Read whole, because older codes can only be told from all the names of one code.
        found = list(read_rows(path, (name_column, code_column)))
        good = [row for row in found if isinstance(row, Row)]
        older = _older_codes([row for row in good if ":" in row.cells[code_column]], names, name_column, code_column)
        yield from (row for row in found if isinstance(row, Rejection))
        for row in good:
            name, code = row.cells[name_column], row.cells[code_column]
            now = older.get(code) if ":" in code else code
            if not code:
                yield row.fault(
                    code_column, "no body is given for this name", "give a code, or leave it: it is not an alias"
                )
            elif not name or damaged(name):
                yield row.fault(name_column, f"{name!r} is not a name", "give the name that the code stands for")
            elif now is None:
                reason = f"none of the names of {code!r}, or several, lead to a body of the register"
                yield row.fault(code_column, reason, "give a name of that code as the register has it")
            elif now not in rows:
                yield row.fault(
                    code_column, f"{code!r} is not a code of the register", "give a code that the register has"
                )
            elif (owner := names.official.get(name.casefold(), now)) != now:
                yield row.fault(name_column, f"{name!r} is the official name of {owner}", "give it to that body")
            else:
                names.give(now, name)
                accepted.append((row, name_column))
    for row, column in accepted:
        owners = names.owners(row.cells[column])
        touched |= owners
        if len(owners) > 1:
            reason = f"{row.cells[column]!r} is given to {', '.join(sorted(owners))}"
            yield row.fault(column, reason, "leave it to one of them, or out")


def _older_codes(rows: Sequence[Row], names: Names, name_column: str, code_column: str) -> Mapping[str, str]:
    """Tell which body each of openregister's codes means.

    Its codes are of another edition: its BAS is Basildon, the register's is Bath and North East Somerset. So a code is
    read by its names: the body whose official name is among them, else the one that all known ones lead to.
    """
    official: dict[str, set[str]] = defaultdict(set)
    led_to: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        name, code = row.cells[name_column].casefold(), row.cells[code_column]
        if name in names.official:
            official[code].add(names.official[name])
        led_to[code] |= names.owners(name)
    meant = {code: official.get(code) or owners for code, owners in led_to.items()}
    return {code: next(iter(owners)) for code, owners in meant.items() if len(owners) == 1}


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
