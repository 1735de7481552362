"""What a claim's property makes of the text that stands for its value."""

import re
from collections.abc import Container
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Final, NamedTuple

from civicgraph.graph.records.dates import DateError, parse_date
from civicgraph.graph.records.iris import BASE, thing_iri
from civicgraph.graph.records.types import Text, Value, canonical_number
from civicgraph.ontology.read import PREFIXES, Term, classes, properties, vocabulary
from civicgraph.ontology.schemes import service_types
from civicgraph.ontology.terms import CG, CG_NS, SERVICES_NS
from civicgraph.seeds_loader.faults import ValueFault, nearest

_XSD: Final = PREFIXES["xsd"]
_MAX_NUMBER: Final = Decimal(10) ** 15
_MAX_DECIMALS: Final = 12
_DOMAIN_INCLUDES: Final = "http://schema.org/domainIncludes"
_OF_RECORDS: Final = frozenset({CG.Claim, CG.Correction, CG.Document, CG.Source, CG.View, CG.ViewRule})
_DURATION: Final = re.compile(r"P(?=\d)(\d+Y)?(\d+M)?(\d+W)?(\d+D)?")


class ReadValue(NamedTuple):
    """A claim's value, with the derived bounds of a date that names no single day."""

    value: Value
    bounds: tuple[tuple[str, date], ...] = ()


@cache
def properties_of_things() -> tuple[str, ...]:
    """Return the names of the properties that describe things, not claims, documents or corrections.

    >>> "provider" in properties_of_things(), "issuedLatest" in properties_of_things()
    (True, False)
    """
    from rdflib import RDFS, URIRef  # noqa: PLC0415 - half a second that most commands need not spend

    graph = vocabulary()

    def described_by(iri: str) -> set[str]:
        return {str(cls) for of in (RDFS.domain, _DOMAIN_INCLUDES) for cls in graph.objects(URIRef(iri), URIRef(of))}

    return tuple(name for name, term in properties().items() if not described_by(term.iri) <= _OF_RECORDS)


def read_value(text: str, term: Term, declared: Container[str]) -> ReadValue:
    """Return what a property makes of a text.

    Parameters
    ----------
    text
        The value as the file gives it.
    term
        The property.
    declared
        The keys of the things that the file declares.

    Raises
    ------
    ValueFault
        The text is not a value of that property.
    """
    if term.is_date:
        return _read_date(term, text)
    if term.is_link:
        return ReadValue(_read_link(term, text, declared))
    datatype = term.range
    if datatype in (_XSD + "decimal", _XSD + "integer"):
        text = _read_number(text)
    elif datatype == _XSD + "boolean":
        if text not in ("true", "false"):
            raise ValueFault(f"{text!r} is neither true nor false", "write one of the two")
    elif datatype == _XSD + "duration":
        if _DURATION.fullmatch(text) is None:
            raise ValueFault(f"{text!r} is not a duration", "write years, months or days as in P13Y or P18M")
    else:
        datatype = _XSD + "string"
        if term.iri == CG.currency and re.fullmatch(r"[A-Z]{3}", text) is None:
            raise ValueFault(f"{text!r} is not a currency", "write the three letters of ISO 4217, such as GBP")
    return ReadValue(Text(text, datatype))


def read_class(name: str) -> str:
    """Return the IRI of an ontology class.

    Raises
    ------
    ValueFault
        There is no such class.
    """
    if name not in classes():
        raise ValueFault(f"{name!r} is not a class of the ontology", nearest(name, classes()))
    return CG_NS + name


def _read_date(term: Term, text: str) -> ReadValue:
    try:
        bounds = parse_date(text)
    except DateError as error:
        raise ValueFault(f"{text!r} is not a date", "give a day (2014-03-03), a month, a year, or EDTF") from error
    if bounds.earliest is None and bounds.latest is None:
        raise ValueFault(f"{text!r} is not a date", "give at least one end, or leave the claim out")
    if bounds.is_exact and bounds.earliest is not None:
        return ReadValue(Text(bounds.earliest.isoformat(), _XSD + "date"))
    ends = (term.lower_bound, bounds.earliest), (term.upper_bound, bounds.latest)
    derived = [(predicate, day) for predicate, day in ends if predicate is not None and day is not None]
    return ReadValue(Text(text, PREFIXES["edtf"] + "EDTF"), tuple(derived))


def _read_link(term: Term, text: str, declared: Container[str]) -> str:
    if term.range == CG.ServiceType:
        if text not in service_types():
            raise ValueFault(f"{text!r} is not a service type", nearest(text, service_types()))
        return SERVICES_NS + text
    try:
        iri = thing_iri(text, BASE)
    except ValueError as error:
        raise ValueFault(str(error), "name a thing, such as organisation/serco") from error
    if text not in declared:
        raise ValueFault(f"{text!r} is not declared", "declare it under things: in the same file")
    return iri


def _read_number(text: str) -> str:
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise ValueFault(f"{text!r} is not a number", "write digits only, such as 385000000") from error
    if not number.is_finite() or abs(number) >= _MAX_NUMBER:
        raise ValueFault(f"{text!r} is not a number that can be meant", "write it in full, below 10^15")
    if -int(number.as_tuple().exponent) > _MAX_DECIMALS:
        raise ValueFault(f"{text!r} is not a number that can be meant", f"give at most {_MAX_DECIMALS} decimals")
    return canonical_number(number)
