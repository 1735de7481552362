"""Files of ownership: who holds what part of whom, from when to when, and who says so.

A person writes them, or they are of Companies House: organisations with significant control, as its interface answers
and as its snapshot has them.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Final

import orjson

from civicgraph.graph.identity.names import provisional_key
from civicgraph.graph.records.dates import DateError, parse_date
from civicgraph.graph.records.register_types import Ownership
from civicgraph.graph.records.types import Party, Rejection
from civicgraph.seeds_loader.faults import SourceFileError, ValueFault
from civicgraph.seeds_loader.identifiers import company_identifier, official
from civicgraph.seeds_loader.ocds.fields import day, identifier, mapping, mappings
from civicgraph.seeds_loader.registers.rows import Row, kind_of, read_records
from civicgraph.seeds_loader.text import clean_text

_IDENTIFIER: Final = re.compile(r"([A-Z]{2}-[A-Z]+)-(.+)")
_CONTROLS: Final = re.compile(r"(?:ownership-of-shares|voting-rights)-(?:50-to-75|75-to-100)-percent.*")
_HERE: Final = re.compile(r"\b(?:england|wales|scotland|northern ireland|united kingdom|uk)\b", re.IGNORECASE)
_ORGANISATION: Final = re.compile(r"(?:corporate-entity|legal-person)-.*")
_COMPANY: Final = re.compile(r"/company/(\w+)/.*")
_HALF: Final = Decimal("0.5")
_HUNDRED: Final = 100


def read_ownership(path: Path) -> Iterator[Ownership | Rejection]:
    """Yield the ownerships of a file, and the rows that were rejected.

    Parameters
    ----------
    path
        A table with the columns `owner`, `owned`, `source`, and any of `owner_id`, `owned_id`, `share`, `control`,
        `from`, `to`. A row gives a share (`51%` or `0.51`), or says in `control` whether the owner decides alone
        (`yes`, `no`), or both: then `control` decides. `from` and `to` are days, months, years or other EDTF; empty
        means that nothing bounds it. Or JSON of Companies House, where its name ends so.

    Raises
    ------
    SourceFileError
        The file cannot be read, or has other columns.
    """
    if path.suffix.lower() in (".json", ".jsonl"):
        yield from _significant_control(path)
        return
    lines: dict[Ownership, int] = {}

    def ownership(row: Row) -> Ownership:
        found = _ownership(row.cells, row.place)
        first = lines.setdefault(replace(found, ground="", record=""), row.line)
        if first != row.line:
            raise ValueFault(f"says what line {first} says", "keep one of the two", "row")
        return found

    yield from read_records(path, kind_of("ownership"), ownership)


def _significant_control(path: Path) -> Iterator[Ownership | Rejection]:
    for number, item in _objects(path):
        if isinstance(item, Rejection):
            yield item
            continue
        data = mapping(mapping(item).get("data")) or mapping(item)
        told = _COMPANY.fullmatch(identifier(mapping(data.get("links")).get("self")))
        company = company_identifier(told[1]) if told else None
        name, registered = clean_text(data.get("name")), mapping(data.get("identification"))
        if not name or company is None or not _ORGANISATION.fullmatch(identifier(data.get("kind"))):
            reason = "not an organisation that has significant control of a company with a number"
            yield Rejection(path.name, number, "kind", reason, "nothing is to be done", name)
            continue
        is_here = _HERE.search(clean_text(registered.get("country_registered")))
        own = company_identifier(identifier(registered.get("registration_number"))) if is_here else None
        natures = data.get("natures_of_control")
        controls = any(map(_CONTROLS.fullmatch, map(str, natures if isinstance(natures, list) else ())))
        days = (day(data.get(name)) for name in ("notified_on", "ceased_on"))
        parties = Party(name, (own,) if own else ()), Party(company, (company,))
        yield Ownership(
            *parties,
            controls,
            "Companies House",
            f"{path.name}:{number}",
            None,
            *(one.isoformat() if one else None for one in days),
        )


def _objects(path: Path) -> Iterator[tuple[int, object]]:
    """Yield what the lines of a file hold, or the members of its one document, each with its line or place."""
    is_lines = path.suffix.lower() == ".jsonl"
    try:
        with path.open("rb") as file:
            for number, raw in enumerate(file if is_lines else [file.read()], 1):
                try:
                    value = orjson.loads(raw)
                except orjson.JSONDecodeError as error:
                    yield number, Rejection(path.name, number, "line", f"not JSON: {error.msg}", "complete it")
                else:
                    yield from enumerate([value] if is_lines else mappings(mapping(value).get("items")), number)
    except OSError as error:
        raise SourceFileError(path.name, None, error.strerror or str(error), "name a readable file") from error


def _ownership(cells: Mapping[str, str], place: str) -> Ownership:
    owner, owned = _party(cells, "owner"), _party(cells, "owned")
    if provisional_key(owner.name, owner.identifiers) == provisional_key(owned.name, owned.identifiers):
        raise ValueFault(f"{owned.name!r} would own itself", "name what the owner holds", "owned")
    share, control = _share(cells.get("share", "")), cells.get("control", "").lower()
    if share is None and not control:
        raise ValueFault("empty, and so is control", "give a share, or say in control: yes or no", "share")
    controls = control == "yes" if control else share is not None and share > _HALF
    starts, ends = _date(cells, "from"), _date(cells, "to")
    if starts and ends:
        first, last = parse_date(starts).earliest, parse_date(ends).latest
        if first is not None and last is not None and last < first:
            raise ValueFault(f"{ends} is before {starts}", "turn the two round, or correct one", "to")
    return Ownership(owner, owned, controls, cells["source"], place, share, starts, ends)


def _party(cells: Mapping[str, str], column: str) -> Party:
    name, identifier = cells[column], cells.get(f"{column}_id", "")
    if not identifier:
        return Party(name)
    match = _IDENTIFIER.fullmatch(identifier)
    found = official(match[1], match[2]) if match else None
    if found is None:
        remedy = "write the register's code and the number, such as GB-COH-02048608, or leave it empty"
        raise ValueFault(f"{identifier!r} is not an official identifier", remedy, f"{column}_id")
    return Party(name, (found,))


def _share(text: str) -> Decimal | None:
    """Return a share of the whole.

    >>> _share("51%"), _share("0.51"), _share("")
    (Decimal('0.51'), Decimal('0.51'), None)
    """
    if not text:
        return None
    share = Decimal(text.removesuffix("%").strip()) / (_HUNDRED if text.endswith("%") else 1)
    if not 0 < share <= 1:
        raise ValueFault(f"{text!r} is not part of a whole", "write it as 51% or 0.51, at most 100% or 1", "share")
    return share


def _date(cells: Mapping[str, str], column: str) -> str | None:
    text = cells.get(column, "")
    if not text:
        return None
    try:
        bounds = parse_date(text)
    except DateError as error:
        raise ValueFault(str(error), "or leave it empty", column) from error
    if (bounds.latest if column == "from" else bounds.earliest) is None:
        raise ValueFault(f"{text} may mean any day", "give the nearer bound as well, or leave it empty", column)
    return text
