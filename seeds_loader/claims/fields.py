"""Fields of a claims file, read one by one; a fault says the line, the field, what is wrong and what would be right."""

import re
from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Final, TypeVar

from civicgraph.graph.records.dates import DateError, parse_date
from civicgraph.graph.records.iris import thing_iri
from civicgraph.graph.records.types import Evidence, Rejection
from civicgraph.seeds_loader.faults import ValueFault, nearest
from civicgraph.seeds_loader.report import LoadReport
from civicgraph.seeds_loader.yaml_lines import Fields, Listed, Located, Scalar

_V = TypeVar("_V")
_AT: Final = re.compile(r"(\d{1,9})-(\d{1,9})")
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufffe\uffff]")
"""What neither XML nor a terminal takes for text. YAML lets it in by its escapes."""


class Fault(ValueFault):
    """One field of one record is at fault, in a line of the file."""

    def __init__(self, line: int, field: str, reason: str, remedy: str) -> None:
        self.line = line
        super().__init__(reason, remedy, field)


@contextmanager
def rejecting(report: LoadReport, file: str, record: str) -> Iterator[None]:
    """Reject a record in whose reading a Fault is raised."""
    try:
        yield
    except Fault as fault:
        report.reject(Rejection(file, fault.line, fault.field, fault.reason, fault.remedy, record))


class Record:
    """A record of a claims file.

    Parameters
    ----------
    node
        What the file has.
    where
        The record in the words of a message.
    known
        The fields that it may have.

    Raises
    ------
    Fault
        It is not a mapping, has a field that is not known, or has one twice.
    """

    def __init__(self, node: Located, where: str, known: Sequence[str]) -> None:
        if not isinstance(node, Fields):
            raise Fault(node.line, where, "no mapping", f"write fields such as {known[0]}:")
        self.fields = node
        self.where = where
        for name in node:
            if name not in known:
                raise self.fault(name, f"unknown field {name!r}", nearest(name, known))
        if node.repeated:
            name, line = node.repeated[0]
            raise Fault(line, f"{where}.{name}", "given twice", "keep one")

    def fault(self, name: str, reason: str, remedy: str) -> Fault:
        """Return the fault of a field, where it stands or, if it is missing, where the record does."""
        return Fault(self.fields.get(name, self.fields).line, f"{self.where}.{name}", reason, remedy)

    def read(self, name: str, read: Callable[..., _V], *given: object) -> _V:
        """Return what a reader makes of a field that every such record needs, and of what else it is given."""
        if name not in self.fields:
            raise self.fault(name, "missing", "every such record needs it")
        return converted(self.fields[name], f"{self.where}.{name}", read, *given)

    def optional(self, name: str, read: Callable[..., _V], *given: object) -> _V | None:
        """Return what a reader makes of a field, or None where the record has none."""
        return self.read(name, read, *given) if name in self.fields else None

    def every(self, name: str, read: Callable[..., _V], *given: object) -> tuple[_V, ...]:
        """Return what a reader makes of each member of a field, as `members` has them."""
        return tuple(converted(one, f"{self.where}.{name}", read, *given) for one in members(self.fields.get(name)))

    def headings(self, name: str) -> Fields:
        """Return a field that is a mapping; an empty one where the record has none or has it empty."""
        found = self.fields.get(name)
        if isinstance(found, Fields):
            return found
        if found:
            raise Fault(found.line, name, "no mapping", "write kind/slug: and what belongs to it")
        return Fields()


def members(value: Located | None) -> Sequence[Located]:
    """Return the members of a sequence; a single value stands for a sequence of one, None for an empty one."""
    if value is None:
        return ()
    return value if isinstance(value, Listed) else (value,)


def converted(value: Located, field: str, read: Callable[..., _V], *given: object) -> _V:
    """Return what a reader makes of a value's text; a ValueFault of the reader gets its line and field."""
    if not isinstance(value, Scalar) or not value:
        raise Fault(value.line, field, "no text", "write one value")
    if found := _CONTROLS.search(value):
        raise Fault(value.line, field, f"holds the control character {found[0]!r}", "take it out")
    try:
        return read(str(value), *given)
    except ValueFault as fault:
        raise Fault(value.line, field, fault.reason, fault.remedy) from fault


def term(text: str, words: Sequence[str]) -> str:
    """Return a text that is one of some words."""
    if text not in words:
        raise ValueFault(f"unknown term {text!r}", nearest(text, words))
    return text


def thing(key: str, declared: Container[str]) -> str:
    """Return the IRI of a thing that the file declares."""
    if key not in declared:
        raise ValueFault(f"{key!r} is not declared", "declare it under things: in the same file")
    return thing_iri(key)


def count(text: str) -> int:
    """Return a count."""
    if re.fullmatch(r"\d{1,9}", text) is None:
        raise ValueFault(f"{text!r} is not a count", "write digits only")
    return int(text)


def days(text: str) -> tuple[date, date]:
    """Return the earliest and latest day that a date can mean."""
    try:
        bounds = parse_date(text)
    except DateError as error:
        raise ValueFault(str(error), "correct it") from error
    if bounds.earliest is None or bounds.latest is None:
        raise ValueFault("open at one side", "give both ends, as wide as need be")
    return bounds.earliest, bounds.latest


def evidence(at: str, sha256: str, characters: int) -> Evidence:
    """Return the place that is meant in a document of a digest and a length."""
    match = _AT.fullmatch(at)
    if match is None:
        raise ValueFault(f"{at!r} is not a place", "write start-end, such as 104-198")
    start, end = int(match[1]), int(match[2])
    if not start < end <= characters:
        reason = f"{start}-{end} lies outside the document"
        raise ValueFault(reason, f"the document has code points 0 to {characters}")
    return Evidence(sha256, start, end)
