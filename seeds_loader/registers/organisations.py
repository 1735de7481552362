"""Government organisations, from the register of 2017 and the tables of their names beside it.

An organisation is identified as org-id.guide has it: GB-GOR with the register's code.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from civicgraph.graph.records.register_types import Authority
from civicgraph.graph.records.types import Rejection
from civicgraph.seeds_loader.registers.bodies import REGISTERS, Names, add_tables, find, kind_of, read_register
from civicgraph.seeds_loader.yaml_lines import own_yaml

KIND: Final = "organisations"
CODE: Final = "government-organisation"


def read_organisations(path: Path) -> Iterator[Authority | Rejection]:
    """Yield government organisations, and what was rejected.

    Parameters
    ----------
    path
        A register of government organisations, a table of their names, or a folder of these; see `find`. A name that a
        table gives to no organisation is rejected: it may be anybody's.

    Yields
    ------
    Authority | Rejection
        Departments and other public bodies, in the register's order, after what was rejected.

    Raises
    ------
    SourceFileError
        A file cannot be read as a register or a table of one.
    """
    kind = kind_of(KIND)
    found = find(path, kind)
    rows, faults = read_register(found.register, kind, lambda *_: None)
    names = Names({row.cells["name"].casefold(): code for code, row in rows.items()})
    yield from faults if found.whole else ()
    touched: set[str] = set()
    yield from add_tables(names, found.names, rows, touched)
    aliases = names.of()
    for code, row in rows.items():
        cells = row.cells
        if found.whole or code in touched:
            yield Authority(
                identifier=f"GB-GOR-{code}",
                name=cells["name"],
                cls=class_of(code, cells["name"]),
                record=row.place,
                aliases=aliases.get(code, ()),
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
