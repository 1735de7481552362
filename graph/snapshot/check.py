"""Whether a snapshot is sound: SHACL shapes over its claims and things, integrity rules over its graphs."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final, Literal

from pyoxigraph import Literal as RdfLiteral
from pyoxigraph import NamedNode, Quad, RdfFormat, serialize

from civicgraph.graph.engine.interface import Engine
from civicgraph.graph.records.quads import ESTABLISHED, RDF_TYPE, RDFS_LABEL
from civicgraph.ontology.read import ONTOLOGY_IRI, PREFIXES, integrity_rules, shapes
from civicgraph.ontology.terms import CG

if TYPE_CHECKING:
    from rdflib import Graph
    from rdflib.term import Node

Severity = Literal["Violation", "Warning", "Info"]
"""SHACL's words."""

WHOLE: Final = 200_000
"""Up to so many quads, the shapes look at everything."""
SAMPLE: Final = 500
"""In a larger snapshot, how many things of each class they look at, the first in the order of their IRIs."""

_ORDER: Final[tuple[Severity, ...]] = ("Violation", "Warning", "Info")
_ONTOLOGY: Final = NamedNode(ONTOLOGY_IRI)
_ALWAYS: Final = frozenset({CG.Claim, CG.Correction, CG.Document, CG.Source})
_OA: Final = PREFIXES["oa"]
_SHACL: Final = "http://www.w3.org/ns/shacl#"


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault of the data: how grave, what it is about, and what would be right."""

    severity: Severity
    focus: str
    label: str | None
    message: str
    path: str | None = None
    value: str | None = None


def check(engine: Engine, whole: int = WHOLE, sample: int = SAMPLE) -> list[Finding]:
    """Return what is wrong with a snapshot, the gravest first.

    The integrity rules look at every quad. The shapes look at everything in a snapshot of up to `whole` quads; in
    a larger one, where SHACL is too slow, at all claims and documents and a sample of the rest, and a finding of
    severity Info says so.

    Parameters
    ----------
    engine
        The snapshot.
    whole
        Up to so many quads the shapes look at everything.
    sample
        How many things of each class they look at otherwise.

    Examples
    --------
    >>> from civicgraph.graph.engine.embedded import EmbeddedEngine
    >>> from pyoxigraph import Store
    >>> check(EmbeddedEngine(Store(), "empty"))
    []
    """
    found = {*_broken_rules(engine)}
    if sum(1 for _ in islice(engine.quads(), whole + 1)) <= whole:
        quads = (quad for quad in engine.quads() if quad.graph_name != _ONTOLOGY)
        found |= {*_broken_shapes(engine, quads)}
    else:
        nodes, left_out = _sample(engine, sample)
        chosen = {node.value for node in nodes}
        found |= {one for one in _broken_shapes(engine, _about(engine, nodes)) if one.focus in chosen}
        found |= {
            Finding("Info", cls, None, f"The shapes looked at a sample of these and left out {count}.")
            for cls, count in left_out.items()
        }
    return sorted(
        found, key=lambda one: (_ORDER.index(one.severity), one.message, one.focus, one.path or "", one.value or "")
    )


def _broken_rules(engine: Engine) -> Iterator[Finding]:
    for rule in integrity_rules():
        for row in engine.select(rule.sparql):
            focus, detail = row["focus"], row.get("detail")
            if focus is not None:
                text = None if detail is None else detail.value
                yield Finding(rule.severity, focus.value, _label(engine, focus.value), rule.message, value=text)


def _broken_shapes(engine: Engine, quads: Iterable[Quad]) -> Iterator[Finding]:
    from pyshacl import validate  # noqa: PLC0415 - a second that only this command needs to spend
    from rdflib import RDF, Graph, URIRef  # noqa: PLC0415

    data, ontology = _graph(quads), _graph(engine.quads(None, None, None, _ONTOLOGY))
    _, report, _ = validate(data, shacl_graph=shapes(), ont_graph=ontology, inference="none", inplace=True)
    _forget_frames()
    if not isinstance(report, Graph):
        msg = f"the shapes could not be applied: {report!r}"
        raise TypeError(msg)

    def one(result: "Node", name: str) -> "Node | None":
        return report.value(result, URIRef(_SHACL + name))

    for result in report.subjects(RDF.type, URIRef(_SHACL + "ValidationResult")):
        focus, severity = (str(one(result, name)) for name in ("focusNode", "resultSeverity"))
        path, value = one(result, "resultPath"), one(result, "value")
        yield Finding(
            next((one for one in _ORDER if severity == _SHACL + one), "Violation"),
            focus,
            _label(engine, focus),
            str(one(result, "resultMessage")),
            str(path) if isinstance(path, URIRef) else None,
            None if value is None or str(value) == focus else str(value),
        )


def _label(engine: Engine, iri: str) -> str | None:
    labels = (q.object for q in engine.quads(NamedNode(iri), RDFS_LABEL, None, ESTABLISHED))
    return min((label.value for label in labels if isinstance(label, RdfLiteral)), default=None)


def _graph(quads: Iterable[Quad]) -> "Graph":
    from rdflib import Graph  # noqa: PLC0415

    ntriples = serialize((quad.triple for quad in quads), format=RdfFormat.N_TRIPLES)
    return Graph().parse(data=ntriples, format="nt")


def _sample(engine: Engine, size: int) -> tuple[set[NamedNode], dict[str, int]]:
    classes: defaultdict[str, set[str]] = defaultdict(set)
    for quad in engine.quads(None, RDF_TYPE, None):
        if quad.graph_name != _ONTOLOGY and isinstance(quad.object, NamedNode) and isinstance(quad.subject, NamedNode):
            classes[quad.object.value].add(quad.subject.value)
    chosen: set[str] = set()
    for cls, members in classes.items():
        everything = cls in _ALWAYS or cls.startswith(_OA)
        chosen.update(members if everything else sorted(members)[:size])
    left_out = {cls: len(classes[cls] - chosen) for cls in sorted(classes) if not classes[cls] <= chosen}
    return {NamedNode(iri) for iri in chosen}, left_out


def _about(engine: Engine, nodes: set[NamedNode]) -> Iterator[Quad]:
    """Yield what is said of some things, what they are said to be of others, and what those others are."""
    beside: set[NamedNode] = set()
    for node in nodes:
        for quad in engine.quads(node, None, None):
            yield quad
            if isinstance(quad.object, NamedNode):
                beside.add(quad.object)
        yield from engine.quads(None, None, node)
    for other in beside.difference(nodes):
        yield from engine.quads(other, RDF_TYPE, None)


def _forget_frames() -> None:
    """Empty the cache of rdflib's parser in the thread that filled it.

    The cache keeps exceptions, and they the frames above the parser with all that is in them. The engine's results may
    only be let go by the thread that made them, and the next parse, in any thread, would let these go.
    """
    from pyparsing import ParserElement  # noqa: PLC0415

    ParserElement.reset_cache()
