"""Other names and statistical codes of local authorities, from the tables that stand beside the register."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from civicgraph.graph.records.types import Rejection
from civicgraph.seeds_loader.registers.rows import Row

NAME_COLUMNS: Final = {"la-name": "local-authority-code", "name": "local-authority"}
"""The column of the name and that of the code, in mySociety's table and in openregister's."""

GSS_COLUMNS: Final = {"gss-code": "local-authority-code", "gss": "local-authority"}
"""The column of the statistical code and that of the authority's code, in either table."""

_DAMAGED: Final = ("\ufffd", "\u00ef\u00bf\u00bd", "\u00ef\u00be", "ï¿")
"""What is left of letters that a wrong decoding destroyed."""


@dataclass(slots=True)
class Names:
    """Which authorities each name is given to; names are compared without regard to case.

    `official` names belong to their authority whatever another table says.
    """

    official: dict[str, str]
    given: dict[str, dict[str, str]] = field(default_factory=lambda: defaultdict(dict))

    def give(self, code: str, name: str) -> None:
        """Note a name of an authority, in the first spelling that is met."""
        self.given[name.casefold()].setdefault(code, name)

    def owners(self, name: str) -> frozenset[str]:
        """Return the codes of the authorities that a name is given to."""
        key = name.casefold()
        if key in self.official:
            return frozenset({self.official[key]})
        return frozenset(self.given.get(key, ()))

    def of(self) -> Mapping[str, tuple[str, ...]]:
        """Return the names that one authority alone has, by its code, in the order met."""
        by_code: dict[str, list[str]] = defaultdict(list)
        for key, owners in self.given.items():
            if key not in self.official and len(owners) == 1:
                ((code, name),) = owners.items()
                by_code[code].append(name)
        return {code: tuple(names) for code, names in by_code.items()}


def damaged(name: str) -> bool:
    """Return whether letters of a name were lost for good.

    >>> damaged("sir ynys m\u00ef\u00bf\u00bdn"), damaged("Ynys Môn")
    (True, False)
    """
    return any(mark in name for mark in _DAMAGED)


def add_names(names: Names, rows: Iterable[Row], columns: tuple[str, str], codes: Iterable[str]) -> Iterator[Rejection]:
    """Add a table of names; yield the rows that name no authority. `settle` has the rest, once all is read.

    Parameters
    ----------
    names
        What is known so far; the table's names are added.
    rows
        The table, read whole, for openregister's codes can only be told from all the names of one code.
    columns
        The table's columns of names and of codes.
    codes
        The codes of the register.
    """
    table = list(rows)
    known = frozenset(codes)
    name_column, code_column = columns
    older = _older_codes([row for row in table if ":" in row.cells[code_column]], names, columns)
    for row in table:
        name, code = row.cells[name_column], row.cells[code_column]
        now = older.get(code) if ":" in code else code
        if not name:
            yield row.fault(name_column, "no name", "give the name that the code stands for")
        elif damaged(name):
            yield row.fault(name_column, "letters are lost", "write the name as it was before a wrong decoding")
        elif now is None:
            reason = f"none of the names of {code!r}, or several, lead to an authority of the register"
            yield row.fault(code_column, reason, "give a name of that code as the register has it")
        elif now not in known:
            yield row.fault(code_column, f"{code!r} is no code of the register", "give a code that the register has")
        elif names.official.get(name.casefold(), now) != now:
            owner = names.official[name.casefold()]
            yield row.fault(name_column, f"{name!r} is the official name of {owner}", "give it to that authority")
        else:
            names.give(now, name)


def settle(names: Names, rows: Iterable[Row], name_column: str) -> Iterator[Rejection]:
    """Yield the rows whose name turned out to be given to more than one authority: none of them has it."""
    for row in rows:
        name = row.cells[name_column]
        owners = names.owners(name)
        if len(owners) > 1:
            reason = f"{name!r} is given to {', '.join(sorted(owners))}"
            yield row.fault(name_column, reason, "leave it to one of them, or out")


def _older_codes(rows: Sequence[Row], names: Names, columns: tuple[str, str]) -> Mapping[str, str]:
    """Tell which authority each of openregister's codes means.

    Its codes are of another edition: its BAS is Basildon, the register's is Bath and North East Somerset. So a code is
    read by its names: the authority whose official name is among them, else the one that all known ones lead to.
    """
    name_column, code_column = columns
    official: dict[str, set[str]] = defaultdict(set)
    led_to: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        name, code = row.cells[name_column].casefold(), row.cells[code_column]
        if name in names.official:
            official[code].add(names.official[name])
        led_to[code] |= names.owners(name)
    meant = {code: official.get(code) or owners for code, owners in led_to.items()}
    return {code: next(iter(owners)) for code, owners in meant.items() if len(owners) == 1}
