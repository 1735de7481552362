"""Fields of a claims file, read one by one; a fault says the line, the field, what is wrong and what would be right."""

import re
from collections.abc import Callable, Container, Iterable
from datetime import date
from typing import Final, TypeVar

from civicgraph.graph.records.dates import DateError, parse_date
from civicgraph.graph.records.iris import thing_iri
from civicgraph.graph.records.types import Evidence
from civicgraph.seeds_loader.faults import ValueFault, nearest
from civicgraph.seeds_loader.yaml_lines import Located

_V = TypeVar("_V")
_AT: Final = re.compile(r"(\d{1,9})-(\d{1,9})")
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
"""What neither XML nor a terminal takes for text. YAML lets it in by its escapes."""


class Fault(ValueFault):
    """One field of one record is at fault, in a line of the file."""

    def __init__(self, line: int, field: str, reason: str, remedy: str) -> None:
        self.line = line
        super().__init__(reason, remedy, field)


def check_fields(record: Located, known: Iterable[str], where: str) -> None:
    """Refuse a record that is not a mapping, has a field that is not known, or has one twice."""
    words = tuple(known)
    if record.fields is None:
        raise Fault(record.line, where, "no mapping", f"write fields such as {words[0]}:")
    for name, value in record.fields.items():
        if name not in words:
            raise Fault(value.line, f"{where}.{name}", f"unknown field {name!r}", nearest(name, words))
    if record.repeated:
        name, line = record.repeated[0]
        raise Fault(line, f"{where}.{name}", "given twice", "keep one")


def optional(record: Located, name: str) -> Located | None:
    """Return a field's value, or None where the record has none."""
    return (record.fields or {}).get(name)


def present(record: Located, name: str, where: str) -> Located:
    """Return the value of a field that every such record needs."""
    found = optional(record, name)
    if found is None:
        raise Fault(record.line, f"{where}.{name}", "missing", "every such record needs it")
    return found


def mapping(record: Located, name: str) -> Located:
    """Return a field that is a mapping; an empty one where the record has none or has it empty."""
    found = optional(record, name)
    if found is None or found.value == "":
        return Located({}, record.line)
    if found.fields is None:
        raise Fault(found.line, name, "no mapping", "write kind/slug: and what belongs to it")
    return found


def members(value: Located | None) -> Iterable[Located]:
    """Return the members of a sequence; a single value stands for a sequence of one, None for an empty one."""
    if value is None:
        return ()
    return (value,) if value.items is None else value.items


def text(record: Located, name: str, where: str) -> str:
    """Return a required field's text."""
    return converted(present(record, name, where), f"{where}.{name}", str)


def converted(value: Located, field: str, read: Callable[[str], _V]) -> _V:
    """Return what a reader makes of a value's text; a ValueFault of the reader gets its line and field."""
    if value.text is None:
        raise Fault(value.line, field, "no text", "write one value")
    if found := _CONTROLS.search(value.text):
        raise Fault(value.line, field, f"holds the control character {found[0]!r}", "take it out")
    try:
        return read(value.text)
    except ValueFault as fault:
        raise Fault(value.line, field, fault.reason, fault.remedy) from fault


def one_of(record: Located, name: str, words: tuple[str, ...], where: str) -> str:
    """Return a field that is one of some words; the first is meant where the record has none."""
    found = optional(record, name)
    if found is None:
        return words[0]
    if found.text not in words:
        raise Fault(found.line, f"{where}.{name}", f"unknown term {found.text!r}", nearest(found.text or "", words))
    return found.text


def thing(value: Located, field: str, declared: Container[str]) -> str:
    """Return the IRI of a thing that the file declares."""
    key = converted(value, field, str)
    if key not in declared:
        raise Fault(value.line, field, f"{key!r} is not declared", "declare it under things: in the same file")
    return thing_iri(key)


def whole_number(record: Located, name: str, where: str) -> int:
    """Return a required count."""
    found = text(record, name, where)
    if re.fullmatch(r"\d{1,9}", found) is None:
        line = present(record, name, where).line
        raise Fault(line, f"{where}.{name}", f"{found!r} is not a count", "write digits only")
    return int(found)


def days(record: Located, name: str, where: str) -> tuple[date, date]:
    """Return the earliest and latest day that a required date can mean."""
    line = present(record, name, where).line
    try:
        bounds = parse_date(text(record, name, where))
    except DateError as error:
        raise Fault(line, f"{where}.{name}", str(error), "correct it") from error
    if bounds.earliest is None or bounds.latest is None:
        raise Fault(line, f"{where}.{name}", "open at one side", "give both ends, as wide as need be")
    return bounds.earliest, bounds.latest


def evidence(record: Located, where: str, sha256: str, characters: int) -> Evidence:
    """Return the place in the document that a record's `at` names."""
    at = present(record, "at", where)
    match = _AT.fullmatch(at.text or "")
    if match is None:
        raise Fault(at.line, f"{where}.at", f"{at.text!r} is not a place", "write start-end, such as 104-198")
    start, end = int(match[1]), int(match[2])
    if not start < end <= characters:
        reason = f"{start}-{end} lies outside the document"
        raise Fault(at.line, f"{where}.at", reason, f"the document has code points 0 to {characters}")
    return Evidence(sha256, start, end)
