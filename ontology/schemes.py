"""The SKOS schemes: delivery models, and service types with matches to CPV out of the table that classifies codes."""

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Final, NamedTuple

import yaml

from civicgraph.ontology.read import PREFIXES, graph_of, read_text
from civicgraph.ontology.terms import CG, SERVICES_NS

if TYPE_CHECKING:
    from rdflib import Graph

CPV_NS: Final = "http://data.europa.eu/cpv/cpv/"
"""Where the codes of the Common Procurement Vocabulary live."""
_SHORTEST: Final = 2
_CODE: Final = 8
_SCHEME: Final = "https://w3id.org/civicgraph/services"


class Match(NamedTuple):
    """What codes that begin alike mean: a service type, and whether the match is exact, close, narrow or broad."""

    service: str
    kind: str


@cache
def cpv_table() -> dict[str, Match | None]:
    """Return the match of each beginning of a code; None where a branch is of no type.

    >>> cpv_table()["48445"]
    Match(service='crm', kind='close')
    """
    rows: dict[str, str | None] = yaml.safe_load(read_text("cpv.yaml"))
    return {code: None if row is None else Match(*row.split()) for code, row in rows.items()}


def service_of_code(code: str) -> str | None:
    """Return the service type of a code: that of the longest beginning in the table.

    >>> service_of_code("48445000"), service_of_code("45000000")
    ('crm', None)
    """
    table = cpv_table()
    for length in range(min(len(code), _CODE), _SHORTEST - 1, -1):
        if code[:length] in table:
            found = table[code[:length]]
            return None if found is None else found.service
    return None


def cpv_matches() -> Iterator[tuple[str, str, str]]:
    """Yield the matches as triples of IRIs: from type to code, or from the scheme to a branch that is of no type.

    >>> next(cpv_matches())[2]
    'http://data.europa.eu/cpv/cpv/30000000'
    """
    for code, match in cpv_table().items():
        whole = CPV_NS + code.ljust(_CODE, "0")
        if match is None:
            yield _SCHEME, CG.outOfScheme, whole
        else:
            yield SERVICES_NS + match.service, f"{PREFIXES['skos']}{match.kind}Match", whole


@cache
def scheme_text() -> str:
    """Return the service scheme with its matches to CPV, as Turtle."""
    lines = "".join(f"<{s}> <{p}> <{o}> .\n" for s, p, o in cpv_matches())
    return f"{read_text('services.ttl')}\n# Matches to CPV, made from the table that classifies contracts.\n\n{lines}"


def scheme_texts() -> tuple[str, ...]:
    """Return each scheme as Turtle: service types, delivery models."""
    return scheme_text(), read_text("delivery.ttl")


@cache
def service_scheme() -> "Graph":
    """Return the scheme of service types, with its matches to CPV, as an rdflib graph. Not to be changed."""
    return graph_of(scheme_text())


@cache
def delivery_scheme() -> "Graph":
    """Return the scheme of delivery models as an rdflib graph. Not to be changed."""
    return graph_of(read_text("delivery.ttl"))


@cache
def service_types() -> frozenset[str]:
    """Return the slugs of the service scheme's concepts.

    >>> "payroll" in service_types()
    True
    """
    from rdflib import RDF, SKOS  # noqa: PLC0415

    return frozenset(
        str(subject).removeprefix(SERVICES_NS) for subject in service_scheme().subjects(RDF.type, SKOS.Concept)
    )
