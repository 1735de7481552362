"""Local authorities and the places they govern, from mySociety's register and the tables of names beside it."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from civicgraph.graph.records.register_types import Area, Authority
from civicgraph.graph.records.types import Rejection
from civicgraph.seeds_loader.faults import SourceFileError
from civicgraph.seeds_loader.registers.aliases import GSS_COLUMNS, NAME_COLUMNS, Names, add_names, damaged, settle
from civicgraph.seeds_loader.registers.authority_rows import (
    GSS,
    areas,
    authority,
    codes,
    dangling,
    fault_of,
    position,
    rules,
)
from civicgraph.seeds_loader.registers.organisations import read_organisations
from civicgraph.seeds_loader.registers.rows import Row, count_rows, header_of, read_rows

__all__ = ["count_authority_rows", "read_authorities", "read_organisations"]

COLUMNS: Final = (
    *("local-authority-code", "official-name", "nice-name", "gss-code", "start-date", "end-date", "replaced-by"),
    *("nation", "region", "local-authority-type", "county-la", "combined-authority", "alt-names", "former-gss-codes"),
    *("lat", "long"),
)
"""The columns that a register must have."""

_COMMA: Final = re.compile(r",(?! )")
"""Between two names in one cell; a comma and a space stand within a name."""


@dataclass(frozen=True, slots=True)
class _Files:
    register: Path
    names: tuple[tuple[Path, str], ...]
    codes: tuple[tuple[Path, str], ...]
    whole: bool


def read_authorities(path: Path) -> Iterator[Authority | Area | Rejection]:
    """Yield nations, regions, authorities, their areas, and what was rejected.

    Parameters
    ----------
    path
        A folder: its register, the first by length of name where there are several editions, and all tables of names
        and codes. A register: that alone. A table: its authorities, as the register beside it has them, with the
        names and codes of that table.

    Yields
    ------
    Authority | Area | Rejection
        Areas before the authorities that they belong to. The aliases of an authority are names that no other has.

    Raises
    ------
    SourceFileError
        A file cannot be read as a register or a table of one.
    """
    found = _find(path)
    register, faults = _register(found.register)
    if not found.whole:
        faults.clear()
    names = Names({row.cells["official-name"].casefold(): code for code, row in register.items()})
    for code, row in register.items():
        faults += [fault for fault in _own_names(names, code, row) if found.whole]
    touched: set[str] = set()
    faults += _tables_of_names(found, names, register, touched)
    gss = _codes_of(register)
    faults += _tables_of_codes(found, gss, register, touched)
    aliases = names.of()
    yield from faults
    wanted = set(register) if found.whole else touched
    yield from areas(register, wanted)
    for code, row in register.items():
        if code in wanted:
            if found.whole:
                yield from _own_ambiguous(names, code, row)
            yield authority(register, code, aliases.get(code, ()), gss[code])


def _register(path: Path) -> tuple[dict[str, Row], list[Rejection]]:
    faults: list[Rejection] = []
    register: dict[str, Row] = {}
    for row in read_rows(path, COLUMNS):
        fault = row if isinstance(row, Rejection) else fault_of(row, register)
        if fault is not None:
            faults.append(fault)
        elif isinstance(row, Row):
            register[row.cells["local-authority-code"]] = row
    # A code that a row names may stand below it, or in a row that was rejected: then that one goes as well.
    while lost := {code: fault for code, row in register.items() if (fault := dangling(row, register))}:
        faults += lost.values()
        register = {code: row for code, row in register.items() if code not in lost}
    return register, faults


def count_authority_rows(path: Path) -> int:
    """Return how many rows the files have that `read_authorities` reads for a path: loaded and rejected ones."""
    found = _find(path)
    tables = [table for table, _column in (*found.names, *found.codes)]
    return sum(count_rows(file) for file in ([found.register] if found.whole else []) + tables)


def _find(path: Path) -> _Files:
    """Tell the register and its tables apart by their columns."""
    folder = path if path.is_dir() else path.parent
    around = sorted({*folder.glob("*.csv"), *folder.glob("*.tsv")}, key=lambda file: (len(file.name), file.name))
    if not path.is_dir():
        kind = header_of(path)
        if "official-name" in kind:
            return _Files(path, (), (), whole=True)
        names, codes = _tables([path])
        if not names and not codes and kind:
            raise SourceFileError(
                path.name,
                1,
                f"neither a register nor a table of its names: it has {', '.join(kind)[:300]}",
                f"a register has {', '.join(COLUMNS)}; a table has la-name or gss-code, and local-authority-code",
            )
        if not kind:
            raise SourceFileError(path.name, None, "empty", f"a register has the columns {', '.join(COLUMNS)}")
        register = next((file for file in around if "official-name" in _header(file)), None)
        if register is None:
            raise SourceFileError(path.name, None, "no register beside it", "put uk_local_authorities.csv beside it")
        return _Files(register, names, codes, whole=False)
    register = next((file for file in around if "official-name" in _header(file)), None)
    if register is None:
        raise SourceFileError(path.name, None, "no register in it", "name a folder with uk_local_authorities.csv")
    return _Files(register, *_tables(around), whole=True)


def _header(path: Path) -> tuple[str, ...]:
    try:
        return header_of(path)
    except SourceFileError:
        return ()


def _tables(paths: Sequence[Path]) -> tuple[tuple[tuple[Path, str], ...], tuple[tuple[Path, str], ...]]:
    """Pick the tables of names and of codes, the newer edition's first: openregister's codes are read by its names."""
    found: list[list[tuple[Path, str]]] = []
    for columns in (NAME_COLUMNS, GSS_COLUMNS):
        headers = [(path, _header(path)) for path in paths]
        found.append(
            [
                (path, name)
                for name, code in columns.items()
                for path, header in headers
                if name in header and code in header and "official-name" not in header
                if columns is GSS_COLUMNS or "gss" not in header
            ]
        )
    return tuple(found[0]), tuple(found[1])


def _tables_of_names(
    found: _Files, names: Names, register: Mapping[str, Row], touched: set[str]
) -> Iterator[Rejection]:
    accepted: list[tuple[str, list[Row]]] = []
    for path, column in found.names:
        rows: list[Row] = []
        for row in read_rows(path, (column, NAME_COLUMNS[column])):
            if isinstance(row, Rejection):
                yield row
            else:
                rows.append(row)
        rejected = set()
        for fault in add_names(names, rows, (column, NAME_COLUMNS[column]), register):
            rejected.add(fault.line)
            yield fault
        accepted.append((column, [row for row in rows if row.line not in rejected]))
    for column, rows in accepted:
        yield from settle(names, rows, column)
        touched.update(*(names.owners(row.cells[column]) for row in rows))


def _tables_of_codes(
    found: _Files, gss: Mapping[str, list[str]], register: Mapping[str, Row], touched: set[str]
) -> Iterator[Rejection]:
    owner = {code: authority for authority, codes in gss.items() for code in codes}
    for path, column in found.codes:
        for row in read_rows(path, (column, GSS_COLUMNS[column])):
            if isinstance(row, Rejection):
                yield row
                continue
            code, authority = row.cells[column], row.cells[GSS_COLUMNS[column]]
            if not code:
                yield row.fault(column, "no GSS code", "give the code, or leave the row out")
            elif not GSS.fullmatch(code):
                yield row.fault(column, f"{code!r} is no GSS code", "a letter for the nation and eight digits")
            elif code in owner:
                # What openregister calls the authority does not matter: its codes are of another edition.
                if ":" in authority or owner[code] == authority:
                    touched.add(owner[code])
                else:
                    yield row.fault(column, f"{code} is a code of {owner[code]}", "give it to that authority")
            elif authority in register and code not in rules().regions.values():
                gss[authority].append(code)
                owner[code] = authority
                touched.add(authority)
            else:
                reason = f"{code} is of no authority in the register"
                yield row.fault(column, reason, "give a code that the register has, now or formerly")


def _own_names(names: Names, code: str, row: Row) -> Iterator[Rejection]:
    for field in ("nice-name", "alt-names"):
        for name in (part.strip() for part in _COMMA.split(row.cells[field])):
            if damaged(name):
                yield row.fault(field, f"letters of {name!r} are lost", "write it as it was", partial=True)
            elif name and names.official.get(name.casefold()) != code:
                names.give(code, name)


def _own_ambiguous(names: Names, code: str, row: Row) -> Iterator[Rejection]:
    said: set[str] = set()
    for name in (part.strip() for field in ("nice-name", "alt-names") for part in _COMMA.split(row.cells[field])):
        owners = names.owners(name) | ({code} if name else set())
        if len(owners) > 1 and name.casefold() not in said:
            said.add(name.casefold())
            reason = f"{name!r} is given to {', '.join(sorted(owners))}"
            yield row.fault("alt-names", reason, "leave it to one of them, or out", partial=True)
    if position(row) is None and (row.cells["lat"] or row.cells["long"]):
        reason = f"{row.cells['lat']!r}, {row.cells['long']!r} is not in the United Kingdom"
        yield row.fault("lat", reason, "degrees north and east (WGS 84)", partial=True)


def _codes_of(register: Mapping[str, Row]) -> dict[str, list[str]]:
    owned: dict[str, list[str]] = defaultdict(list)
    for code, row in register.items():
        former = [gss for gss in codes(row, "former-gss-codes") if GSS.fullmatch(gss)]
        owned[code] = [gss for gss in (row.cells["gss-code"], *former) if gss]
    return owned
