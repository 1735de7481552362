"""Values of query results as a page shows them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from pyoxigraph import Literal, NamedNode

from civicgraph.api.pages.rendering import day
from civicgraph.api.pages.words import spelt, words
from civicgraph.graph.engine.interface import Row
from civicgraph.ontology.read import PREFIXES

_NUMBERS: Final = {PREFIXES["xsd"] + name for name in ("decimal", "integer")}
_SPAN: Final = re.compile(r"\[?\d{4}(?:-\d\d){0,2}[~?%]?(?:(?:/|\.\.)(?:\d{4}(?:-\d\d){0,2})?[~?%]?)?\]?")
"""A day, month or year as documents give them, of which some are plain texts in the data."""
_DECIMALS: Final = 6
_LONG: Final = 20
"""Decimals from which on a number is left as it is."""
_DAYS: Final = {PREFIXES["xsd"] + "date", PREFIXES["edtf"] + "EDTF"}
_LENGTH: Final = re.compile(r"P(?:(?P<years>\d+)Y)?(?:(?P<months>\d+)M)?(?:(?P<days>\d+)D)?")


@dataclass(frozen=True, slots=True)
class Node:
    """A value on a page: its text, and its IRI where it is a thing."""

    text: str
    iri: str | None = None


def text_of(row: Row, name: str) -> str:
    """Return a variable's value as text; empty where it is unbound or not selected."""
    term = row.get(name)
    return "" if term is None else term.value


def node_of(row: Row, name: str, label: str | None = None) -> Node:
    """Return a variable's value with its label, which stands in `label`, or else in the variable's name with Label."""
    term, named = row.get(name), row.get(f"{name}Label" if label is None else label)
    if isinstance(term, NamedNode):
        return Node(named.value if named is not None else spelt(term.value), term.value)
    return Node("" if term is None else readable(term))


def told(row: Row) -> Mapping[str, Node | str]:
    """Return the values of a row by name: things as nodes, with what stands in the variable of that name with Label."""
    return {
        name: node_of(row, name) if isinstance(term, NamedNode) else text_of(row, name) for name, term in row.items()
    }


def readable(literal: Literal) -> str:
    """Return a literal as it is read: numbers with their thousands set off, days and durations in words.

    >>> readable(Literal("2021-03-26~", datatype=NamedNode(PREFIXES["edtf"] + "EDTF")))
    'about 26 March 2021'
    >>> readable(Literal("P13Y", datatype=NamedNode(PREFIXES["xsd"] + "duration"))), readable(Literal(True))
    ('13 years', 'yes')
    """
    kind, text = literal.datatype.value, literal.value
    if kind in _NUMBERS and text.lstrip("+-").replace(".", "", 1).isdigit():
        decimals = len(text.partition(".")[2])
        number = Decimal(text)
        return f"{round(number, _DECIMALS) if _DECIMALS < decimals < _LONG else number:,f}"
    if kind in _DAYS or (kind == PREFIXES["xsd"] + "string" and len(text) > len("2019") and _SPAN.fullmatch(text)):
        return day(text)
    if kind == PREFIXES["xsd"] + "boolean":
        return "yes" if text in ("true", "1") else "no"
    length = _LENGTH.fullmatch(text) if kind == PREFIXES["xsd"] + "duration" else None
    if length is None:
        return str(words("values").get(text, text))
    parts = [(length[name], name) for name in ("years", "months", "days") if length[name]]
    return ", ".join(f"{count} {name if count != '1' else name[:-1]}" for count, name in parts) or text


def is_iri(text: str) -> bool:
    """Return whether a text can be the IRI of anything.

    >>> is_iri("https://example.org/a"), is_iri("https://example.org/<a>")
    (True, False)
    """
    try:
        NamedNode(text)
    except ValueError:
        return False
    return True
