"""Which column of a table plays which role, by known names or by a mapping file; in what unit its money is."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Final, Literal

from civicgraph.seeds_loader.faults import SourceFileError, nearest
from civicgraph.seeds_loader.tables.headers import plain, unit_in, words
from civicgraph.seeds_loader.tables.table import Table, read_table
from civicgraph.seeds_loader.yaml_lines import Fields, Listed, Located, Scalar, own_yaml, read_yaml

DATE_ORDER: Final = "date_order"
UNIT: Final = "unit"

SETTINGS: Final[Mapping[str, Sequence[str]]] = {
    DATE_ORDER: ("day first", "month first"),
    UNIT: ("pounds", "thousands", "millions"),
}
"""What a mapping file may say beside roles."""

_FACTORS: Final = {"pounds": Decimal(1), "thousands": Decimal(10**3), "millions": Decimal(10**6)}
_ONLY_CONTRACTS: Final = ("reference", "title", "start", "end", "review", "extension", "process")
_IS_REGISTER: Final = 3
"""Columns that only contracts have, from which on a table is one of contracts."""

Kind = Literal["spending", "contracts"]


@cache
def synonyms(kind: Kind = "spending") -> Mapping[str, Mapping[str, int]]:
    """Return the known names of each role in their plain form, with their rank: the lowest is to be preferred."""
    name = {"spending": "headers.yaml", "contracts": "register_headers.yaml"}[kind]
    listed = own_yaml(f"tables/{name}")
    return {
        str(role): {name: rank for rank, name in reversed(list(enumerate(map(plain, names))))}
        for role, names in listed.items()
    }


def known_headers(mapping: Mapping[str, str] | None = None, kind: Kind = "spending") -> frozenset[str]:
    """Return every known header name, and those of a mapping, in plain form."""
    given = (plain(name) for names in (mapping or {}).values() for name in names.split("\n"))
    return frozenset(name for names in synonyms(kind).values() for name in names) | frozenset(given)


def is_register(headers: Sequence[str]) -> bool:
    """Return whether a table with these headers is a register of contracts, not one of payments.

    >>> is_register(["Reference", "Contract title", "Supplier", "Start date", "End date", "Value"])
    True
    >>> is_register(["Payment date", "Supplier", "Contract title", "Amount"])
    False
    """
    names = set(map(plain, headers))
    if not names.isdisjoint(_day_of_payment()):
        return False
    register = synonyms("contracts")
    return sum(not names.isdisjoint(register[role]) for role in _ONLY_CONTRACTS) >= _IS_REGISTER


@cache
def _day_of_payment() -> frozenset[str]:
    """Return the names of columns of days and months that only payments have."""
    named = chain(synonyms()["date"], synonyms()["month"])
    return frozenset(name for name in named if words()["paid"].search(name))


def read_mapping(path: Path, kind: Kind = "spending") -> dict[str, str]:
    """Return what a mapping file says: YAML of `role: header`, for the roles that are not recognised.

    A role of several columns (`description`) takes a list; its headers are joined by line ends. `date_order` may say
    `month first`, and `unit` `thousands` or `millions`, of pounds.

    Raises
    ------
    SourceFileError
        The file is not such a mapping, or names a role that does not exist.
    """
    root = read_yaml(path)
    if not isinstance(root, Fields):
        raise SourceFileError(path.name, root.line, "not a mapping", "write lines such as supplier: Payee")
    roles = (*synonyms(kind), *SETTINGS)
    return {role: _mapped(path.name, role, value, roles) for role, value in root.items()}


def _mapped(file: str, role: str, value: Located, roles: Sequence[str]) -> str:
    if role not in roles:
        raise SourceFileError(file, value.line, f"unknown role {role!r}", nearest(role, roles))
    headers = value if isinstance(value, Listed) else [value]
    texts = [str(header) for header in headers if header and isinstance(header, Scalar)]
    if not texts or len(texts) != len(headers) or (len(texts) > 1 and role != "description"):
        raise SourceFileError(
            file, value.line, f"{role} does not name a header", "write one header as the table has it"
        )
    if role in SETTINGS and texts[0] not in SETTINGS[role]:
        word, known = ("order", SETTINGS[role]) if role == DATE_ORDER else (role, SETTINGS[role])
        raise SourceFileError(file, value.line, f"unknown {word} {texts[0]!r}", f"write {' or '.join(known)}")
    return "\n".join(texts)


def find_columns(path: Path, kind: Kind, mapping: Mapping[str, str]) -> tuple[Table, dict[str, list[int]]]:
    """Return a table, and where the columns of each role are that it has, the preferred one first.

    What the mapping says goes before what the names say.

    Raises
    ------
    SourceFileError
        The file cannot be read, or is a table of the other kind; a header of the mapping is not in it; or a role that
        it must have cannot be placed: the message lists the headers and the mapping file to write.
    """
    table = read_table(path, known_headers(mapping, kind))
    contracts = is_register(table.headers)
    if kind == "spending" and contracts and not mapping:
        reason = "a register of contracts, not a table of payments"
        raise SourceFileError(table.file, table.line, reason, f"load it by: civicgraph load contracts {path.name}")
    placed = places(table, mapping, kind)
    missing = lacking(placed, kind)
    is_paid = bool(missing) or not (mapping or _day_of_payment().isdisjoint(map(plain, table.headers)))
    if kind == "contracts" and is_paid and not contracts and not lacking(places(table, {}, "spending"), "spending"):
        reason = "a table of payments, not a register of contracts"
        raise SourceFileError(table.file, table.line, reason, f"load it by: civicgraph load spend {path.name}")
    if missing:
        listed = ", ".join(repr(header) for header in table.headers if header)
        lines = "\n".join(f"  {role}: <the header of its column>" for role in missing)
        reason = f"no column is known to be the {' or the '.join(missing)}; the headers are {listed}"
        remedy = "let --propose-mapping mapping.yaml write a file, complete it, and give it as --mapping mapping.yaml"
        raise SourceFileError(table.file, table.line, reason, f"{remedy}:\n{lines}")
    return table, {role: found for role, found in placed.items() if found}


def places(table: Table, mapping: Mapping[str, str], kind: Kind) -> dict[str, list[int]]:
    """Return where the columns of each role are, the preferred one first.

    Raises
    ------
    SourceFileError
        A header of the mapping is not in the table, or two columns of one name could be meant.
    """
    return {role: _place(table, role, mapping.get(role), kind) for role in synonyms(kind)}


def lacking(placed: Mapping[str, Sequence[int]], kind: Kind) -> list[str]:
    """Return the roles without which a table cannot be read and that have no column."""
    if kind == "contracts":
        # What a contract is for may stand in its description alone, as the code of practice words it.
        needed = ("supplier", "description" if placed["description"] else "title")
        return [role for role in needed if not placed[role]]
    missing = [role for role in ("supplier", "amount") if not placed[role]]
    return missing if placed["date"] or placed["month"] else [*missing, "date"]


def factor(table: Table, amount: int, unit: str | None) -> Decimal:
    """Return how many pounds one of the amounts in a column is.

    Raises
    ------
    SourceFileError
        A title above the table names a unit that the header does not.
    """
    said = unit or unit_in(table.headers[amount])
    if said is None:
        for title in table.sheets[0][1].titles:
            if (above := unit_in(title)) is not None:
                reason = f"its title says {above} ({title[:60]!r}), the header {table.headers[amount]!r} does not"
                remedy = f"give a file with the line unit: {above} (or unit: pounds) as --mapping"
                raise SourceFileError(table.file, table.line, reason, remedy)
    return _FACTORS[said or "pounds"]


def vat_basis(header: str) -> str:
    """Return whether amounts are `net` or `gross` of value-added tax, by their header; nothing where it is silent.

    >>> vat_basis("SumOfAmount_Inc_VAT"), vat_basis("Invoice Line Value (net of VAT)"), vat_basis("Amount")
    ('gross', 'net', '')
    """
    text = words()["between"].sub(" ", header)
    return next((basis for basis in ("gross", "net") if words()[basis].search(text)), "")


def _place(table: Table, role: str, given: str | None, kind: Kind) -> list[int]:
    """Return the places of a role's columns, the preferred one first."""
    headers = list(table.headers)
    if kind == "contracts" and role in ("value", "yearly_value"):
        headers = [words()["vat"].sub(" ", header.replace("_", " ")) for header in headers]
    plain_headers = list(map(plain, headers))
    if given is not None:
        wanted = [plain(name) for name in given.split("\n")]
        absent = [name for name in given.split("\n") if plain(name) not in plain_headers]
        if absent:
            listed = ", ".join(filter(None, table.headers))
            raise SourceFileError(
                table.file, table.line, f"no header {absent[0]!r} for {role}", f"the headers are: {listed}"
            )
        return [plain_headers.index(name) for name in wanted]
    ranks = synonyms(kind)[role]
    found = sorted((ranks[name], at) for at, name in enumerate(plain_headers) if name in ranks)
    if kind == "contracts":
        strange = (at for at, name in enumerate(plain_headers) if name not in known_headers(kind=kind))
        found += [(len(ranks), at) for at in strange if role_by_words(headers[at]) == role]
    if role in ("supplier", "amount") and len({rank for rank, _ in found[:2]}) < len(found[:2]):
        name = table.headers[found[0][1]]
        raise SourceFileError(table.file, table.line, f"two columns called {name!r}", "rename or remove one")
    return [at for _, at in found]


@cache
def role_by_words(header: str) -> str | None:
    """Return the role of a column of a contracts register by the words of its header, or None where they do not tell.

    >>> role_by_words("When did the contract start?"), role_by_words("Est. annual value (£)"), role_by_words("Contact")
    ('start', 'yearly_value', None)
    """
    data = own_yaml("tables/register_header_words.yaml")
    same = {variant: word for word, variants in data["same"].items() for variant in variants}
    text = re.sub(
        own_yaml("tables/register_words.yaml")["yearly"], " annual ", re.sub(r"\byes\W+no\b", " ", header.casefold())
    )
    known = {same.get(word, word) for word in re.findall(r"[a-z]{2,}", text)} - set(data["fillers"])
    for role, told in data["roles"].items():
        if known <= {*chain(*told["has"]), *told["may"]} and not any(map(known.isdisjoint, told["has"])):
            return str(role)
    return None
