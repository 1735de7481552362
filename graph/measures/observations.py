"""Figures as observations of the RDF Data Cube vocabulary, kept in `cg:figures` as a source of their own."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Final

from civicgraph.graph.measures.figure_columns import Cell, Figure, MarketFigure, SupplierFigure, as_row
from civicgraph.graph.records.iris import BASE, short_hash
from civicgraph.graph.records.statements import literal
from civicgraph.graph.records.types import canonical_number
from civicgraph.graph.snapshot.manifest import FIGURES
from civicgraph.graph.snapshot.snapshot import DataFolder
from civicgraph.ontology.read import PREFIXES
from civicgraph.ontology.terms import CG

_QB: Final = "http://purl.org/linked-data/cube#"
_TYPE, _LABEL = f"<{PREFIXES['rdf']}type>", f"<{PREFIXES['rdfs']}label>"
_XSD: Final = PREFIXES["xsd"]
_DERIVED: Final = f"<{PREFIXES['prov']}wasDerivedFrom>"
_GRAPH: Final = f"<{CG.figures}> .\n"

_MARKET: Final = (
    "hhi", "hhi_low", "hhi_high", "hhi_unresolved", "hhi_if_refused", "hhi_if_taken", "cr1", "cr4", "cr5",
    "effective_suppliers", "gini", "winner_concentration", "core_share", "total",
)  # fmt: skip
_PARTY: Final = (
    "total", "share", "hhi_buyers", "hhi_suppliers", "hhi_services", "hhi_places", "dependent_buyers", "depends_on",
    "sole_supplier_of", "sole_supplied", "winner_concentration", "pagerank", "betweenness", "core_number",
)  # fmt: skip
_DIMENSIONS: Final = (CG.figureMeasure, CG.figureBasis, CG.figureLevel, CG.figureScope)
"""What every observation has. Dates are attributes: a dimension needs a range, and OWL 2 DL has no dates."""
_PERHAPS: Final = {"service": CG.serviceType, "place": CG.areaServed}
"""Columns that are dimensions where every figure of a cube has them, as the Data Cube's constraint IC-11 asks."""


def save_figures(folder: DataFolder, found: Sequence[Figure]) -> tuple[str, int]:
    """Keep figures in a data folder as a source, in place of earlier ones of the same scope.

    Returns
    -------
    tuple
        The id of the source, and how many observations it holds.

    Raises
    ------
    BusyError
        Another process is loading into the same folder.
    """
    with folder.writing() as writer:
        origins = [source.id for source in writer.sources.values() if source.kind != FIGURES]
        lines = list(observations(found, origins))
        source = source_id(found)
        count = sum(f"<{_QB}Observation>" in line for line in lines)
        report = {"read": count, "loaded": count, "guarded": {}, "rejected": {}, "rejects_file": None}
        quads = "".join(sorted(lines)).encode()
        writer.add(source, FIGURES, f"Concentration figures {source}", quads, report)
        writer.publish()
    return source, count


def source_id(found: Sequence[Figure]) -> str:
    """Return the id of the source that figures are kept as: one for each scope and kind of figures."""
    scopes = sorted({repr(_scope(figure)) for figure in found})
    return f"figures-{short_hash(*sorted({type(figure).__name__ for figure in found}), *scopes, length=12)}"


def observations(found: Sequence[Figure], origins: Iterable[str]) -> Iterator[str]:
    """Yield N-Quads: a data set with its structure, and an observation for each figure and measure that has a value.

    Parameters
    ----------
    found
        The figures.
    origins
        Ids of the sources that they were worked out from.
    """
    cube = f"<{BASE}source/{source_id(found)}>"
    structure = f"<{BASE}source/{source_id(found)}/structure>"
    sources = [f"<{BASE}source/{origin}>" for origin in origins]
    yield f"{cube} {_TYPE} <{_QB}DataSet> {_GRAPH}"
    yield f"{cube} {_LABEL} {literal('Concentration figures')} {_GRAPH}"
    yield f"{cube} <{_QB}structure> {structure} {_GRAPH}"
    for origin in sources:
        yield f"{cube} {_DERIVED} {origin} {_GRAPH}"
    rows = [as_row(figure) for figure in found]
    more = [term for column, term in _PERHAPS.items() if all(row.get(column) for row in rows)]
    if rows and not any(isinstance(figure, MarketFigure) for figure in found):
        more.append(CG.ofParty)
    yield from _structure(structure, [*_DIMENSIONS, *more])
    for figure, row in zip(found, rows, strict=True):
        for measure in _MARKET if isinstance(figure, MarketFigure) else _PARTY:
            value = row.get(measure)
            if isinstance(value, int | float):
                yield from _observation(figure, row, measure, value, cube)


def _structure(structure: str, dimensions: Sequence[str]) -> Iterator[str]:
    yield f"{structure} {_TYPE} <{_QB}DataStructureDefinition> {_GRAPH}"
    attributes = [term for term, _ in _COLUMNS.values() if term not in dimensions]
    roles = dict.fromkeys(dimensions, "dimension") | dict.fromkeys(attributes, "attribute")
    for term, role in {**roles, CG.figureValue: "measure"}.items():
        component = f"{structure[:-1]}/{term.rpartition('#')[2].lower()}>"
        yield f"{structure} <{_QB}component> {component} {_GRAPH}"
        yield f"{component} {_TYPE} <{_QB}ComponentSpecification> {_GRAPH}"
        yield f"{component} <{_QB}{role}> <{term}> {_GRAPH}"


def _observation(figure: Figure, row: dict[str, Cell], measure: str, value: float, cube: str) -> Iterator[str]:
    of_market = isinstance(figure, MarketFigure)
    party = None if of_market else row["supplier" if isinstance(figure, SupplierFigure) else "buyer"]
    node = f"<{BASE}figure/{short_hash(repr(_scope(figure)), str(party), type(figure).__name__, measure, length=20)}>"
    parts = (f"{name} {row[name]}" for name in _IN_WORDS if row.get(name) not in (None, ""))
    said = {
        f"<{_QB}dataSet>": cube,
        _LABEL: literal(f"{row['market' if of_market else 'name']}: {measure}"),
        f"<{CG.figureMeasure}>": literal(measure),
        f"<{CG.figureScope}>": literal(", ".join(parts) or "everything"),
        f"<{CG.figureValue}>": _typed(value, "decimal"),
        **({} if party is None else {f"<{CG.ofParty}>": f"<{party}>"}),
    }
    for kind in (f"{_QB}Observation", CG.Figure):
        yield f"{node} {_TYPE} <{kind}> {_GRAPH}"
    for term, written in said.items():
        yield f"{node} {term} {written} {_GRAPH}"
    for column, (term, kind) in _COLUMNS.items():
        cell = row.get(column)
        # A scope of several service types or places has them all in one cell.
        for one in () if cell in (None, "") else str(cell).split(", ") if kind == "IRI" else (cell,):
            yield f"{node} <{term}> {_typed(one, kind)} {_GRAPH}"


def _typed(value: Cell, kind: str) -> str:
    """Return a cell as a term: an IRI, a text, or a literal of a type of XML Schema."""
    if kind == "IRI":
        return f"<{value}>"
    if kind == "string":
        return literal(str(value))
    return f'"{canonical_number(Decimal(str(value))) if kind == "decimal" else value}"^^<{_XSD}{kind}>'


_COLUMNS: Final[dict[str, tuple[str, str]]] = {
    "basis": (CG.figureBasis, "string"),
    "level": (CG.figureLevel, "string"),
    "service": (CG.serviceType, "IRI"),
    "place": (CG.areaServed, "IRI"),
    "from": (CG.start, "date"),
    "to": (CG.end, "date"),
    "currency": (CG.currency, "string"),
    "suppliers": (CG.suppliersCounted, "integer"),
    "buyers": (CG.buyersCounted, "integer"),
    "contracts": (CG.contractsCounted, "integer"),
    "coverage": (CG.coverage, "decimal"),
    "excluded": (CG.excluded, "string"),
}
"""What columns of a figure become of an observation, and how they are written."""
_IN_WORDS: Final = ("service", "place", "from", "to", "currency")
"""What a figure is of: no other scope of its basis and level has the same in these."""


def _scope(figure: Figure) -> tuple[Cell, ...]:
    row = as_row(figure)
    return tuple(row.get(name) for name in (*_IN_WORDS[:4], "basis", "level", "currency"))
