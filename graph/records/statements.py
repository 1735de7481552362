"""Records as N-Quads lines, by `statements.yaml`: text, because a million contracts are twenty million quads."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache
from importlib.resources import files
from operator import attrgetter
from typing import Any, Final, NamedTuple

import yaml

from civicgraph.graph.records.dates import parse_date
from civicgraph.graph.records.iris import BASE, short_hash, slugify
from civicgraph.graph.records.types import Text, Value, canonical_number
from civicgraph.ontology.read import PREFIXES
from civicgraph.ontology.terms import CG, CG_NS, SERVICES_NS

CPV: Final = "http://data.europa.eu/cpv/cpv/"
_NAMESPACES: Final = {**PREFIXES, "qb": "http://purl.org/linked-data/cube#"}
_XSD: Final = PREFIXES["xsd"]
_EDTF: Final = f"^^<{PREFIXES['edtf']}EDTF>"
_DECIMAL: Final = f"^^<{_XSD}decimal>"
_DATE: Final = f"^^<{_XSD}date>"
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
_ADDRESS: Final = re.compile(r"https?://[^\s<>\"{}|\\^`]+")
_SLUG: Final = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_ESCAPES: Final = str.maketrans({
    "\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f", "\x7f": "\\u007F",
    **{chr(code): f"\\u{code:04X}" for code in range(0x20) if chr(code) not in "\n\r\t\b\f"},
    "<": "\\u003C",  # so that no text looks like an IRI to what replaces organisations in the quads
})  # fmt: skip


class _Statement(NamedTuple):
    """A property, ready for a line; how its value is written, and the field without which it says nothing."""

    predicate: str
    form: Callable[[Any], str] | None
    if_known: str


class _Mapping(NamedTuple):
    """What a kind of record says: types, and statements on fields that are given, then on those that `held` gets."""

    types: tuple[str, ...]
    given: tuple[str, ...]
    held: Callable[[Any], tuple[Any, ...]]
    statements: tuple[_Statement, ...]


def statements(
    kind: str, node: str, record: object = None, graph: str = CG.established, /, **more: object
) -> list[str]:
    """Return what a record says, a line for each statement.

    Parameters
    ----------
    kind
        What the mapping calls such records.
    node
        The subject, as `thing` writes it.
    record
        Has the fields that the mapping names.
    graph
        The IRI of the graph.
    **more
        Fields that the record has not, or others than it has.
    """
    end = f" <{graph}> .\n"
    mapped = _mapping(kind, tuple(more))
    lines = [f"{node}{one}{end}" for one in mapped.types]
    values = (*[more[name] for name in mapped.given], *mapped.held(record))
    for value, statement in zip(values, mapped.statements, strict=True):
        if value is None or value == "":
            continue
        predicate, form, if_known = statement
        held = type(value)
        if held is tuple or held is list:
            lines += [f"{node}{predicate}{(form or _BY_TYPE[type(one)])(one)}{end}" for one in value]
        elif (not if_known or getattr(record, if_known) is not None) and (said := (form or _BY_TYPE[held])(value)):
            lines.append(f"{node}{predicate}{said}{end}")
    return lines


def literal(text: str) -> str:
    r"""Return a text as an N-Quads literal.

    >>> literal('say "aye"')
    '"say \\"aye\\""'
    """
    # Nearly every text has nothing to escape, which is told faster than to look at each character.
    if text.isprintable() and "\\" not in text and '"' not in text and "<" not in text:
        return f'"{text}"'
    return f'"{text.translate(_ESCAPES)}"'


def thing(key: str) -> str:
    """Return a thing's IRI from its key, as N-Quads write it. The key is not checked."""
    return f"<{BASE}{key}>"


def process_node(ocid: str) -> str:
    """Return the IRI of a contracting process: its OCID where that is a slug, as the standard's own prefixes are.

    >>> process_node("ocds-b5fd17-1").rpartition("/")[2], process_node("OCDS-B5FD17/1").rpartition("/")[2]
    ('ocds-b5fd17-1>', 'ocds-b5fd17-1-3db5f639f826f7e8>')
    """
    return thing(f"process/{ocid if _SLUG.fullmatch(ocid) else f'{slugify(ocid)}-{short_hash(ocid)}'}")


def is_address(text: str) -> bool:
    """Return whether a text is an address on the web, and can stand as an IRI."""
    return _ADDRESS.fullmatch(text) is not None


def term(value: Value) -> str:
    """Return the value of a claim as an RDF term.

    >>> term(Text("5", "http://www.w3.org/2001/XMLSchema#decimal"))
    '"5"^^<http://www.w3.org/2001/XMLSchema#decimal>'
    """
    if isinstance(value, Text):
        return (
            literal(value.value) if value.datatype == f"{_XSD}string" else f"{literal(value.value)}^^<{value.datatype}>"
        )
    return f"<{value}>"


def _date(text: str) -> str:
    return f'"{text}"{_DATE if _DAY.fullmatch(text) else _EDTF}'


def _bound(text: str, which: str) -> str:
    """Return the earliest or latest day that an inexact date can mean; nothing for a day, which is exact."""
    day = None if _DAY.fullmatch(text) else getattr(parse_date(text), which)
    return "" if day is None else f'"{day}"{_DATE}'


_BY_TYPE: Final[Mapping[type, Callable[[Any], str]]] = {
    str: literal,
    Decimal: lambda number: f'"{canonical_number(number)}"{_DECIMAL}',
    # Days, parties and codes come again and again.
    date: lru_cache(maxsize=20_000)(lambda day: f'"{day.isoformat()}"{_DATE}'),
    bool: lambda is_so: f'"{str(is_so).lower()}"^^<{_XSD}boolean>',
    int: lambda count: f'"{count}"^^<{_XSD}integer>',
}
_FORMS: Final[Mapping[str, Callable[[Any], str]]] = {
    "iri": "<{}>".format,
    "thing": lru_cache(maxsize=20_000)(thing),
    "process": process_node,
    "claim": f"<{BASE}claim/{{}}>".format,
    "term": f"<{CG_NS}{{}}>".format,
    "vat": f"<{CG_NS}{{}}OfVat>".format,
    "service": lru_cache(maxsize=1_000)(f"<{SERVICES_NS}{{}}>".format),
    "cpv": lru_cache(maxsize=10_000)(f"<{CPV}{{}}>".format),
    "months": f'"P{{}}M"^^<{_XSD}duration>'.format,
    "address": lambda text: f"<{text}>" if is_address(text) else literal(text),
    "english": lambda text: f"{literal(text)}@en",
    "value": term,
    "date": _date,
    "earliest": lambda text: _bound(text, "earliest"),
    "latest": lambda text: _bound(text, "latest"),
}


@cache
def _mapping(kind: str, given: tuple[str, ...]) -> _Mapping:
    """Return the mapping of a kind of record, of which some fields are given beside it."""
    found = dict(_mappings()[kind])
    types = [] if " as " in found.get("rdf:type", "") else found.pop("rdf:type", [])
    said = [f" {_iri('rdf:type')} {_iri(one)}" for one in ([types] if isinstance(types, str) else types)]
    of_given: list[tuple[str, _Statement]] = []
    of_record: list[tuple[str, _Statement]] = []
    for name, told in found.items():
        field, _, form = told.partition(" as ")
        field, _, if_known = field.partition(" if ")
        statement = _Statement(f" {_iri(name)} ", _FORMS[form] if form else None, if_known)
        (of_given if field in given else of_record).append((field, statement))
    fields = [tuple(field for field, _ in those) for those in (of_given, of_record)]
    own = fields[1]
    # All at once, where there are several.
    held = attrgetter(*own) if len(own) > 1 else lambda record: tuple(getattr(record, field) for field in own)
    return _Mapping(tuple(said), fields[0], held, tuple(one for _, one in (*of_given, *of_record)))


@cache
def _mappings() -> Mapping[str, Mapping[str, Any]]:
    text = files("civicgraph.graph.records").joinpath("statements.yaml").read_text(encoding="utf-8")
    found: Mapping[str, Mapping[str, Any]] = yaml.safe_load(text)
    return found


def _iri(name: str) -> str:
    prefix, _, local = name.partition(":")
    # A term of the ontology must be one.
    return f"<{getattr(CG, local) if prefix == 'cg' else _NAMESPACES[prefix] + local}>"
