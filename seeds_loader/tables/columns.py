"""Which column of a table plays which role, by known names or by a mapping file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final, Literal

import yaml

from civicgraph.seeds_loader.faults import SourceFileError, nearest
from civicgraph.seeds_loader.located import Located, read_yaml
from civicgraph.seeds_loader.tables.table import Table, plain

DATE_ORDER: Final = "date_order"
"""What a mapping file may say beside roles: `date_order: month first`."""

ORDERS: Final = ("day first", "month first")

Basis = Literal["payments", "sales"]


@dataclass(frozen=True, slots=True)
class Columns:
    """The places of the columns by role, from 0; None where a table has none."""

    supplier: int
    amount: int
    buyer: int | None = None
    date: int | None = None
    month: int | None = None
    description: tuple[int, ...] = ()
    department: int | None = None
    company_number: int | None = None
    charity_number: int | None = None
    sector: int | None = None
    lot: int | None = None
    currency: int | None = None


@cache
def synonyms() -> Mapping[str, Mapping[str, int]]:
    """Return the known names of each role in their plain form, with their rank: the lowest is to be preferred."""
    listed = yaml.safe_load((files("civicgraph.seeds_loader.tables") / "headers.yaml").read_text(encoding="utf-8"))
    return {
        str(role): {name: rank for rank, name in reversed(list(enumerate(map(plain, names))))}
        for role, names in listed.items()
    }


def known_headers(mapping: Mapping[str, str] | None = None) -> frozenset[str]:
    """Return every known header name, and those of a mapping, in plain form."""
    given = (plain(name) for names in (mapping or {}).values() for name in names.split("\n"))
    return frozenset(name for names in synonyms().values() for name in names) | frozenset(given)


def basis_of(headers: Sequence[str]) -> Basis:
    """Return what the rows of a table with these headers are: a body's own payments, or sales a supplier declares.

    >>> basis_of(["Payment Date", "Supplier", "Amount"]), basis_of(["SupplierName", "CustomerName", "EvidencedSpend"])
    ('payments', 'sales')
    """
    return "sales" if any(plain(header) in synonyms()["customer"] for header in headers) else "payments"


def read_mapping(path: Path) -> dict[str, str]:
    """Return what a mapping file says: YAML of `role: header`, for the roles that are not recognised.

    A role of several columns (`description`) takes a list; its headers are joined by line ends. `date_order` may say
    `month first`.

    Raises
    ------
    SourceFileError
        The file is no such mapping, or names a role that there is not.
    """
    root = read_yaml(path)
    if root.fields is None:
        raise SourceFileError(path.name, root.line, "no mapping", "write lines such as supplier: Payee")
    roles = (*synonyms(), DATE_ORDER)
    return {role: _mapped(path.name, role, value, roles) for role, value in root.fields.items()}


def _mapped(file: str, role: str, value: Located, roles: Sequence[str]) -> str:
    if role not in roles:
        raise SourceFileError(file, value.line, f"unknown role {role!r}", nearest(role, roles))
    headers = [value.text] if value.items is None else [item.text for item in value.items]
    texts = [header for header in headers if header]
    if not texts or len(texts) != len(headers) or (len(texts) > 1 and role != "description"):
        raise SourceFileError(file, value.line, f"{role} names no header", "write one header as the table has it")
    if role == DATE_ORDER and texts[0] not in ORDERS:
        raise SourceFileError(file, value.line, f"unknown order {texts[0]!r}", f"write {' or '.join(ORDERS)}")
    return "\n".join(texts)


def find_columns(table: Table, mapping: Mapping[str, str] | None = None) -> Columns:
    """Return the columns of a table by role; what the mapping says goes before what the names say.

    Raises
    ------
    SourceFileError
        A header of the mapping is not in the table, or supplier, amount or date cannot be placed: the message lists
        the headers and the mapping file to write.
    """
    given = dict(mapping or {})
    placed = {role: _place(table, role, given.get(role)) for role in synonyms()}
    missing = [role for role in ("supplier", "amount") if not placed[role]]
    if not placed["date"] and not placed["month"]:
        missing.append("date")
    if missing:
        raise SourceFileError(table.file, table.line, *_unplaced(table, missing))
    first = {role: places[0] if places else None for role, places in placed.items()}
    return Columns(
        supplier=placed["supplier"][0],
        amount=placed["amount"][0],
        buyer=first["buyer"] if first["customer"] is None or "buyer" in given else first["customer"],
        date=first["date"],
        month=first["month"],
        description=tuple(sorted(placed["description"])),
        department=first["department"],
        company_number=first["company_number"],
        charity_number=first["charity_number"],
        sector=first["sector"],
        lot=first["lot"],
        currency=first["currency"],
    )


def _place(table: Table, role: str, given: str | None) -> list[int]:
    """Return the places of a role's columns, the preferred one first."""
    plain_headers = [plain(header) for header in table.headers]
    if given is not None:
        wanted = [plain(name) for name in given.split("\n")]
        lacking = [name for name in given.split("\n") if plain(name) not in plain_headers]
        if lacking:
            listed = ", ".join(filter(None, table.headers))
            raise SourceFileError(
                table.file, table.line, f"no header {lacking[0]!r} for {role}", f"the headers are: {listed}"
            )
        return [plain_headers.index(name) for name in wanted]
    ranks = synonyms()[role]
    found = sorted((ranks[name], at) for at, name in enumerate(plain_headers) if name in ranks)
    if role in ("supplier", "amount") and len({rank for rank, _ in found[:2]}) < len(found[:2]):
        name = table.headers[found[0][1]]
        raise SourceFileError(table.file, table.line, f"two columns called {name!r}", "rename or remove one")
    return [at for _, at in found]


def _unplaced(table: Table, missing: Sequence[str]) -> tuple[str, str]:
    listed = ", ".join(repr(header) for header in table.headers if header)
    lines = "\n".join(f"  {role}: <the header of its column>" for role in missing)
    reason = f"no column is known to be the {' or the '.join(missing)}; the headers are {listed}"
    remedy = f"write a file mapping.yaml and give it as --mapping mapping.yaml:\n{lines}"
    return reason, remedy
