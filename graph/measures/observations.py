"""Figures as observations of the RDF Data Cube vocabulary, kept in `cg:figures` as a source of their own."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Final

from civicgraph.graph.measures.figure_columns import Figure, columns
from civicgraph.graph.records.iris import BASE, short_hash
from civicgraph.graph.records.statements import statements
from civicgraph.graph.snapshot.manifest import FIGURES
from civicgraph.graph.snapshot.snapshot import DataFolder
from civicgraph.ontology.terms import CG

_DIMENSIONS: Final = (CG.figureMeasure, CG.figureBasis, CG.figureLevel, CG.figureScope)
"""What every observation has. Dates are attributes: a dimension needs a range, and OWL 2 DL has no dates."""
_PERHAPS: Final = {"service": CG.serviceType, "place": CG.areaServed}
"""Columns that are dimensions where every figure of a cube has them, as the Data Cube's constraint IC-11 asks."""
_ATTRIBUTES: Final = (
    *(CG.figureBasis, CG.figureLevel, CG.serviceType, CG.areaServed, CG.start, CG.end, CG.currency),
    *(CG.suppliersCounted, CG.buyersCounted, CG.contractsCounted, CG.coverage, CG.excluded),
)
"""What is an attribute where it is not a dimension."""
_IN_WORDS: Final = ("service", "place", "from", "to", "currency")
"""What a figure is of: no other scope of its basis and level has the same in these."""
_SEVERAL: Final = ("service", "place")
"""Columns that have all service types or places of a scope in one cell."""


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
        count = sum("cube#Observation>" in line for line in lines)
        report = {"read": count, "loaded": count, "guarded": {}, "rejected": {}, "rejects_file": None}
        quads = "".join(sorted(lines)).encode()
        writer.add(source, FIGURES, f"Concentration figures {source}", quads, report)
        writer.publish()
    return source, count


def source_id(found: Sequence[Figure]) -> str:
    """Return the id of the source that figures are kept as: one for each scope and kind of figures."""
    scopes = sorted({repr(_scope(figure)) for figure in found})
    return f"figures-{short_hash(*sorted({_by(figure) for figure in found}), *scopes, length=12)}"


def observations(found: Sequence[Figure], origins: Iterable[str]) -> Iterator[str]:
    """Yield N-Quads: a data set with its structure, and an observation for each figure and measure that has a value.

    Parameters
    ----------
    found
        The figures.
    origins
        Ids of the sources that they were worked out from.
    """
    cube = f"{BASE}source/{source_id(found)}"
    structure = f"{cube}/structure"
    told = {"label": "Concentration figures", "structure": structure, "sources": [f"source/{one}" for one in origins]}
    yield from statements("DataSet", f"<{cube}>", None, CG.figures, **told)
    more = [term for column, term in _PERHAPS.items() if all(row.get(column) for row in found)]
    if found and not any("market" in row for row in found):
        more.append(CG.ofParty)
    yield from _structure(structure, [*_DIMENSIONS, *more])
    for row in found:
        for measure in columns("saved of a market" if "market" in row else "saved of a party"):
            if isinstance(row.get(measure), int | float):
                yield from _observation(row, measure, cube)


def _structure(structure: str, dimensions: Sequence[str]) -> Iterator[str]:
    attributes = [term for term in _ATTRIBUTES if term not in dimensions]
    roles = dict.fromkeys(dimensions, "dimension") | dict.fromkeys(attributes, "attribute")
    roles[CG.figureValue] = "measure"
    components = {f"{structure}/{term.rpartition('#')[2].lower()}": (role, term) for term, role in roles.items()}
    yield from statements("Structure", f"<{structure}>", None, CG.figures, components=list(components))
    for component, told in components.items():
        cells = dict.fromkeys(("dimension", "attribute", "measure")) | dict([told])
        yield from statements("Component", f"<{component}>", None, CG.figures, **cells)


def _observation(row: Figure, measure: str, cube: str) -> list[str]:
    by = _by(row)
    party = None if by == "market" else row[by]
    digest = short_hash(repr(_scope(row)), str(party), by, measure, length=20)
    columns = (*_SEVERAL, "basis", "level", "from", "to", "currency", "suppliers", "buyers", "contracts", "excluded")
    cells: dict[str, object] = {name: row.get(name) for name in columns}
    cells |= {name: str(row.get(name) or "").split(", ") if row.get(name) else None for name in _SEVERAL}
    coverage = row.get("coverage")
    said = {
        **cells,
        "coverage": None if coverage is None else Decimal(str(coverage)),
        "value": Decimal(str(row[measure])),
        "cube": cube,
        "label": f"{row['market' if by == 'market' else 'name']}: {measure}",
        "measure": measure,
        "scope": ", ".join(f"{name} {row[name]}" for name in _IN_WORDS if row.get(name)) or "everything",
        "party": party,
    }
    return statements("Observation", f"<{BASE}figure/{digest}>", None, CG.figures, **said)


def _scope(row: Figure) -> tuple[object, ...]:
    return tuple(row.get(name) for name in (*_IN_WORDS[:4], "basis", "level", "currency"))


def _by(row: Figure) -> str:
    """Return whose figure a row is: it begins with that column."""
    return next(iter(row))
