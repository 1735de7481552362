"""Plain RDF files: any syntax the engine reads, blank nodes refused, triples without a graph established."""

import re
from pathlib import Path
from typing import Final

from pyoxigraph import BlankNode, DefaultGraph, Quad, RdfFormat, Triple, parse

from civicgraph.graph.records.quads import ESTABLISHED
from civicgraph.seeds_loader.faults import SourceFileError

_FORMATS: Final = {
    ".ttl": RdfFormat.TURTLE,
    ".trig": RdfFormat.TRIG,
    ".nt": RdfFormat.N_TRIPLES,
    ".nq": RdfFormat.N_QUADS,
    ".rdf": RdfFormat.RDF_XML,
    ".owl": RdfFormat.RDF_XML,
    ".jsonld": RdfFormat.JSON_LD,
}
_NESTED_ENTITY: Final = re.compile(rb"<!ENTITY[^>]*&(?!#)")
"""An XML entity made of entities: ten lines of them stand for gigabytes."""


def read_rdf(path: Path) -> list[Quad]:
    """Return the quads of an RDF file; its syntax is known by the file's ending.

    Raises
    ------
    SourceFileError
        The ending is not known, the file cannot be read or parsed, or it holds a blank node.
    """
    syntax = _FORMATS.get(path.suffix.lower())
    if syntax is None:
        raise SourceFileError(path.name, None, "its ending names no RDF syntax", f"use {', '.join(_FORMATS)}")
    quads = []
    try:
        if syntax == RdfFormat.RDF_XML and _NESTED_ENTITY.search(path.read_bytes()):
            raise SourceFileError(path.name, None, "an entity made of other entities", "write it out")
        for quad in parse(path=str(path), format=syntax):
            if any(_holds_blank(term) for term in (quad.subject, quad.object, quad.graph_name)):
                reason = f"a blank node at {quad.predicate}"
                raise SourceFileError(path.name, None, reason, "give it an IRI, or loading twice would double it")
            graph = ESTABLISHED if isinstance(quad.graph_name, DefaultGraph) else quad.graph_name
            quads.append(Quad(quad.subject, quad.predicate, quad.object, graph))
    except SyntaxError as error:
        raise SourceFileError(path.name, error.lineno, error.msg, "correct it there") from error
    except OSError as error:
        raise SourceFileError(path.name, None, error.strerror or str(error), "name a readable file") from error
    return quads


def _holds_blank(term: object) -> bool:
    if isinstance(term, Triple):
        return _holds_blank(term.subject) or _holds_blank(term.object)
    return isinstance(term, BlankNode)
